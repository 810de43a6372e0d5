"""近亲属备案: declarations of aid recipients who are relatives of officials (46-4.3)."""
