"""Benchmarks: what the service does in a second, what it costs, and how that compares to the same job written by hand on Flask and RQ."""
