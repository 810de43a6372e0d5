"""Monthly standards and income lines of the categories, for each county (46-3.1, 46-3.3)."""
