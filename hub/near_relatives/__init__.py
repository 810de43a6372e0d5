"""近亲属备案: relatives of officials among those who are helped, declared and watched (46-4.3)."""
