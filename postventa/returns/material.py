"""What a quote is reckoned from: an order with its lines, returns and refunds, and what is known of its customer and products."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from postventa.orders import books
from postventa.orders.money import Gone
from postventa.returns.money import ZERO
from postventa.returns.rules import Pair

REST = "rest-"
"""What keys begin with of refunds that an exchange leaves over."""
UNTRACKED = "order"
"""The parcel that stands for the whole order where the shop names none."""
CALLED_OFF = ("declined", "cancelled")
SWAPS = (books.EXCHANGE, books.CREDIT)
"""Follow-ups of effects that spend an order's money in another way than by a refund."""
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Material:
    """All of it as it stands; whoever acts on it holds the order's lock."""

    order: Order
    lines: Sequence[OrderLine]
    cases: Sequence[ReturnCase]
    """All of the order's returns."""
    parcels: Sequence[Parcel]
    gone: Sequence[Gone]
    """All refunds, those as well that are on their way."""
    swapped: Decimal
    """What went or goes into exchanges and credits, which stand in none of the refunds."""
    earlier_returns: int
    customer_ref: str
    products: Mapping[str, Product]

    @property
    def live(self) -> tuple[ReturnCase, ...]:
        """Returns that were neither declined nor called off; what was settled before that is settled."""
        return tuple(case for case in self.cases if case.state not in CALLED_OFF or case.settled_at is not None)

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

    def too_many(self, pieces: Iterable[Pair]) -> str:
        """The line of which more should go back than there is beside refunds and other returns; empty: none."""
        bought = {line.ref: line.quantity for line in self.lines}
        return next((ref for ref, quantity in pieces if sum(self.taken(ref)) + quantity > bought.get(ref, 0)), "")

    def refunded_since(self, at: datetime, refs: Collection[str]) -> bool:
        """Whether somebody gave money back since then that may have been for these lines. Other returns and exchanges were for others."""
        others = {case.number for case in self.cases}
        since = (one for one in self.gone if one.at is not None and one.at >= at and one.key.partition(":")[0] not in others)
        return any(any(ref in refs for ref, _ in one.lines) or not (one.lines or one.key.startswith(REST)) for one in since)

    def without(self, case_ref: str) -> Material:
        """As if one of the returns had not been opened: for working it out anew."""
        left = [case for case in self.cases if case.ref != case_ref]
        counted = sum(_counts(case) for case in self.cases) - sum(_counts(case) for case in left)
        return replace(self, cases=left, earlier_returns=max(self.earlier_returns - counted, 0))

    def taken(self, line_ref: str) -> tuple[int, ...]:
        """The pieces of a line that went back or are in returns, in the order in which they were paid for."""
        paid = [quantity for one in self.gone for ref, quantity in one.lines if ref == line_ref]
        known = sum(paid)
        for case in self.live:
            pieces = _of_line(case, line_ref)
            paid.append(max(pieces - known, 0))
            known = max(known - pieces, 0)
        return tuple(quantity for quantity in paid if quantity)

    @property
    def shipping_left(self) -> Decimal:
        """What of the delivery was not given back, as far as we know."""
        return max(self.order.shipping_total - sum((one.shipping for one in self.gone), ZERO), ZERO)

    @property
    def left(self) -> Decimal:
        """What of the order's money is neither given back nor promised."""
        coming = sum((one.amount for one in self.gone if one.coming), ZERO)
        return self.order.total - self.order.refunded_total - coming - self.swapped - sum((_promised(case) for case in self.live), ZERO)


def load(session: Session, order: Order) -> Material:
    """In a fixed number of statements."""
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all()
    return Material(
        order=order,
        lines=lines,
        cases=session.scalars(select(ReturnCase).where(ReturnCase.order_id == order.id).order_by(ReturnCase.created_at, ReturnCase.id)).all(),
        parcels=session.scalars(select(Parcel).where(Parcel.order_id == order.id)).all(),
        gone=books.load(session, order, (books.REFUND,)).gone,
        swapped=_swapped(session, order),
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
    """What was quoted and is not settled: what a settled one came to stands in refunds, exchanges and credits."""
    if not case.quoted or case.settled_at is not None:
        return ZERO
    return Decimal(str(case.quoted.get("refund", "0")))


def _swapped(session: Session, order: Order) -> Decimal:
    """Exchanges and credits that are planned, at work, in doubt or done; without those that the shop told of as a refund."""
    mine = (Effect.order_id == order.id, Effect.followup.in_(SWAPS), Effect.state.in_((*OPEN, State.DONE)))
    found = [data for data in session.scalars(select(Effect.data).where(*mine)) if not data.get("called_off")]
    told = (EventRow.shop_id == order.shop_id, EventRow.order_ref == order.ref, EventRow.kind == "OrderRefunded")
    known = {str(data.get("refund_ref", "")) for data in session.scalars(select(EventRow.data).where(*told))} if found else set()
    return sum((_spent(data) for data in found if str(data.get("refund_ref", "")) not in known - {""}), ZERO)


def _spent(data: Mapping[str, Any]) -> Decimal:
    """Of an exchange what was used, once that is known."""
    wanted = data["wanted"]
    return Decimal(str(wanted["amount"] if "amount" in wanted else data.get("used", wanted["credit"])))


def _counts(case: ReturnCase) -> bool:
    """Whether it is one of its customer's returns within the year."""
    return case.created_at > now() - YEAR and case.state != "cancelled"


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
