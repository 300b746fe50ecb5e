"""An order's metadata, where plugins keep what WooCommerce has no field for: often dozens of entries, a few of which mean something."""

from __future__ import annotations

from typing import Any

from connectors.reading import Part, line

Metas = list[tuple[str, Any]]
"""(key, value) in the shop's order; a key may come several times."""
EXCHANGE_OF = "_postventa_exchange_of"
"""In an order that we made for an exchange: the number of the one whose goods it replaces."""


def metas(part: Part) -> Metas:
    """The entries of `meta_data`: clean keys, values as they are."""
    listed = part.raw.get("meta_data")
    return [(line(entry.get("key")), entry.get("value")) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def has(part: Part, key: str) -> bool:
    """Whether there is an entry of that very key."""
    listed = part.raw.get("meta_data")
    return isinstance(listed, list) and any(isinstance(entry, dict) and entry.get("key") == key for entry in listed)
