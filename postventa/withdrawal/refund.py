"""What has to be paid back: the price of what goes back, and the cheapest usual delivery if everything does (arts. 76 and 107). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from postventa.returns.money import rounded, share

CENT = Decimal("0.01")


class PricedLine(Protocol):
    """A line of the order with what was paid for it, tax included."""

    @property
    def ref(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def total(self) -> Decimal: ...


@dataclass(frozen=True)
class Owed:
    """`amount` is all of it; `shipping` the part of it that is for the delivery; `lines`: what it is for."""

    amount: Decimal
    shipping: Decimal
    lines: tuple[tuple[str, int], ...]


def owed(
    lines: Sequence[PricedLine],
    chosen: Sequence[tuple[str, int]],
    shipping_paid: Decimal,
    standard_shipping: Decimal | None,
    most: Decimal,
    *,
    taken: Mapping[str, Sequence[int]] | None = None,
    cent: Decimal = CENT,
) -> Owed:
    """`chosen`: empty for everything. `standard_shipping`: None: what was paid was the usual one. `most`: what was paid and not paid back yet.

    `taken`: the pieces of each line that were paid back before, each time; `cent`: the smallest coin of the currency. Rounded line by line, as shops
    do, which refund no other sum. If only a part goes back, the delivery was for the rest, too: it is not owed.
    """
    before = taken or {}
    wanted = dict(chosen) or {line.ref: line.quantity for line in lines}
    left = {line.ref: max(line.quantity - sum(before.get(line.ref, ())), 0) for line in lines}
    back = [(line, min(wanted.get(line.ref, 0), left[line.ref])) for line in lines]
    whole = all(quantity == left[line.ref] for line, quantity in back)
    goods = sum((share(line.total, line.quantity, before.get(line.ref, ()), quantity, cent) for line, quantity in back if quantity), Decimal(0))
    delivery = (shipping_paid if standard_shipping is None else min(shipping_paid, standard_shipping)) if whole else Decimal(0)
    amount = min(rounded(goods + delivery, cent), max(most, Decimal(0)))
    return Owed(amount, min(delivery, amount), tuple((line.ref, quantity) for line, quantity in back if quantity))
