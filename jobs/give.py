"""What a person gives a customer by hand: money back, a discount code; and a note for whoever opens the order in the shop.

The sum is reckoned under the order's lock, from what is left when everything that is on its way is counted; the `key` of a wish makes it one effect,
however often and however many at once it is sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops.writes import Refund
from jobs.deeds import coupon, note, refund
from jobs.deeds.base import key_of, told
from postventa import audit
from postventa.clock import now
from postventa.models import Effect, Order
from postventa.orders import books
from postventa.orders.money import Books, Choice, Sum, reckon, rounded
from postventa.shops import ConnectedShop

CREDITS = frozenset({"shopify"})
"""Platforms that keep store credit."""
PREFIX = re.compile(r"[A-Z0-9]{2,16}")
LONGEST_DAYS = 730


class Changed(Exception):
    """The sum is another one than the person was shown: something went back, or was planned, meanwhile."""

    def __init__(self, sums: Sum) -> None:
        super().__init__(f"the sum is {sums.amount} now: nothing was refunded")
        self.sums = sums


class NotPossible(ValueError):
    """Which rule of `RULES` says no."""

    def __init__(self, name: str) -> None:
        super().__init__(RULES[name])
        self.name = name


RULES = {
    "worth": "a coupon is worth either a percentage above 0 and up to 100, or a sum above 0",
    "days": f"a coupon is valid for 1 to {LONGEST_DAYS} days; leave it out for one that does not end",
    "prefix": "what a code begins with are 2 to 16 capital letters or figures",
    "credit": "this shop keeps no store credit: make a discount code instead",
    "no-order": "the shop has not described this order yet, so its money is not known",
}


@dataclass(frozen=True)
class Wanted:
    """A refund that a person asks for."""

    choice: Choice
    restock: bool = False
    as_credit: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Terms:
    """A coupon that a person asks for. `days`: how long it is valid; 0: it does not end."""

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    days: int = 0
    title: str = ""
    prefix: str = "GRACIAS"

    @property
    def ends_at(self) -> datetime | None:
        """From now on."""
        return now() + timedelta(days=self.days) if self.days else None


@dataclass(frozen=True)
class Given:
    """The effect that does it. `new`: this wish was the first of its key; `code`: of a coupon."""

    effect: Effect
    new: bool
    code: str = ""


def sums(session: Session, shop: ConnectedShop, order: Order, wanted: Wanted) -> Sum:
    """What the customer would get now. Raises `postventa.orders.money.Wrong`, `NotPossible`."""
    if not order.number:
        raise NotPossible("no-order")
    if wanted.as_credit and shop.platform not in CREDITS:
        raise NotPossible("credit")
    return reckon(books.load(session, order), wanted.choice)


def give_refund(session: Session, shop: ConnectedShop, order_id: int, wanted: Wanted, *, key: str, actor: str, shown: Decimal | None = None) -> Given:
    """Have it paid. `shown`: the sum that the person agreed to. Raises `Changed`, and what `sums` and `plan_refund` raise."""
    order = _locked(session, order_id)
    known = _known(session, shop, order, refund.NAME, key)
    if known is not None:
        return Given(known, new=False)
    worth = sums(session, shop, order, wanted)
    if shown is not None and shown != worth.amount:
        raise Changed(worth)
    write = Refund(
        order.ref,
        worth.amount,
        order.currency,
        lines=wanted.choice.lines,
        shipping=worth.shipping,
        withheld=worth.withheld,
        restock=wanted.restock and bool(wanted.choice.lines),
        as_credit=wanted.as_credit,
        reason=wanted.reason,
    )
    effect = refund.plan_refund(session, shop, order, write, key=key, actor=actor)
    assert effect is not None
    return Given(effect, new=True)


def check_coupon(terms: Terms, currency: str) -> None:
    """Raises `NotPossible` for terms that cannot be meant."""
    cent = Books(currency, Decimal(0), Decimal(0), ()).cent
    if not terms.percent.is_finite() or not terms.amount.is_finite() or (terms.percent > 0) == (terms.amount > 0):
        raise NotPossible("worth")
    if not 0 <= terms.percent <= 100 or terms.amount < 0 or terms.amount != rounded(terms.amount, cent):
        raise NotPossible("worth")
    if not 0 <= terms.days <= LONGEST_DAYS:
        raise NotPossible("days")
    if not PREFIX.fullmatch(terms.prefix):
        raise NotPossible("prefix")


def give_coupon(session: Session, shop: ConnectedShop, secret: bytes, order_id: int, terms: Terms, *, key: str, actor: str) -> Given:
    """Have a code of the customer's own made. Raises `NotPossible`, `NoKeys`."""
    order = _locked(session, order_id)
    check_coupon(terms, order.currency)
    known = _known(session, shop, order, coupon.NAME, key)
    if known is not None:
        return Given(known, new=False, code=str(told(known)["code"]))
    code = coupon.plan_coupon(
        session, shop, order, key=key, secret=secret, title=terms.title or terms.prefix, prefix=terms.prefix,
        percent=terms.percent, amount=terms.amount, ends_at=terms.ends_at,
    )  # fmt: skip
    effect = _known(session, shop, order, coupon.NAME, key)
    assert effect is not None
    terms_told = {"order": order.ref, "percent": f"{terms.percent:f}", "amount": f"{terms.amount:f}", "days": terms.days}
    audit.record(session, actor, "coupon.plan", shop_id=shop.id, subject=f"effect {effect.id}", after=terms_told)
    return Given(effect, new=True, code=code)


def give_note(session: Session, shop: ConnectedShop, order_id: int, words: str, *, key: str, actor: str) -> Given:
    """Write a note on the order. Raises `ValueError`, `NoKeys`."""
    order = _locked(session, order_id)
    known = _known(session, shop, order, note.NAME, f"hand-{key}")
    if known is not None:
        return Given(known, new=False)
    effect = note.plan_words(session, shop, order, words, key=key, actor=actor)
    assert effect is not None
    return Given(effect, new=True)


def _locked(session: Session, order_id: int) -> Order:
    """Whoever gives for one order waits for the others who do."""
    return session.scalars(select(Order).where(Order.id == order_id).with_for_update().execution_options(populate_existing=True)).one()


def _known(session: Session, shop: ConnectedShop, order: Order, name: str, key: str) -> Effect | None:
    return session.scalars(select(Effect).where(Effect.key == key_of(shop, order, name, key))).first()
