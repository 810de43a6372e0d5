"""Benchmarks: systems measured side by side in one run, without assertions."""
