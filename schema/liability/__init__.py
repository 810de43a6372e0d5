"""Decisions on liability (46-4.3)."""
