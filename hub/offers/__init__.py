"""What organisations offer, to be matched with needs (46-3.6)."""
