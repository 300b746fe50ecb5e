"""What parts of an order are worth, to the cent. Pure.

Shops round the share of some pieces of a line, and give the last pieces what is left of it; so do we, since a shop refuses a refund of another sum
than its own. Parts in a row add up to what was paid, in whatever pieces they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def cent_of(currency: str) -> Decimal:
    """The smallest sum of a currency: 0.01 of euros, 1 of yen."""
    return Decimal(1).scaleb(-get_currency_precision(currency or "EUR"))


def rounded(amount: Decimal, cent: Decimal) -> Decimal:
    """As customers see it."""
    return amount.quantize(cent, ROUND_HALF_UP)


def share(total: Decimal, pieces: int, taken: Iterable[int], wanted: int, cent: Decimal) -> Decimal:
    """What `wanted` of a line's `pieces` are worth when `taken` went back before, each entry at one time.

    Pieces that are not there any more are worth nothing.
    """
    before, gone = 0, ZERO
    for some in taken:
        gone += _one(total, pieces, before, gone, some, cent)
        before = min(before + some, pieces)
    return _one(total, pieces, before, gone, wanted, cent)


def _one(total: Decimal, pieces: int, before: int, gone: Decimal, now: int, cent: Decimal) -> Decimal:
    rest = max(rounded(total, cent) - gone, ZERO)
    if now <= 0 or before >= pieces:
        return ZERO
    return rest if before + now >= pieces else min(rounded(total * now / pieces, cent), rest)


def percent_of(amount: Decimal, percent: Decimal, cent: Decimal) -> Decimal:
    """A part of a sum."""
    return rounded(amount * percent / HUNDRED, cent)


@dataclass(frozen=True)
class Sums:
    """What a return comes to. All of it in the order's currency, tax included."""

    goods: Decimal = ZERO
    """What the pieces were paid with."""
    shipping: Decimal = ZERO
    """What of the way to the customer goes back, too."""
    fee: Decimal = ZERO
    """What is kept of that."""
    refund: Decimal = ZERO
    """What the customer gets: `goods` and `shipping` less `fee`, and never more than is left of what she paid."""
    bonus: Decimal = ZERO
    """On top, if she takes it as credit."""

    @property
    def credit(self) -> Decimal:
        """What a credit is worth."""
        return self.refund + self.bonus


def add_up(goods: Sequence[Decimal], shipping: Decimal, fee: Decimal, left: Decimal, bonus_percent: Decimal, cent: Decimal) -> Sums:
    """The sums of one return. `left`: what of the order's money is still the shop's; more than that is never given back."""
    worth = sum(goods, ZERO)
    sent = max(min(shipping, left - worth), ZERO)
    most = max(min(worth + sent, left), ZERO)
    kept = min(max(fee, ZERO), most)
    refund = most - kept
    return Sums(min(worth, most), most - min(worth, most), kept, refund, percent_of(refund, bonus_percent, cent))
