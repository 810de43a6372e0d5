"""Alerts (预警): findings of monitoring or of an agency, with a check at home and a disposition (46-2.3, 46-2.4)."""
