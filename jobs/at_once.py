"""A mail about something that happened just now, which no plan of an order foresees."""

from __future__ import annotations

from sqlalchemy.orm import Session

from postventa import effects
from postventa.clock import now
from postventa.followups.base import Basis
from postventa.models import Effect, Order


def mail(session: Session, order: Order, key: str, followup: str, subject: str, **told: object) -> Effect | None:
    """Plan it, due at once, to the order's address. `subject`: what of the order it is about; `told`: kept with it. None: that key has one."""
    return effects.plan(
        session,
        key=key,
        shop_id=order.shop_id,
        order_id=order.id,
        kind="mail",
        followup=followup,
        recipient=order.email,
        legal_basis=Basis.TRANSACTIONAL,
        at=now(),
        due_at=now(),
        subject_ref=subject,
        data=told,
    )
