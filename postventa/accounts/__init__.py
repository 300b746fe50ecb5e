"""Accounts of the people who work with the service: roles, proofs of who they are, sessions. No web framework in here."""
