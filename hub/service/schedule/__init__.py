"""The jobs that the service runs by itself at times of the day (46-2.2, 46-2.3); each runs once, however many processes there
are."""
