"""Money back to a customer, once, and the sum that she was told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from connectors.shops.writes import Done, Refund
from jobs.deeds import credited, owed
from jobs.deeds.base import Deed, is_planned, pairs, plan, told
from postventa import audit
from postventa.models import Effect, Order
from postventa.returns.money import cent_of, rounded
from postventa.shops import ConnectedShop

NAME = owed.REFUND


def plan_refund(session: Session, shop: ConnectedShop, order: Order, wanted: Refund, *, key: str, actor: str) -> Effect | None:
    """Have it paid. `key`: what it answers, such as a return's number: the same one again is the same refund, and gives None.

    Raises `ValueError` for sums that cannot be meant, `TooMuch` for more than is left of the order's money, `NoKeys`.
    """
    cent = cent_of(wanted.currency)
    if not wanted.amount.is_finite() or wanted.amount != rounded(wanted.amount, cent):
        raise ValueError(f"a refund of {wanted.amount} {wanted.currency} cannot be paid: the smallest coin is {cent}")
    if wanted.amount <= 0 or wanted.withheld < 0 or wanted.shipping < 0 or any(quantity <= 0 for _, quantity in wanted.lines):
        raise ValueError("a refund needs a sum above 0, and quantities above 0")
    owed.locked(session, order)
    if is_planned(session, shop, order, NAME, key):
        return None
    owed.refuse_too_much(session, order, wanted.amount, wanted.currency)
    document = _document(wanted)
    effect = plan(session, shop, NAME, key, order, document, subject_ref=key)
    if effect is not None:
        sums = {"order": order.ref, "amount": document["amount"], "currency": wanted.currency, "lines": document["lines"], "key": key}
        audit.record(session, actor, "refund.plan", shop_id=shop.id, subject=f"effect {effect.id}", after=sums)
    return effect


def wish(amount: Decimal, currency: str, reason: str = "") -> dict[str, Any]:
    """A sum by itself, as it is written down: what an exchange leaves over."""
    return _document(Refund("", amount, currency, reason=reason))


def _document(wanted: Refund) -> dict[str, Any]:
    return {
        "amount": f"{wanted.amount:f}",
        "currency": wanted.currency,
        "lines": [list(pair) for pair in wanted.lines],
        "shipping": f"{wanted.shipping:f}",
        "withheld": f"{wanted.withheld:f}",
        "restock": wanted.restock,
        "as_credit": wanted.as_credit,
        "reason": wanted.reason,
    }


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
    return owed.too_much(session, effect, order, Decimal(str(told(effect)["amount"])), "be refunded")


def _after(session: Session, effect: Effect, done: Done) -> None:
    if told(effect)["as_credit"]:
        credited.tell(session, effect)
    owed.raise_by_hand(session, effect, done)


DEED = Deed(NAME, _wanted, _unwanted, _after)
