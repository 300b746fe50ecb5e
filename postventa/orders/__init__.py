"""Orders as people who work with them ask for them: found, where they stand, and what of their money can go back. No network, no pages."""
