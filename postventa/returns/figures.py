"""How long a customer of this shop really waits for her money: said on the page, from the ledger and not from a promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import Effect, ReturnCase, State

SPAN = timedelta(days=90)
FEWEST = 5
"""With fewer cases a median says nothing, and might tell of one person."""


@dataclass(frozen=True)
class TimeToMoney:
    """Median hours until the shop had given the money back, of `cases` within the last 90 days."""

    from_opening: float
    from_arrival: float
    cases: int


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


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
