"""What the rules ask about products that only the shop can say, and how much of it is known. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from postventa.returns.policy.conditions import When
from postventa.returns.policy.decision import Asked
from postventa.returns.policy.document import Policy
from postventa.returns.policy.facts import LineFacts

OF_PRODUCTS = ("category", "tag", "vendor")
"""Conditions about what a shop says of its products when it is asked, which comes after the order."""


def asked(policy: Policy, line: LineFacts) -> Iterator[Asked]:
    """Only what some rule depends on, at whatever depth."""
    vendor = None if line.vendor is None else tuple(filter(None, [line.vendor]))
    known = {"category": line.categories, "tag": line.tags, "vendor": vendor}
    for name in OF_PRODUCTS:
        if any(_names(rule.when, name) for rule in policy.rules):
            yield Asked(name, known[name])


def _names(when: When, name: str) -> bool:
    return bool(getattr(when, name)) or any(_names(inner, name) for inner in when.within)
