"""追回: recovering money that was paid by mistake or by a false claim (46-4.3)."""
