"""How a refund, or what is still to be paid, is split over lines, shipping and taxes, to the cent. Pure.

WooCommerce states a line's total and its taxes apart, unrounded if asked (`dp`); what the customer paid is their sum, rounded. Of several pieces the
first ones get their rounded share of that and the last one the rest, so that refunds in a row add up to what was paid, whoever made the earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from connectors.reading import Part

ZERO, FINEST = Decimal(0), Decimal("0.000001")


@dataclass(frozen=True)
class Sum:
    """Money of one line: without tax, and each tax by its rate's id."""

    net: Decimal = ZERO
    taxes: Mapping[int, Decimal] = field(default_factory=dict)

    @property
    def gross(self) -> Decimal:
        return self.net + sum(self.taxes.values(), ZERO)

    def plus(self, other: Sum) -> Sum:
        rates = {*self.taxes, *other.taxes}
        return Sum(self.net + other.net, {rate: self.taxes.get(rate, ZERO) + other.taxes.get(rate, ZERO) for rate in sorted(rates)})


def told(line: Part) -> Sum:
    """What a line, a way of shipping or a line of a refund says, without its sign."""
    taxes = [(tax.count("id"), abs(tax.money("total"))) for tax in line.parts("taxes")]
    return Sum(abs(line.money("total")), {rate: amount for rate, amount in taxes if amount})


def rounded(amount: Decimal, cent: Decimal) -> Decimal:
    """As WooCommerce rounds what a customer pays."""
    return amount.quantize(cent, ROUND_HALF_UP)


def share(paid: Sum, gone: Sum, pieces: int, before: int, now: int, cent: Decimal) -> Sum:
    """What `now` of a line's `pieces` are worth when `before` of them went back already, for `gone` in all."""
    if before + now >= pieces:
        return rest(paid, gone, cent)
    return _at_most(rest(paid, gone, cent), rounded(paid.gross * now / pieces, cent), cent)


def rest(paid: Sum, gone: Sum, cent: Decimal) -> Sum:
    """What of it is still the shop's. Taxes are rounded each; the net takes up what is left of the cents."""
    whole = max(rounded(paid.gross, cent) - gone.gross, ZERO)
    taxes = {rate: max(rounded(amount, cent) - gone.taxes.get(rate, ZERO), ZERO) for rate, amount in paid.taxes.items()}
    return _fitting(whole, taxes)


def part_of(left: Sum, gross: Decimal, cent: Decimal) -> Sum:
    """That much of `left`, its taxes in proportion."""
    return _at_most(left, gross, cent)


def spread(lines: Mapping[str, Sum], due: Decimal, cent: Decimal) -> dict[str, Decimal]:
    """What is due of each line, tax included, in proportion to what it is worth: in whole cents, which add up to `due`."""
    worth = {ref: rounded(line.gross, cent) for ref, line in lines.items()}
    whole = sum(worth.values(), ZERO)
    parts = {ref: rounded(gross * due / whole, cent) if whole else ZERO for ref, gross in worth.items()}
    if parts:
        dearest = max(worth, key=lambda ref: worth[ref])
        parts[dearest] += due - sum(parts.values(), ZERO)
    return parts


def net_of(line: Sum, gross: Decimal) -> Decimal:
    """What stands for `gross` of a line in an order that is written: as exact as prices with tax make it, so that it and its tax,
    rounded apart, come to `gross` again."""
    return (gross * line.net / line.gross).quantize(FINEST) if line.gross else ZERO


def _at_most(left: Sum, gross: Decimal, cent: Decimal) -> Sum:
    if gross >= left.gross:
        return left
    return _fitting(gross, {rate: min(rounded(amount * gross / left.gross, cent), amount) for rate, amount in left.taxes.items()})


def _fitting(gross: Decimal, taxes: Mapping[int, Decimal]) -> Sum:
    """A sum of exactly `gross`: cents of tax that find no room in it are left out."""
    kept: dict[int, Decimal] = {}
    room = gross
    for rate, amount in taxes.items():
        kept[rate] = min(amount, room)
        room -= kept[rate]
    return Sum(room, kept)
