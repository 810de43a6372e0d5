"""What a county extended to whom (46-3.5)."""
