"""What the hub is measured against: other ways to serve the same rows."""
