"""After a return was changed: the label that fits it now, and one mail that says how it stands, if no other one is about to."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import at_once, label_anew
from postventa.followups.schedule import effect_key
from postventa.models import Effect, Order, ReturnCase, State
from postventa.shops import ConnectedShop

NAME = "return_changed"
TELLING = ("return_requested", "return_approved", "return_label", NAME)
"""What says how a return stands, as it stands when it goes out."""


def bring_up_to_date(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase) -> None:
    """Call after the plan of the order was made anew. The mail that brings a label says all that this one would."""
    label_anew.make(session, shop, order, case)
    if not _is_told(session, case):
        _mail(session, shop, order, case)


def _is_told(session: Session, case: ReturnCase) -> bool:
    waiting = (Effect.order_id == case.order_id, Effect.subject_ref == case.ref, Effect.followup.in_(TELLING))
    return session.scalar(select(Effect.id).where(*waiting, Effect.state == State.PLANNED).limit(1)) is not None


def _mail(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase) -> None:
    mark = f"{len(case.changes)}-{case.state}"
    at_once.mail(session, order, effect_key(shop, order, NAME, f"{case.ref}:{mark}"), NAME, case.ref)
