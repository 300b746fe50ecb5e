"""What is due because of something that happened just now, which no plan of an order foresees: a mail, a merchant's mail, a question to the shop."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from postventa import effects
from postventa.clock import now
from postventa.followups.base import Basis
from postventa.models import Effect, Order
from postventa.shops import ConnectedShop


def mail(session: Session, order: Order, key: str, followup: str, subject: str, at: datetime | None = None, **told: object) -> Effect | None:
    """Plan it, due at once, to the order's address. `subject`: what of the order it is about; `at`: when it happened, if it was not now; `told`:
    kept with it. None: that key has one.
    """
    return effects.plan(
        session,
        key=key,
        shop_id=order.shop_id,
        order_id=order.id,
        kind="mail",
        followup=followup,
        recipient=order.email,
        legal_basis=Basis.TRANSACTIONAL,
        at=at or now(),
        due_at=now(),
        subject_ref=subject,
        data=told,
    )


def alert(
    session: Session, shop: ConnectedShop, key: str, followup: str, order_id: int | None = None, subject: str = "", **told: object
) -> Effect | None:  # fmt: skip
    """The same to the merchant. `order_id`: the order that it is about, if it is about one."""
    return effects.plan(
        session,
        key=key,
        shop_id=shop.id,
        order_id=order_id,
        kind="alert",
        followup=followup,
        recipient=shop.alert_address,
        legal_basis=Basis.OPERATIONAL,
        at=now(),
        due_at=now(),
        subject_ref=subject,
        data=told,
    )


def question(
    session: Session, shop: ConnectedShop, key: str, followup: str, subject: str, due_at: datetime | None = None, **told: object
) -> Effect | None:  # fmt: skip
    """Something that the shop's own API is asked (`jobs/refetch.py`), now or at `due_at`; nobody is written to. None too if we have no keys."""
    if not shop.settings.has_api_keys:
        return None
    return effects.plan(
        session,
        key=key,
        shop_id=shop.id,
        order_id=None,
        kind="fetch",
        followup=followup,
        recipient="",
        legal_basis=Basis.OPERATIONAL,
        at=now(),
        due_at=due_at or now(),
        subject_ref=subject,
        data=told,
    )
