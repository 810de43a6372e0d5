"""The source of each shared field, and the changes of each event, as far as a grant may read them (46-2.2)."""
