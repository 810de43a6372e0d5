"""What was changed in the fields that departments share: from what, to what (46-2.2)."""
