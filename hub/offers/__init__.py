"""Charity offers of organisations, matched with needs (46-3.6)."""
