"""Statements of withdrawal: taken, acknowledged, matched with their orders, and watched over until the money is back."""
