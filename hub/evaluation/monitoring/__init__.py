"""Monitoring (监测预警): the findings of 46-2.2 and 46-2.3, looked for in the whole population and told as alerts."""
