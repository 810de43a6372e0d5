"""Decisions on liability, and on honest mistakes that are tolerated (46-4.3)."""
