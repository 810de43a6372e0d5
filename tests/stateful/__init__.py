"""Random commands of random agencies, against a model in plain Python."""
