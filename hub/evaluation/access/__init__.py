"""Who read or wrote a household's data: the list for the family."""
