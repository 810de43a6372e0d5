"""Whether what a grant opens predicts a fact that it does not open: plain conditional frequencies over whole answers."""
