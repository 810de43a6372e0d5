"""Monitoring (监测预警): searches all households for the findings of 46-2.2 and 46-2.3 and raises alerts."""
