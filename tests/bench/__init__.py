"""The tools of the benchmarks tell the truth."""
