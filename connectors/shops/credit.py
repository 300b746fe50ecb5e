"""What is left to pay of goods for which a credit stands, and what is left of the credit. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from connectors.shops.writes import Exchange

ZERO = Decimal(0)
GIVEN_AWAY = Decimal("0.02")
"""So much may be lost to rounding where tax comes on top of prices, and only ever by the shop."""
SKEW = timedelta(hours=1)
"""So far a shop's clock may be from ours: what came of a wish is looked for from that long before it."""


@dataclass(frozen=True)
class Split:
    """`used` of the credit pays for goods; `due` is still to be paid, or `rest` of the credit is left: never both."""

    used: Decimal
    due: Decimal
    rest: Decimal


def split(wanted: Exchange, worth: Decimal) -> Split:
    """`worth`: what the goods cost, tax included."""
    if wanted.even:
        return Split(wanted.credit, ZERO, ZERO)
    used = min(wanted.credit, worth)
    return Split(used, worth - used, wanted.credit - used)


def fits(due: Decimal, told: Decimal) -> bool:
    """Whether the shop asks for what is due, or for next to nothing less."""
    return told == due or 0 <= due - told <= min(GIVEN_AWAY, due)
