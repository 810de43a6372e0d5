"""Alerts (预警): what monitoring or an agency found, to be checked at home and disposed of (46-2.3, 46-2.4)."""
