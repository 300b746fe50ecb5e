"""What can go back of an order, right to the cent. Pure.

Of several pieces of a line the first ones get their rounded share of what was paid for it and the last one the rest, so that refunds in a row add
up to what was paid: as shops reckon (`connectors/shops/woocommerce/writes/shares.py`), which write nothing where the two sums differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

ZERO = Decimal(0)
Pair = tuple[str, int]
"""(line_ref, pieces)."""


class Wrong(ValueError):
    """Such a refund is not possible: which rule of `WRONG` says so, and its figures."""

    def __init__(self, name: str, **facts: object) -> None:
        super().__init__(WRONG[name].format(**facts))
        self.name, self.facts = name, facts


WRONG = {
    "nothing": "nothing is to be refunded: choose lines, shipping, or a sum",
    "both": "a sum by itself goes without lines, shipping and what is withheld",
    "sum": "a sum cannot be below 0, nor have more decimals than its currency",
    "unknown-line": "the order has no line {line}",
    "pieces": '{pieces} of "{line}" should be refunded, but only {left} are left to refund',
    "shipping": "{wanted} of shipping should be refunded, but only {left} of it are left",
    "withheld": "{withheld} should be withheld of {worth}: nothing would be left to refund",
    "too-much": "{wanted} should be refunded, but only {left} are left of the order",
}


@dataclass(frozen=True)
class Bought:
    """A line: `total` is what was paid for all its pieces, discounts and taxes included."""

    ref: str
    title: str
    quantity: int
    total: Decimal


@dataclass(frozen=True)
class Gone:
    """One refund, made or on its way. `coming`: we asked for it, and the shop has not told of it yet.

    `at`: when it was made, or asked for. `key`: what it answers if it is ours, such as a return's number; empty: the shop made it by itself.
    """

    amount: Decimal
    lines: tuple[Pair, ...] = ()
    shipping: Decimal = ZERO
    coming: bool = False
    at: datetime | None = None
    key: str = ""


@dataclass(frozen=True)
class Books:
    """An order's money. `gone`: in the order in which it went."""

    currency: str
    total: Decimal
    shipping: Decimal
    lines: tuple[Bought, ...]
    gone: tuple[Gone, ...] = ()

    @property
    def cent(self) -> Decimal:
        """The smallest coin."""
        return Decimal(1).scaleb(-int(get_currency_precision(self.currency or "EUR")))

    @property
    def refunded(self) -> Decimal:
        """What went back, as the shop told us."""
        return sum((one.amount for one in self.gone if not one.coming), ZERO)

    @property
    def coming(self) -> Decimal:
        """What is on its way back, or may be."""
        return sum((one.amount for one in self.gone if one.coming), ZERO)

    @property
    def left(self) -> Decimal:
        """What the shop still has of the customer's money when all that is on its way has arrived."""
        return max(self.total - self.refunded - self.coming, ZERO)

    @property
    def shipping_left(self) -> Decimal:
        """What of shipping can still go back, as far as we know."""
        return min(max(self.shipping - sum((one.shipping for one in self.gone), ZERO), ZERO), self.left)

    def pieces_left(self, line: Bought) -> int:
        """How many of a line can still go back."""
        return max(line.quantity - sum(self.went(line.ref)), 0)

    def went(self, ref: str) -> Iterator[int]:
        """How many pieces of a line went each time."""
        for one in self.gone:
            pieces = sum(count for line, count in one.lines if line == ref)
            if pieces:
                yield pieces


@dataclass(frozen=True)
class Choice:
    """What a person wants to give back: lines, shipping, less what is withheld; or an `amount` by itself."""

    lines: tuple[Pair, ...] = ()
    shipping: Decimal = ZERO
    withheld: Decimal = ZERO
    amount: Decimal = ZERO


@dataclass(frozen=True)
class Sum:
    """What that is worth. `amount`: all that the customer gets. `capped`: the lines are worth more than is left, so she gets what is left."""

    lines: tuple[tuple[Bought, int, Decimal], ...]
    shipping: Decimal
    withheld: Decimal
    amount: Decimal
    left: Decimal
    """What stays with the shop afterwards."""
    capped: bool = False


def reckon(books: Books, choice: Choice) -> Sum:
    """The sum to the cent. Raises `Wrong`."""
    sums = (choice.shipping, choice.withheld, choice.amount)
    if any(not amount.is_finite() or amount < 0 or amount != rounded(amount, books.cent) for amount in sums):
        raise Wrong("sum")
    if choice.amount and (choice.lines or choice.shipping or choice.withheld):
        raise Wrong("both")
    if not (choice.amount or choice.lines or choice.shipping):
        raise Wrong("nothing")
    if choice.shipping > books.shipping_left:
        raise Wrong("shipping", wanted=choice.shipping, left=books.shipping_left)
    lines = tuple(_priced(books, ref, pieces) for ref, pieces in choice.lines)
    worth = choice.amount or sum((worth for _, _, worth in lines), ZERO) + choice.shipping
    return _limited(books, choice, lines, worth)


def _limited(books: Books, choice: Choice, lines: tuple[tuple[Bought, int, Decimal], ...], worth: Decimal) -> Sum:
    """Never more than is left. Lines that are worth more (a courtesy went back before) end with what there is."""
    if choice.withheld and choice.withheld >= worth:
        raise Wrong("withheld", withheld=choice.withheld, worth=worth)
    amount, capped = worth - choice.withheld, False
    if lines and not choice.withheld and amount > books.left > 0:
        amount, capped = books.left, True
    if not 0 < amount <= books.left:
        raise Wrong("too-much", wanted=amount, left=books.left)
    return Sum(lines, choice.shipping, choice.withheld, amount, books.left - amount, capped)


def _priced(books: Books, ref: str, pieces: int) -> tuple[Bought, int, Decimal]:
    line = next((line for line in books.lines if line.ref == ref), None)
    if line is None:
        raise Wrong("unknown-line", line=ref)
    left = books.pieces_left(line)
    if not 0 < pieces <= left:
        raise Wrong("pieces", pieces=pieces, line=line.title, left=left)
    return line, pieces, share(line, tuple(books.went(ref)), pieces, books.cent)


def share(line: Bought, before: tuple[int, ...], pieces: int, cent: Decimal) -> Decimal:
    """What the next `pieces` are worth, after those that went `before`, each time by the same rule."""
    rest, counted, part = rounded(line.total, cent), 0, ZERO
    for count in (*before, pieces):
        counted += count
        part = rest if counted >= line.quantity else min(rest, rounded(line.total * count / line.quantity, cent))
        rest -= part
    return part


def rounded(amount: Decimal, cent: Decimal) -> Decimal:
    """As shops round what a customer pays."""
    return amount.quantize(cent, ROUND_HALF_UP)
