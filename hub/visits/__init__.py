"""Visits (走访核查): a household seen at home, and what is recommended (46-2.3, 46-2.4)."""
