"""追回: getting back what was wrongly paid (46-4.3)."""
