"""Where each shared field comes from, and what each event changed, as far as a grant may know (46-2.2)."""
