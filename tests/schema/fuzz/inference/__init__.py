"""Whether the open data of a grant predicts a fact that it does not open: plain conditional frequencies over complete
responses."""
