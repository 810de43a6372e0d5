"""Who looked at a household, as the family is told."""
