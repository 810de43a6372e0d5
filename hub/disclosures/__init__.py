"""公示: lists of who is certified or helped, masked as the law asks, for a township or village and a month (46-4.3)."""
