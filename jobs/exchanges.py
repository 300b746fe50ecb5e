"""The clock's look at exchanges that were made: whether the difference is paid, whether its time is over, what follows when one is called off, and
whether somebody pays for it all the same.

`ReturnCase.swap_at` says when there is something to look at; nobody else waits for it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import call_off, paid_exchange
from jobs.ask import ask_soon
from jobs.customer_return import locked
from jobs.deeds import swapped
from jobs.settle_return import ALARM, OURS
from jobs.world import World
from postventa import alarms
from postventa.clock import now
from postventa.models import Effect, Order, ReturnCase
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.exchanges")

MOST = 100
LOOK = timedelta(hours=1)
"""How often the shop is asked whether the difference is paid."""
AGAIN = timedelta(minutes=5)
LATE, LATE_LOOK = timedelta(days=14), timedelta(hours=12)
"""So long after one was called off a payment for it is looked for, and how often: banks take their time."""
RESTS = timedelta(days=1)
BY_HAND = "exchange-by-hand"


def look_after(world: World) -> None:
    """All that is due; where nothing is, one statement."""
    with reading(world.engine) as session:
        due = list(session.scalars(select(ReturnCase.id).where(ReturnCase.swap_at <= now()).order_by(ReturnCase.swap_at).limit(MOST)))
    for case_id in due:
        with transaction(world.engine) as session:
            asked = _look(session, world, case_id)
        ask_soon(world, [asked] if asked is not None else [])


def _look(session: Session, world: World, case_id: int) -> Effect | None:
    """A question to the shop, if that is what comes of it."""
    case = session.get_one(ReturnCase, case_id)
    order = locked(session, case.order_id)
    session.refresh(case)
    if case.swap_at is None or case.swap_at > now():
        return None  # somebody else was here
    try:
        shop = find(session, case.shop_id, world.settings, world.secret)
    except LookupError as gone:
        log.warning("an exchange waits: %s", gone, extra={"return": case.id})
        case.swap_at = now() + RESTS
        return None
    exchange, case.swap_at = swapped.exchange_of(session, case, lock=True), None
    if exchange is None:
        return None
    if exchange.data.get("called_off"):
        return _off(session, world, shop, order, case, exchange)
    return _unpaid(session, shop, order, case, exchange) if paid_exchange.is_owed(exchange) else None


def _unpaid(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, exchange: Effect) -> Effect | None:
    """Ask whether it is paid; when its time is over, have it called off unless it is."""
    end = swapped.pay_by(exchange)
    if exchange.data.get(swapped.CALLING) or exchange.data.get("stays"):
        return None
    if now() < end or exchange.data.get("kept"):
        case.swap_at = min(max(end, now() + AGAIN), now() + LOOK)
        return paid_exchange.ask(session, shop, exchange)
    instead = next(iter(call_off.choices(session, shop, order, case, exchange, staff=True)), "")
    try:
        call_off.let_go(session, shop, order, case, exchange, instead=instead, actor=OURS, reason="nobody paid the difference in time", unpaid=True)
    except call_off.NotNow as why:
        said = f"{shop.settings.name}, order {order.number}: the exchange of {case.number} was not paid in time, and was not called off: {why}"
        alarms.raise_alarm(session, BY_HAND, f"{shop.settings.name}, {case.number}", "warn", said)
    return None


def _off(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, exchange: Effect) -> Effect | None:
    """What its return comes to now, once; then whether somebody pays for what is not there any more."""
    wanted = exchange.data.get("turn")
    if isinstance(wanted, dict):
        exchange.data = {**exchange.data, "turn": None}
        _turned(session, world, shop, order, case, exchange, str(wanted["instead"] or ""), str(wanted["by"]))
    due, since = Decimal(str(exchange.data.get("due", "0"))), datetime.fromisoformat(str(exchange.data["off_at"]))
    if due <= 0 or exchange.data.get("paid_late") or now() > since + LATE:
        return None
    case.swap_at = now() + (LOOK if now() < since + LOOK else LATE_LOOK)
    return paid_exchange.ask_late(session, shop, exchange)


def _turned(
    session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, exchange: Effect, instead: str, actor: str
) -> None:  # fmt: skip
    found = call_off.choices(session, shop, order, case, exchange, staff=True)
    answer = next((quote for resolution, quote in found.items() if resolution == instead), None)
    if answer is not None:
        call_off.turn(session, world, shop, order, case, answer, exchange, actor=actor, reason="the exchange was called off")
        return
    case.settled_at, case.wish = None, {**case.wish, "exchange": [], "instead_of": case.wish.get("exchange", [])}
    said = f"{shop.settings.name}, order {order.number}, return {case.number}: its exchange was called off, and the rules offer nothing instead"
    alarms.raise_alarm(session, ALARM, f"{shop.settings.name}, {case.number}", "warn", said)
