"""Two versions of the hub side by side, under load."""
