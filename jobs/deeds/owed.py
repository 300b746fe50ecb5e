"""How much of what an order was paid with is still the shop's to give back, whatever way it goes: as money, as credit, or in goods.

What is planned counts as gone, so that two wishes under two keys never come to more than was paid. A refund of ours counts until the
shop tells of it, and from then on as one of the shop's.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops.writes import Done
from jobs.deeds.base import reference, told
from postventa import alarms
from postventa.clock import now, real_now
from postventa.effects import OPEN
from postventa.models import Effect, EventRow, Order, Shop, State
from postventa.orders import books

REFUND, EXCHANGE, CREDIT = books.REFUND, books.EXCHANGE, books.CREDIT
OWED = books.SPENT_ON
"""Deeds that spend what an order was paid with."""


class TooMuch(ValueError):
    """More than is left of what the order was paid with."""


def locked(session: Session, order: Order) -> None:
    """Whoever plans for this order waits until we are done: two wishes at once see each other."""
    session.execute(select(Order.id).where(Order.id == order.id).with_for_update())


def since() -> str:
    """From when on something may have come of a wish of now: the shop's clock is the machine's, and not the product's."""
    return min(now(), real_now()).isoformat()


def refuse_too_much(session: Session, order: Order, amount: Decimal, currency: str) -> None:
    """Raises `TooMuch`, or `ValueError` for another currency than the order's.

    Of an order that the shop has not described yet nothing is known; it is judged again before anything is done.
    """
    if order.number and currency != order.currency:
        raise ValueError(f"the order was paid in {order.currency}, and {amount} {currency} should go back")
    left = order.total - order.refunded_total - _gone(session, order, _spending(session, order))
    if order.number and amount > left:
        raise TooMuch(f"{amount} {order.currency} should go back, but of {order.total} only {max(left, Decimal(0))} are left")


def too_much(session: Session, effect: Effect, order: Order | None, amount: Decimal, what: str) -> str:
    """Why it is not called for any more; empty: it is. Those that were planned before it come first, and those that have begun."""
    if order is None or not order.number:
        return ""
    planned = _gone(session, order, [one for one in _spending(session, order) if _comes_first(one, effect)])
    if order.refunded_total + planned + amount <= order.total:
        return ""
    also = f", and {planned} are on their way" if planned else ""
    return f"{amount} should {what}, but of {order.total} {order.currency} {order.refunded_total} went back already{also}"


def spent(effect: Effect) -> Decimal:
    """What one of them takes: of an exchange what was used, once that is known; never what the merchant adds to it."""
    if effect.followup == EXCHANGE:
        return Decimal(str(effect.data.get("used", told(effect)["credit"])))
    return Decimal(str(told(effect)["amount"]))


def raise_by_hand(session: Session, effect: Effect, done: Done) -> None:
    """What the shop cannot do by itself, somebody has to: an alarm, for a week."""
    if done.left:
        say_by_hand(session, effect, done.left)


def say_by_hand(session: Session, effect: Effect, what: str) -> None:
    """The same in plain words: an alarm for each of them, so that none takes another one's place."""
    shop = session.scalars(select(Shop).where(Shop.id == effect.shop_id)).one()
    order = session.get(Order, effect.order_id)
    number = order.number or order.ref if order is not None else ""
    subject = f"{shop.name}, {number}, {reference(effect.key)}"
    alarms.raise_alarm(session, "refund-by-hand", subject, "warn", f"{shop.name}, order {number}: {what}")


def not_given(session: Session, effect: Effect, why: str) -> None:
    """It was called off since more went back meanwhile; perhaps some of it is owed all the same."""
    if effect.followup in OWED:
        say_by_hand(session, effect, f"nothing was given, see whether some of it is still owed: {why} ({effect.subject_ref})")


def _comes_first(one: Effect, effect: Effect) -> bool:
    return one.id < effect.id or (one.id > effect.id and (one.attempts > 0 or one.state != State.PLANNED))


def _spending(session: Session, order: Order) -> list[Effect]:
    """Those that may come to something, and those that did."""
    wanted = Effect.order_id == order.id, Effect.kind == "write", Effect.followup.in_(OWED), Effect.state.in_((*OPEN, State.DONE))
    return list(session.scalars(select(Effect).where(*wanted)))


def _gone(session: Session, order: Order, effects: Iterable[Effect]) -> Decimal:
    """Without those of which the shop has told already: they stand in the order's `refunded_total`."""
    standing = [effect for effect in effects if not effect.data.get("called_off")]
    if not standing:
        return Decimal(0)
    refunds = EventRow.shop_id == order.shop_id, EventRow.order_ref == order.ref, EventRow.kind == "OrderRefunded"
    events = list(session.scalars(select(EventRow).where(*refunds)))
    known = [event.data for event in events]
    refs = {str(data.get("refund_ref", "")) for data in known} - {""}
    notes = " ".join(str(data.get("note", "")) for data in known)
    left = [effect for effect in standing if _refund_ref(effect) not in refs and reference(effect.key) not in notes]
    named = {_refund_ref(effect) for effect in standing}
    strange = [event for event in events if str(event.data.get("refund_ref", "")) not in named]
    return sum((spent(effect) for effect in left if not _seen_by_hand(effect, strange)), Decimal(0))


def _seen_by_hand(effect: Effect, strange: list[EventRow]) -> bool:
    """Whether it is done at a person's word, without the shop's name for it, and the shop tells of the very sum: each telling is one of them."""
    if effect.followup != REFUND or effect.state != State.DONE or _refund_ref(effect):
        return False
    alike = (event for event in strange if event.at >= effect.at and Decimal(str(event.data["amount"])) == spent(effect))
    event = next(alike, None)
    if event is not None:
        strange.remove(event)
    return event is not None


def _refund_ref(effect: Effect) -> str:
    return str(effect.data.get("ref" if effect.followup == REFUND else "refund_ref", ""))
