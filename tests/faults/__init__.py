"""Real faults, injected one after another into a database, the network to it, and two processes of the hub under load."""
