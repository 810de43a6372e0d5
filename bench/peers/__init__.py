"""The systems that the hub is compared with: other ways to serve the same rows."""
