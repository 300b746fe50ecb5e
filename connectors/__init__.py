"""Everything that talks to somebody else's computer, and nothing else."""
