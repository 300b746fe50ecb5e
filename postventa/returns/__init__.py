"""Returns: which items may go back, a return's number and state, and what its label says."""
