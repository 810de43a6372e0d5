"""Faults injected for real, one after the other, into a database, the way to it, and two processes of the hub under load."""
