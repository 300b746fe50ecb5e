"""What an order was paid with, as credit for the next one, with what the merchant adds to it."""

from __future__ import annotations

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops.writes import Credited, Done, StoreCredit
from jobs.deeds import credited, owed
from jobs.deeds.base import Deed, is_planned, plan, told
from postventa import audit
from postventa.models import Effect, Order, State
from postventa.returns.numbers import ALPHABET
from postventa.shops import ConnectedShop

NAME = owed.CREDIT
PREFIX, SYMBOLS = "VALE", 12
"""60 bits, and no longer than a gift card's code may be (20 letters and digits)."""
BONUS = "bonus"
"""The part of a key, `R-1:bonus`, under which one is added to a refund that is a credit."""


def plan_store_credit(
    session: Session, shop: ConnectedShop, order: Order, *, key: str, amount: Decimal, bonus: Decimal = Decimal(0), currency: str, actor: str,
    title: str = "", ends_at: datetime | None = None,
) -> Effect | None:  # fmt: skip
    """Have it credited. `key`: what it answers, such as a return's number: the same one again is the same credit, and gives None.

    `amount` is the customer's own money, and does not end; `bonus` is the merchant's, and may (`ends_at`). `title`: for whoever reads it in the shop.
    What came of it stands in the effect's data: `ways` (`account`, `gift_card`, `code`), `code`, `worth`, `currency`.
    Raises `ValueError` for sums that cannot be meant, `TooMuch` for more than is left of the order's money, `NoKeys`.
    """
    if amount < 0 or bonus < 0 or amount + bonus <= 0:
        raise ValueError("a credit needs a sum above 0")
    owed.locked(session, order)
    if is_planned(session, shop, order, NAME, key):
        return None
    owed.refuse_too_much(session, order, amount, currency)
    document = wish(amount, currency, bonus=bonus, title=title or order.number, ends_at=ends_at)
    effect = plan(session, shop, NAME, key, order, document, recipient=order.email, subject_ref=key)
    if effect is not None:
        sums = {"order": order.ref, "amount": document["amount"], "bonus": document["bonus"], "currency": currency, "key": key}
        audit.record(session, actor, "credit.plan", shop_id=shop.id, subject=f"effect {effect.id}", after=sums)
    return effect


def wish(amount: Decimal, currency: str, *, bonus: Decimal = Decimal(0), title: str = "", ends_at: datetime | None = None) -> dict[str, Any]:
    """As it is written down. The code is drawn once: every try of one credit has the same."""
    code = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
    sums = {"amount": f"{amount:f}", "bonus": f"{bonus:f}", "currency": currency}
    return {**sums, "code": code, "title": title, "ends_at": ends_at.isoformat() if ends_at else "", "since": owed.since()}


def _wanted(session: Session, effect: Effect, order: Order | None) -> StoreCredit:
    known = told(effect)
    return StoreCredit(
        order_ref=order.ref if order is not None else "",
        amount=Decimal(str(known["amount"])),
        bonus=Decimal(str(known["bonus"])),
        currency=str(known["currency"]),
        code=str(known["code"]),
        since=datetime.fromisoformat(str(known["since"])),
        ends_at=datetime.fromisoformat(str(known["ends_at"])) if known["ends_at"] else None,
        email=effect.recipient or (order.email if order is not None else ""),
        title=str(known["title"]),
    )


def _waits(session: Session, effect: Effect, order: Order | None) -> str:
    """A bonus by itself waits until the credit is there to which it is added: a refund under the same key."""
    first, _, part = effect.subject_ref.partition(":")
    if part != BONUS:
        return ""
    credit = (Effect.order_id == effect.order_id, Effect.followup == owed.REFUND, Effect.subject_ref == first)
    state = session.scalar(select(Effect.state).where(*credit))
    return f"waits: the credit to which it is added is {state}" if state not in (None, State.DONE) else ""


def _unwanted(session: Session, effect: Effect, order: Order | None) -> str:
    return owed.too_much(session, effect, order, Decimal(str(told(effect)["amount"])), "be credited")


def _after(session: Session, effect: Effect, done: Done) -> None:
    """Keep what pages and mails show."""
    if not isinstance(done, Credited):
        raise TypeError(f"effect {effect.id}: a credit ended as {type(done).__name__}")
    known = told(effect)
    worth = Decimal(str(known["amount"])) + (0 if done.left else Decimal(str(known["bonus"])))
    shown = {"ways": list(done.ways), "code": done.code, "worth": f"{worth:f}", "currency": known["currency"], "refund_ref": done.refund_ref}
    effect.data = {**effect.data, **shown}
    credited.tell(session, effect, done.code)
    owed.raise_by_hand(session, effect, done)


DEED = Deed(NAME, _wanted, _unwanted, _after, _waits)
