"""A return that ends as credit: the customer is written to when the shop has made it, with the code if it has one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import at_once
from postventa.clock import now
from postventa.models import Effect, Order, ReturnCase

MAIL = "return_credited"


def tell(session: Session, effect: Effect, code: str = "") -> None:
    """Plan the mail for the return that `effect` (a refund as credit, or a credit) was made for; once, and nothing for what belongs to no return."""
    number, _, part = effect.subject_ref.partition(":")
    case = session.scalars(select(ReturnCase).where(ReturnCase.order_id == effect.order_id, ReturnCase.number == number)).first()
    order = session.get(Order, effect.order_id)
    if case is None or order is None or part:  # the bonus and what went back into stock are told of with the rest
        return
    case.quoted, case.credited_at = {**case.quoted, "code": code}, case.credited_at or now()
    shop_key, _, _ = effect.key.partition(f":{order.ref}:{effect.followup}:")
    at_once.mail(session, order, f"{shop_key}:{order.ref}:{MAIL}:{case.ref}", MAIL, case.ref, at=case.credited_at)
