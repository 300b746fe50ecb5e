"""Connecting a shop: who waits for a merchant's approval, where the shop may send its keys, and what is said to her. No network in here."""
