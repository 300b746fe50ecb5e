"""What may still go back, and where a return stands. Pure: facts in, answers out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LABEL_DAYS = 30
"""How long a label is good for, unless the merchant says otherwise. It limits the label, not the customer's rights."""

Pair = tuple[str, int]
"""(line_ref, quantity)."""


class Line(Protocol):
    """A line of an order: `LineSnapshot`, `OrderLine` and the like."""

    @property
    def ref(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def requires_shipping(self) -> bool: ...
    @property
    def weight_g(self) -> int: ...


class Times(Protocol):
    """When each step of a return was, None: not yet. `ReturnCase` is one."""

    @property
    def approved_at(self) -> datetime | None: ...
    @property
    def declined_at(self) -> datetime | None: ...
    @property
    def cancelled_at(self) -> datetime | None: ...
    @property
    def received_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def reopened_at(self) -> datetime | None: ...


class ReturnRefused(ValueError):
    """The wanted list cannot be returned; `problems` says why, one plain sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Returnable:
    """One line and how much of it can still go back."""

    ref: str
    sku: str
    title: str
    bought: int
    in_returns: int
    """In returns that are open or settled."""
    refunded: int
    """Units whose money went back already; they may still be sent back, so this is to be known, not taken off."""
    left: int


def returnable(lines: Iterable[Line], taken: Iterable[Sequence[Pair]], refunded: Iterable[Pair] = ()) -> tuple[Returnable, ...]:
    """What of each line can still go back.

    `taken`: the pairs of every return that was neither declined nor cancelled; an empty one took everything. What was never shipped (downloads,
    gift cards) cannot go back. `refunded`: pairs of all refunds.
    """
    returns = [_summed(pairs) for pairs in taken]
    paid_back = _summed(refunded)
    result = []
    for line in lines:
        took = min(sum(pairs.get(line.ref, 0) if pairs else line.quantity for pairs in returns), line.quantity)
        left = line.quantity - took if line.requires_shipping else 0
        result.append(Returnable(line.ref, line.sku, line.title, line.quantity, took, min(paid_back.get(line.ref, 0), line.quantity), max(left, 0)))
    return tuple(result)


def choose_lines(lines: Iterable[Line], taken: Iterable[Sequence[Pair]], wanted: Sequence[Pair]) -> tuple[Pair, ...]:
    """The (line_ref, quantity) pairs of a new return, in the order's own order.

    `wanted`: (line_ref or SKU, quantity); empty: everything that is left. A SKU on several lines is taken from the first line on.
    Raises `ReturnRefused` (a `ValueError`) with everything that is wrong with the list.
    """
    candidates = returnable(lines, taken)
    if not any(line.left for line in candidates):
        raise ReturnRefused(["nothing of this order is left to return"])
    if not wanted:
        return tuple((line.ref, line.left) for line in candidates if line.left)
    problems: list[str] = []
    chosen = dict.fromkeys((line.ref for line in candidates), 0)
    for name, quantity in _wanted(wanted, problems).items():
        matching = [line for line in candidates if line.ref == name] or [line for line in candidates if line.sku and line.sku == name]
        problem = _problem(name, quantity, matching, chosen)
        if problem:
            problems.append(problem)
        else:
            _spread(quantity, matching, chosen)
    if problems:
        raise ReturnRefused(problems)
    return tuple((ref, quantity) for ref, quantity in chosen.items() if quantity)


def _spread(quantity: int, matching: Sequence[Returnable], chosen: dict[str, int]) -> None:
    """Take `quantity` from the lines, each as far as it goes."""
    for line in matching:
        part = min(quantity, line.left - chosen[line.ref])
        chosen[line.ref], quantity = chosen[line.ref] + part, quantity - part


def _wanted(wanted: Sequence[tuple[str, object]], problems: list[str]) -> dict[str, int]:
    """The list with repetitions added up; what is no quantity is a problem."""
    summed: dict[str, int] = {}
    for name, quantity in wanted:
        if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
            problems.append(f"{name!r}: the quantity must be a whole number from 1, not {quantity!r}")
        else:
            summed[name] = summed.get(name, 0) + quantity
    return summed


def _problem(name: str, quantity: int, matching: Sequence[Returnable], chosen: Mapping[str, int]) -> str:
    """Why `quantity` of it cannot go back; empty: it can."""
    if not matching:
        return f"{name!r} is neither a line nor a SKU of this order"
    # The same line may be named twice, once by reference and once by SKU.
    total = quantity + sum(chosen[line.ref] for line in matching)
    bought, left = sum(line.bought for line in matching), sum(line.left for line in matching)
    if total <= left:
        return ""
    if total > bought:
        return f"{name!r}: {total} wanted, but only {bought} bought"
    if left:
        return f"{name!r}: {total} wanted, but only {left} of {bought} left to return"
    if all(line.in_returns == line.bought for line in matching):
        return f"{name!r}: all {bought} are in a return already"
    return f"{name!r}: nothing of it is left that was shipped"


def state_of(times: Times) -> str:
    """Where a return stands: requested, approved, received, closed, declined or cancelled.

    Only the steps' own times count, so the order in which they were told makes no difference. An end (closed, cancelled, declined) holds until
    something later undoes it: a reopening undoes any, goods that came in undo a refusal or a cancellation, an approval undoes a refusal.
    """
    undoing = {"declined": (times.received_at, times.approved_at), "cancelled": (times.received_at,), "closed": ()}
    ended = {name: getattr(times, f"{name}_at") for name in undoing}
    standing = [(at, name) for name, at in ended.items() if at and not _undone(at, times.reopened_at, undoing[name])]
    if standing:
        order = list(undoing)
        return max(standing, key=lambda end: (end[0], order.index(end[1])))[1]
    if times.received_at:
        return "received"
    return "approved" if times.approved_at else "requested"


def _undone(at: datetime, reopened: datetime | None, undoing: Iterable[datetime | None]) -> bool:
    """A reopening in the same second comes after the end that it reopens; any other step has to be truly later."""
    return (reopened is not None and reopened >= at) or any(later is not None and later > at for later in undoing)


def weight_of(lines: Iterable[Line], chosen: Iterable[Pair]) -> int:
    """Grams of the chosen items; 0 when one of them has no known weight, since half a weight on a label is a wrong one."""
    weights = {line.ref: line.weight_g for line in lines}
    parts = [(weights.get(ref, 0), quantity) for ref, quantity in chosen]
    return sum(weight * quantity for weight, quantity in parts) if all(weight > 0 for weight, _ in parts) else 0


def valid_until(approved_at: datetime, timezone: str, days: int = LABEL_DAYS) -> date:
    """The last day of the label, by the calendar of the shop's zone (IANA name)."""
    return approved_at.astimezone(ZoneInfo(timezone)).date() + timedelta(days=days)


def _summed(pairs: Iterable[Pair]) -> dict[str, int]:
    summed: dict[str, int] = {}
    for ref, quantity in pairs:
        summed[ref] = summed.get(ref, 0) + quantity
    return summed
