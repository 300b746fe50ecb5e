"""Goods for goods: an order in the shop for what goes out, paid with what comes back, and calling it off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from connectors.shops.writes import CancelExchange, Done, Exchange, Exchanged, Kept
from jobs.deeds import owed, refund, store_credit, swapped
from jobs.deeds.base import Deed, follow, is_planned, pairs, plan, told
from postventa import alarms, audit
from postventa.clock import now
from postventa.models import Effect, Order, Shop, State
from postventa.returns.material import REST
from postventa.returns.wish import Resolution
from postventa.shops import ConnectedShop

NAME, CANCEL = owed.EXCHANGE, "write_exchange_cancel"
RESTS = ("refund", "credit", "keep")


def plan_exchange(
    session: Session, shop: ConnectedShop, order: Order, *, key: str, outgoing: Sequence[tuple[str, int]], credit: Decimal, currency: str,
    actor: str, note: str = "", even: bool = False, rest: str = "refund",
) -> Effect | None:  # fmt: skip
    """Have it ordered. `key`: what it answers, such as a return's number: the same one again is the same exchange, and gives None.

    `outgoing`: ((variant_ref, quantity), ...); `credit`: what comes back is worth; `even`: whatever the goods cost by now, nothing is to be paid.
    `rest`: what becomes of credit that the goods do not use up: "refund", "credit" (a code or an account), or "keep" (whoever asks here sees to it).
    What came of it stands in the effect's data: `ref`, `number`, `due`, `pay_url`, `used`, `rest`, `currency`.
    Raises `ValueError` for what cannot be meant, `TooMuch` for more than is left of the order's money, `NoKeys`.
    """
    if credit < 0 or not outgoing or any(not ref or pieces <= 0 for ref, pieces in outgoing) or rest not in RESTS:
        raise ValueError("an exchange needs goods, quantities above 0, and a credit that is not below 0")
    owed.locked(session, order)
    if is_planned(session, shop, order, NAME, key):
        return None
    owed.refuse_too_much(session, order, credit, currency)
    document = {
        "outgoing": [list(pair) for pair in outgoing],
        "credit": f"{credit:f}",
        "currency": currency,
        "even": even,
        "rest": rest,
        "note": note,
        "since": owed.since(),
    }
    effect = plan(session, shop, NAME, key, order, document, subject_ref=key)
    if effect is not None:
        told_of = {"order": order.ref, "key": key, **{name: document[name] for name in ("outgoing", "credit", "currency", "even", "rest")}}
        audit.record(session, actor, "exchange.plan", shop_id=shop.id, subject=f"effect {effect.id}", after=told_of)
    return effect


def plan_cancel(
    session: Session, shop: ConnectedShop, order: Order, exchange: Effect, *,
    actor: str, reason: str = "", instead: str | None = None, unpaid: bool = False,
) -> Effect | None:  # fmt: skip
    """Call an exchange off that was made in the shop; None if that was planned before. Its credit is free again when the shop has done it.

    `instead`: what its return comes to then (`jobs/call_off.py`); empty: a person decides; None: whoever asks here sees to it. `unpaid`: only while
    nobody paid on top. One that is only planned is called off by `by_hand.cancel`. Raises `ValueError` for one that was not made, `NoKeys`.
    """
    if exchange.followup != NAME or exchange.state != State.DONE or exchange.order_id != order.id:
        raise ValueError(f"effect {exchange.id} is no exchange of this order that was made in the shop")
    document = {"exchange": exchange.id, "ref": str(exchange.data["ref"]), "instead": instead, "by": actor, "unpaid": unpaid}
    effect = plan(session, shop, CANCEL, str(exchange.id), order, document, subject_ref=exchange.subject_ref)
    if effect is not None:
        audit.record(session, actor, "exchange.cancel", shop_id=shop.id, subject=f"effect {exchange.id}", reason=reason, after={"effect": effect.id})
    return effect


def _wanted(session: Session, effect: Effect, order: Order | None) -> Exchange:
    known = told(effect)
    return Exchange(
        order_ref=order.ref if order is not None else "",
        outgoing=pairs(known["outgoing"]),
        credit=Decimal(str(known["credit"])),
        currency=str(known["currency"]),
        since=datetime.fromisoformat(str(known["since"])),
        even=bool(known["even"]),
        held_until=now() + swapped.HELD,
        note=str(known["note"]),
    )


def _unwanted(session: Session, effect: Effect, order: Order | None) -> str:
    """Not for more than was paid, nor when its return came to something else. A thrown away order does not matter: what is owed is owed."""
    case = swapped.case_of(session, effect)
    if case is not None and case.resolution not in ("", Resolution.EXCHANGE):
        return f"return {case.number} came to a {case.resolution} instead"
    return owed.too_much(session, effect, order, Decimal(str(told(effect)["credit"])), "be exchanged")


def _after(session: Session, effect: Effect, done: Done) -> None:
    """Keep what pages and mails show, and give back what is left over."""
    if not isinstance(done, Exchanged):
        raise TypeError(f"effect {effect.id}: an exchange ended as {type(done).__name__}")
    known = told(effect)
    sums = {"due": f"{done.due:f}", "used": f"{done.used:f}", "rest": f"{done.rest:f}"}
    effect.data = {**effect.data, "number": done.number, "pay_url": done.pay_url, "currency": known["currency"], **sums}
    session.flush()
    if done.rest:
        _give_back(session, effect, done.rest, str(known["currency"]), str(known["rest"]), done.number)
    if done.due:
        swapped.look(session, effect, now())
        swapped.tell(session, effect, swapped.TO_PAY)
    owed.raise_by_hand(session, effect, done)


def _give_back(session: Session, effect: Effect, rest: Decimal, currency: str, way: str, number: str) -> None:
    """Under a key of its own that follows from the exchange's: once, however often this is come to."""
    key = f"{REST}{effect.subject_ref or effect.id}"
    if way == "refund":
        follow(session, effect, owed.REFUND, key, refund.wish(rest, currency, reason=number))
    elif way == "credit":
        follow(session, effect, owed.CREDIT, key, store_credit.wish(rest, currency, title=number))


def _cancel(session: Session, effect: Effect, order: Order | None) -> CancelExchange:
    known = told(effect)
    return CancelExchange(str(known["ref"]), bool(known.get("unpaid")))


def _called_off(session: Session, effect: Effect, done: Done) -> None:
    """What its return comes to instead is for the clock to see to, at once. What was paid at the last moment is not called off."""
    exchange, wanted = _exchange_of(session, effect), told(effect)
    known = {name: value for name, value in exchange.data.items() if name != swapped.CALLING}
    if isinstance(done, Kept):
        exchange.data = {**known, "kept": True}
    else:
        turn = {"instead": wanted["instead"], "by": wanted["by"]} if wanted.get("instead") is not None else None
        exchange.data = {**known, "called_off": True, "off_at": now().isoformat(), "turn": turn, "pay_url": ""}
        swapped.tell(session, exchange, swapped.OFF)
    swapped.look(session, exchange, now())
    owed.raise_by_hand(session, effect, done)


def _not_called_off(session: Session, effect: Effect) -> None:
    """The shop did not let it go, such as one that is on its way: it stays, and somebody should know."""
    exchange = _exchange_of(session, effect)
    known = {name: value for name, value in exchange.data.items() if name != swapped.CALLING}
    exchange.data = {**known, "stays": effect.reason}
    shop, order = session.get_one(Shop, effect.shop_id), session.get(Order, effect.order_id)
    number = order.number or order.ref if order is not None else ""
    said = f"{shop.name}, order {number}: the exchange of {exchange.subject_ref} could not be called off: {effect.reason}"
    alarms.raise_alarm(session, "exchange-by-hand", f"{shop.name}, {exchange.subject_ref}", "warn", said)


def _exchange_of(session: Session, effect: Effect) -> Effect:
    return session.get_one(Effect, int(told(effect)["exchange"]), with_for_update=True, populate_existing=True)


def _still(session: Session, effect: Effect, order: Order | None) -> str:
    """Whatever became of the old order."""
    return ""


DEED = Deed(NAME, _wanted, _unwanted, _after)
CALL_OFF = Deed(CANCEL, _cancel, _still, _called_off, lost=_not_called_off)
