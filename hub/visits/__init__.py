"""Visits (走访核查): home checks of households with a recommendation (46-2.3, 46-2.4)."""
