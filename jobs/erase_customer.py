"""Erasure at the law's or the platform's word (GDPR art. 17, `customers/redact`, `shop/redact`).

What says who somebody is goes; what happened (amounts, dates, states) stays under a pseudonym, as accounts and later disputes need it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import Attempt, Customer, Effect, EventRow, Inbound, LabelRow, Link, Order, ReturnCase, Review, State

REASON = "the customer's data were erased"
WORDS = ("reason", "note")
"""Fields of events that hold what a person wrote."""


def erase_customer(session: Session, shop_id: int, subject: str) -> int:
    """Erase one customer of a shop by reference or address; how many orders that touched."""
    who = or_(Customer.ref == subject, Customer.email == subject.strip().lower())
    found = session.scalars(select(Customer).where(Customer.shop_id == shop_id, who)).all()
    return sum(_erase(session, customer) for customer in found)


def erase_shop(session: Session, shop_id: int) -> int:
    """Erase all customers of a shop."""
    return sum(_erase(session, customer) for customer in session.scalars(select(Customer).where(Customer.shop_id == shop_id)).all())


def _erase(session: Session, customer: Customer) -> int:
    mine = select(Order.id).where(Order.shop_id == customer.shop_id, or_(Order.customer_id == customer.id, Order.email == customer.email))
    orders = session.scalars(select(Order).where(Order.id.in_(mine)).with_for_update()).all()
    for order in orders:
        order.email = order.first_name = order.last_name = order.phone = order.note = order.status_url = ""
        order.shipping_address, order.billing_address, order.erased_at = {}, {}, now()
        order.revision += 1
    _forget_traces(session, customer, [order.id for order in orders], [order.ref for order in orders])
    customer.email, customer.ref, customer.first_name, customer.last_name = f"erased-{customer.id}", "", "", ""
    session.flush()
    return len(orders)


def _forget_traces(session: Session, customer: Customer, ids: Sequence[int], refs: Sequence[str]) -> None:
    """Raw deliveries, addresses on effects, labels, links, signed names."""
    shop = customer.shop_id
    waiting = (Effect.order_id.in_(ids), Effect.state == State.PLANNED, Effect.followup != "write_refund")  # money that is owed is owed
    cases = select(ReturnCase.id).where(ReturnCase.order_id.in_(ids))
    told = [EventRow.shop_id == shop, or_(EventRow.order_ref.in_(refs), EventRow.key.startswith(f"CustomerSeen:{customer.ref or customer.email}:"))]
    names = EventRow.kind.in_(("CustomerSeen", "ParcelSeen", "OrderSeen"))
    for statement in (
        update(Effect).where(*waiting).values(state=State.CANCELLED, reason=REASON, done_at=now()),
        update(Effect).where(Effect.order_id.in_(ids)).values(recipient=""),
        update(Effect).where(Effect.order_id.in_(ids), Effect.followup == "write_note").values(data={}),
        update(Inbound).where(Inbound.shop_id == shop, Inbound.order_ref.in_(refs), Inbound.order_ref != "").values(body=None, headers={}, trace=""),
        update(EventRow).where(*told, names).values(data={}),
        update(LabelRow).where(LabelRow.return_case_id.in_(cases)).values(pdf=None),
        update(ReturnCase).where(ReturnCase.order_id.in_(ids)).values(reason=""),
        update(Link).where(Link.shop_id == shop, or_(Link.order_id.in_(ids), Link.email == customer.email)).values(email="", revoked_at=now()),
        update(Review).where(Review.order_id.in_(ids)).values(author=""),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    _forget_words(session, shop, refs)
    said = Attempt.effect_id.in_(select(Effect.id).where(Effect.order_id.in_(ids))), Attempt.detail.icontains(customer.email, autoescape=True)
    session.execute(update(Attempt).where(*said).values(detail=REASON).execution_options(synchronize_session=False))


def _forget_words(session: Session, shop_id: int, refs: Sequence[str]) -> None:
    """What was told of returns, refunds and cancellations in somebody's own words; which and when stays."""
    told = EventRow.shop_id == shop_id, EventRow.order_ref.in_(refs), EventRow.order_ref != ""
    for event in session.scalars(select(EventRow).where(*told)):
        kept = {name: value for name, value in event.data.items() if name not in WORDS}
        if kept != event.data:
            event.data = kept
