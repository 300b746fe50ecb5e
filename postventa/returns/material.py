"""What a quote is reckoned from: an order with its lines, returns and refunds, and what is known of its customer and products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postventa import products
from postventa.clock import now
from postventa.effects import OPEN
from postventa.models import Customer, Effect, EventRow, Order, OrderLine, Parcel, Product, ReturnCase, State
from postventa.returns.money import ZERO
from postventa.returns.rules import Pair

UNTRACKED = "order"
"""The parcel that stands for the whole order where the shop names none."""
CALLED_OFF = ("declined", "cancelled")
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Material:
    """All of it as it stands; whoever acts on it holds the order's lock."""

    order: Order
    lines: Sequence[OrderLine]
    cases: Sequence[ReturnCase]
    """All of the order's returns."""
    parcels: Sequence[Parcel]
    refunds: Sequence[tuple[str, tuple[Pair, ...]]]
    """(the shop's reference, lines) of each refund that the shop told of, the oldest first."""
    pending: Decimal
    """What refunds of ours come to that the shop has not told of yet."""
    earlier_returns: int
    customer_ref: str
    products: Mapping[str, Product]

    @property
    def live(self) -> tuple[ReturnCase, ...]:
        """Returns that were neither declined nor called off."""
        return tuple(case for case in self.cases if case.state not in CALLED_OFF)

    @property
    def delivered_at(self) -> datetime | None:
        """When the last parcel arrived; None while one of them is on its way, or nobody told."""
        live = [parcel for parcel in self.parcels if not parcel.cancelled]
        whole = next((parcel.delivered_at for parcel in live if parcel.ref == UNTRACKED), None)
        named = [parcel.delivered_at or whole for parcel in live if parcel.ref != UNTRACKED] or [whole]
        known = [moment for moment in named if moment is not None]
        return max(known) if known and len(known) == len(named) else None

    @property
    def left_the_house(self) -> bool:
        """Whether anything of it is known to have been sent."""
        return any(parcel.dispatched_at or parcel.out_for_delivery_at or parcel.delivered_at for parcel in self.parcels if not parcel.cancelled)

    def without(self, case_ref: str) -> Material:
        """As if one of the returns had not been opened: for working it out anew."""
        return replace(self, cases=[case for case in self.cases if case.ref != case_ref])

    def taken(self, line_ref: str) -> tuple[int, ...]:
        """The pieces of a line that went back or are in returns, in the order in which they were paid for."""
        paid = [quantity for _, pairs in self.refunds for ref, quantity in pairs if ref == line_ref]
        known = sum(paid)
        for case in self.live:
            pieces = _of_line(case, line_ref)
            paid.append(max(pieces - known, 0))
            known = max(known - pieces, 0)
        return tuple(quantity for quantity in paid if quantity)

    @property
    def left(self) -> Decimal:
        """What of the order's money is neither given back nor promised."""
        return self.order.total - self.order.refunded_total - self.pending - sum((_promised(case) for case in self.live), ZERO)


def load(session: Session, order: Order) -> Material:
    """In a fixed number of statements."""
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all()
    told = session.execute(_refunds(order)).all()
    refunds = sorted(((at, str(data["refund_ref"]), pairs(data.get("lines"))) for at, data in told), key=lambda refund: refund[:2])
    return Material(
        order=order,
        lines=lines,
        cases=session.scalars(select(ReturnCase).where(ReturnCase.order_id == order.id).order_by(ReturnCase.created_at, ReturnCase.id)).all(),
        parcels=session.scalars(select(Parcel).where(Parcel.order_id == order.id)).all(),
        refunds=[(ref, taken) for _, ref, taken in refunds],
        pending=_pending(session, order, {ref for _, ref, _ in refunds}),
        earlier_returns=_earlier(session, order),
        customer_ref=_customer_ref(session, order),
        products=products.find(session, order.shop_id, [line.product_ref for line in lines]),
    )


def pairs(raw: Any) -> tuple[Pair, ...]:
    """[[ref, quantity], ...] as stored -> tuples."""
    return tuple((str(ref), int(quantity)) for ref, quantity in raw or ())


def pieces_of(case: ReturnCase, lines: Iterable[OrderLine]) -> tuple[Pair, ...]:
    """What of an order a return holds: what was agreed to, else what was asked for, else all that was shipped."""
    return pairs(case.accepted) or pairs(case.lines) or tuple((line.ref, line.quantity) for line in lines if line.requires_shipping)


def _of_line(case: ReturnCase, line_ref: str) -> int:
    chosen = pairs(case.accepted) or pairs(case.lines)
    return sum(quantity for ref, quantity in chosen if ref == line_ref)


def _promised(case: ReturnCase) -> Decimal:
    """What was quoted and is not in a refund of its own: the rest stands in `pending` and `refunded_total`."""
    if not case.quoted or case.quoted.get("settled_by") in ("refund", "hand"):
        return ZERO
    return Decimal(str(case.quoted.get("refund", "0")))


def _refunds(order: Order) -> Any:
    return select(EventRow.at, EventRow.data).where(
        EventRow.shop_id == order.shop_id, EventRow.order_ref == order.ref, EventRow.kind == "OrderRefunded"
    )


def _pending(session: Session, order: Order, told: set[str]) -> Decimal:
    """Refunds that are planned, at work, in doubt, or done and not told of by the shop yet."""
    mine = (Effect.order_id == order.id, Effect.followup == "write_refund", Effect.state.in_((*OPEN, State.DONE)))
    ours = select(Effect.state, Effect.data).where(*mine)
    rows = [(state, data) for state, data in session.execute(ours) if state != State.DONE or str(data.get("ref", "")) not in told]
    return sum((_amount(data) for _, data in rows), ZERO)


def _amount(data: Mapping[str, Any]) -> Decimal:
    return Decimal(str(data["wanted"]["amount"]))


def _earlier(session: Session, order: Order) -> int:
    if order.customer_id is None:
        return 0
    others = (
        select(func.count())
        .select_from(ReturnCase)
        .join(Order, Order.id == ReturnCase.order_id)
        .where(Order.shop_id == order.shop_id, Order.customer_id == order.customer_id, ReturnCase.created_at > now() - YEAR)
        .where(ReturnCase.state != "cancelled")
    )
    return session.scalar(others) or 0


def _customer_ref(session: Session, order: Order) -> str:
    customer = session.get(Customer, order.customer_id) if order.customer_id is not None else None
    return customer.ref if customer is not None else ""
