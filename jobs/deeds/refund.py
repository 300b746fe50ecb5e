"""Money back to a customer, once, and the sum that she was told."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops.writes import Done, Refund
from jobs.deeds.base import Deed, pairs, plan, told
from postventa import alarms, audit
from postventa.models import Effect, Order, Shop
from postventa.shops import ConnectedShop

NAME = "write_refund"


def plan_refund(session: Session, shop: ConnectedShop, order: Order, wanted: Refund, *, key: str, actor: str) -> Effect | None:
    """Have it paid. `key`: what it answers, such as a return's number: the same one again is the same refund, and gives None.

    Raises `ValueError` for sums that cannot be meant, `NoKeys`.
    """
    if wanted.amount <= 0 or wanted.withheld < 0 or wanted.shipping < 0 or any(quantity <= 0 for _, quantity in wanted.lines):
        raise ValueError("a refund needs a sum above 0, and quantities above 0")
    document = {
        "amount": f"{wanted.amount:f}",
        "currency": wanted.currency,
        "lines": [list(pair) for pair in wanted.lines],
        "shipping": f"{wanted.shipping:f}",
        "withheld": f"{wanted.withheld:f}",
        "restock": wanted.restock,
        "as_credit": wanted.as_credit,
        "reason": wanted.reason,
    }
    effect = plan(session, shop, NAME, key, order, document, subject_ref=key)
    if effect is not None:
        sums = {"order": order.ref, "amount": document["amount"], "currency": wanted.currency, "lines": document["lines"], "key": key}
        audit.record(session, actor, "refund.plan", shop_id=shop.id, subject=f"effect {effect.id}", after=sums)
    return effect


def _wanted(session: Session, effect: Effect, order: Order | None) -> Refund:
    known = told(effect)
    sums = {name: Decimal(str(known[name])) for name in ("amount", "shipping", "withheld")}
    return Refund(
        order_ref=order.ref if order is not None else "",
        currency=str(known["currency"]),
        lines=pairs(known["lines"]),
        restock=bool(known["restock"]),
        as_credit=bool(known["as_credit"]),
        reason=str(known["reason"]),
        **sums,
    )


def _unwanted(session: Session, effect: Effect, order: Order | None) -> str:
    """Not more than was paid. Whether the order was thrown away does not matter: money that is owed is owed."""
    amount = Decimal(str(told(effect)["amount"]))
    if order is None or not order.number or order.refunded_total + amount <= order.total:
        return ""
    return f"{amount} should be refunded, but of {order.total} {order.currency} {order.refunded_total} went back already"


def _after(session: Session, effect: Effect, done: Done) -> None:
    """What the shop cannot pay by itself, somebody has to: an alarm, for a week."""
    if done.left:
        shop = session.scalars(select(Shop).where(Shop.id == effect.shop_id)).one()
        order = session.get(Order, effect.order_id)
        number = order.number or order.ref if order is not None else ""
        alarms.raise_alarm(session, "refund-by-hand", f"{shop.name}, {number}", "warn", f"{shop.name}, order {number}: {done.left}")


DEED = Deed(NAME, _wanted, _unwanted, _after)
