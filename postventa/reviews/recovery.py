"""An unhappy customer gets a person: a case with a clock, and a mail to the merchant at once.

What the customer wrote is published like any other opinion; the case is help beside it, not a way around it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa import effects
from postventa.models import Order, RecoveryCase, Review
from postventa.reviews.rules import ANSWER_WITHIN, is_low

FOLLOWUP = "low_rating"


def respond(session: Session, *, shop_key: str, order: Order, review: Review, recipient: str, now: datetime) -> RecoveryCase | None:
    """Open the order's case, or open it again, if the rating calls for one, and plan the merchant's mail: one per item, however often it is edited.

    `recipient`: the shop's address for alerts.
    """
    if not is_low(review.rating):
        return None
    case = _open(session, order, review, now)
    effects.plan(
        session,
        key=f"{shop_key}:{order.ref}:{FOLLOWUP}:{review.line_ref}",
        shop_id=order.shop_id,
        order_id=order.id,
        kind="alert",
        followup=FOLLOWUP,
        recipient=recipient,
        legal_basis="operational",
        at=now,
        due_at=now,
        subject_ref=review.line_ref,
        data={"review_id": review.id, "rating": review.rating},
    )
    return case


def _open(session: Session, order: Order, review: Review, now: datetime) -> RecoveryCase:
    """One per order. An open one keeps its clock and the lowest rating; a closed one starts again only on new bad news."""
    case = session.scalar(select(RecoveryCase).where(RecoveryCase.order_id == order.id))
    if case is None:
        case = RecoveryCase(shop_id=order.shop_id, order_id=order.id, state="open", opened_at=now)
        session.add(case)
    elif case.state == "open" or review.updated_at < now:
        case.rating = min(case.rating, review.rating)
        return case
    case.state, case.opened_at, case.answer_due_at, case.closed_at = "open", now, now + ANSWER_WITHIN, None
    case.review_id, case.rating = review.id, review.rating
    session.flush()
    return case
