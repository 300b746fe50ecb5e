"""How long a customer of this shop really waits for her money: said on the page, from the ledger and not from a promise."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import Effect, OrderLine, ReturnCase, State

SPAN = timedelta(days=90)
SHOWN = 10
MOST = 5000
"""Returns that are counted: more say nothing new."""
FEWEST = 5
"""With fewer cases a median says nothing, and might tell of one person."""


@dataclass(frozen=True)
class TimeToMoney:
    """Median hours until the shop had given the money back, of `cases` within the last 90 days."""

    from_opening: float
    from_arrival: float
    cases: int


@dataclass(frozen=True)
class Counted:
    """A reason's code or a product's name, and how many pieces came back for it."""

    name: str
    count: int


@dataclass(frozen=True)
class Returned:
    """What was asked to go back within the last 90 days, the most first."""

    cases: int
    reasons: tuple[Counted, ...]
    products: tuple[Counted, ...]


def time_to_money(session: Session, shop_id: int) -> TimeToMoney | None:
    """None while too few returns came to a refund for a figure."""
    paid = (
        select(ReturnCase.created_at, ReturnCase.received_at, Effect.done_at)
        .join(Effect, (Effect.order_id == ReturnCase.order_id) & (Effect.subject_ref == ReturnCase.number))
        .where(ReturnCase.shop_id == shop_id, ReturnCase.received_at >= now() - SPAN)
        .where(Effect.followup == "write_refund", Effect.state == State.DONE, Effect.done_at.is_not(None))
    )
    rows = [(opened, arrived, done) for opened, arrived, done in session.execute(paid) if arrived is not None and done is not None]
    if len(rows) < FEWEST:
        return None
    return TimeToMoney(
        from_opening=round(median(_hours(done - opened) for opened, _, done in rows), 1),
        from_arrival=round(median(_hours(max(done - arrived, timedelta(0))) for _, arrived, done in rows), 1),
        cases=len(rows),
    )


def returned(session: Session, shop_id: int) -> Returned:
    """Pieces by reason and by product, of the newest returns."""
    mine = (ReturnCase.shop_id == shop_id, ReturnCase.created_at >= now() - SPAN, ReturnCase.state != "cancelled")
    newest = select(ReturnCase.order_id, ReturnCase.lines, ReturnCase.wish).where(*mine).order_by(ReturnCase.id.desc()).limit(MOST)
    cases = session.execute(newest).all()
    titles = _titles(session, {order_id for order_id, _, _ in cases})
    reasons, products = Counter[str](), Counter[str]()
    for order_id, lines, wish in cases:
        why = {str(one["ref"]): str(one.get("reason", "")) for one in wish.get("lines", [])}
        for ref, quantity in lines:
            reasons[why.get(str(ref), "")] += quantity
            products[titles.get((order_id, str(ref)), str(ref))] += quantity
    return Returned(len(cases), _first(reasons), _first(products))


def _titles(session: Session, orders: set[int]) -> dict[tuple[int, str], str]:
    rows = session.execute(select(OrderLine.order_id, OrderLine.ref, OrderLine.title).where(OrderLine.order_id.in_(orders)))
    return {(order_id, ref): title for order_id, ref, title in rows}


def _first(counted: Counter[str]) -> tuple[Counted, ...]:
    return tuple(Counted(name, count) for name, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN])


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
