"""Which deliveries a person means: numbers, ranges, and what the rows say about themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import Inbound, Order, Shop

UNREADABLE = ("poison", "dead")
_AGO = re.compile(r"(\d{1,6})([mhd])\Z")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Choice:
    """Everything that is said must hold; empty: not said. `error` is looked for in error and kind of failure, in any case."""

    ranges: tuple[tuple[int, int], ...] = ()
    state: str = ""
    shop: str = ""
    topic: str = ""
    order: str = ""
    error: str = ""
    since: datetime | None = None
    until: datetime | None = None
    unreadable: bool = False
    """Only those that could not be read: poison and dead ones."""

    def __bool__(self) -> bool:
        return self != Choice()

    @property
    def numbered(self) -> set[int]:
        """The numbers that stand alone: naming one that is not there is a mistake, while a range may have holes."""
        return {first for first, last in self.ranges if first == last}

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a query over `Inbound`."""
        found: list[ColumnElement[bool]] = []
        if self.ranges:
            found.append(or_(*(and_(Inbound.id >= first, Inbound.id <= last) for first, last in self.ranges)))
        if self.unreadable:
            found.append(Inbound.state.in_(UNREADABLE))
        if self.shop:
            found.append(Inbound.shop_id.in_(_shops(self.shop)))
        if self.order:
            found.append(_about(self.order.removeprefix("#")))
        if self.error:
            found.append(or_(Inbound.error.icontains(self.error, autoescape=True), Inbound.failure.icontains(self.error, autoescape=True)))
        if self.since is not None:
            found.append(Inbound.received_at >= self.since)
        if self.until is not None:
            found.append(Inbound.received_at < self.until)
        exact = ((Inbound.state, self.state), (Inbound.topic, self.topic))
        return found + [column == value for column, value in exact if value]

    def numbers(self, session: Session) -> list[int]:
        """The deliveries that are meant, in the order in which they came."""
        return list(session.scalars(select(Inbound.id).where(*self.conditions()).order_by(Inbound.id)))


def _shops(wanted: str) -> Select[int]:
    """By key, name or domain, as commands name shops."""
    known = (func.lower(cast(column, Text)) == wanted.lower() for column in (Shop.key, Shop.name, Shop.domain))
    return select(Shop.id).where(or_(*known))


def _about(order: str) -> ColumnElement[bool]:
    """By the platform's id or the customer's number, in whichever shop."""
    numbered = select(Order.id).where(Order.shop_id == Inbound.shop_id, Order.ref == Inbound.order_ref, Order.number.in_((order, f"#{order}")))
    return or_(Inbound.order_ref == order, and_(Inbound.order_ref != "", numbered.exists()))


def parse_range(text: str) -> tuple[int, int]:
    """`17` or `17-42`. Raises `ValueError` with what was expected."""
    first, mark, last = text.partition("-")
    if not first.isdecimal() or (mark and not last.isdecimal()) or len(first) > 18 or len(last) > 18:
        raise ValueError(f"{text}: expected a number such as 17, or a range such as 17-42")
    begin, end = int(first), int(last or first)
    if begin > end:
        raise ValueError(f"{text}: the range ends before it begins")
    return begin, end


def parse_moment(text: str) -> datetime:
    """`90m`, `2h` or `3d` ago, or an ISO date or time (UTC unless it says otherwise). Raises `ValueError` with what was expected."""
    ago = _AGO.match(text)
    if ago is not None:
        return now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text}: expected 90m, 2h or 3d (ago), or a time such as 2026-11-27T03:00") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
