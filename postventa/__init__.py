"""Postventa: everything that happens after the purchase, by itself, at the right moment, and never twice."""

__version__ = "0.1.0"
