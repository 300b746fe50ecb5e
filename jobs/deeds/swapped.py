"""What follows for a return from the exchange that was made or called off for it: the clock looks after it, and the customer is written to."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import at_once
from postventa.models import Effect, Order, ReturnCase
from postventa.orders.books import EXCHANGE

MAIL = "return_exchange"
CALLING = "calling_off"
"""In an exchange's data: the shop is being asked to let it go."""
TO_PAY, OFF = "pay", "off"
"""Occasions of that mail: the difference is to be paid; the exchange was called off."""
HELD = timedelta(days=7)
"""So long a customer may take to pay the difference. The goods are kept aside for so long where the shop can, and no longer."""


def pay_by(exchange: Effect) -> datetime:
    """Until when the difference of an exchange that was made may be paid."""
    return (exchange.done_at or exchange.at) + HELD


def case_of(session: Session, exchange: Effect) -> ReturnCase | None:
    """The return that it was made for; None: for none of ours."""
    mine = (ReturnCase.order_id == exchange.order_id, ReturnCase.number == exchange.subject_ref)
    return session.scalars(select(ReturnCase).where(*mine)).first()


def exchange_of(session: Session, case: ReturnCase, *, lock: bool = False) -> Effect | None:
    """What was written down for it."""
    mine = (Effect.order_id == case.order_id, Effect.followup == EXCHANGE, Effect.subject_ref == case.number)
    found = select(Effect).where(*mine).order_by(Effect.id.desc()).limit(1)
    return session.scalars(found.with_for_update().execution_options(populate_existing=True) if lock else found).first()


def look(session: Session, exchange: Effect, at: datetime) -> None:
    """Have the clock look at it then (`jobs/exchanges.py`)."""
    case = case_of(session, exchange)
    if case is not None:
        case.swap_at = at


def tell(session: Session, exchange: Effect, occasion: str) -> None:
    """Plan the mail; once for each occasion."""
    case, order = case_of(session, exchange), session.get(Order, exchange.order_id)
    if case is None or order is None:
        return
    key = f"{exchange.key.partition(f':{order.ref}:{exchange.followup}:')[0]}:{order.ref}:{MAIL}:{case.ref}:{occasion}"
    at_once.mail(session, order, key, MAIL, case.ref)
