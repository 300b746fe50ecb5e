"""The same job as others would write it, so that each run prints the ratio."""
