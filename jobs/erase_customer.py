"""Erasure at the law's or the platform's word (GDPR art. 17, `customers/redact`, `shop/redact`, a command).

What says who somebody is goes; what happened (amounts, dates, states) stays under a pseudonym, as accounts and later disputes need it. Whose order it
was is locked away first where the law has the merchant keep that (`postventa/privacy/blocked.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Delete, Update, delete, select, update
from sqlalchemy.orm import Session

from jobs import erased_labels
from jobs.deeds import exchange
from jobs.deeds.owed import OWED
from jobs.pickups import book
from postventa.clock import now
from postventa.models import (
    FINAL,
    Attempt,
    Customer,
    DispatchProof,
    Effect,
    EventRow,
    Inbound,
    LabelRow,
    LabelTracking,
    Link,
    LookUp,
    OneTimeCode,
    Order,
    ReturnCase,
    ReturnPhoto,
    Review,
    ReviewPhoto,
    ScanRow,
    Shop,
    State,
    Tracking,
)
from postventa.privacy import blocked
from postventa.privacy.people import Person, customers_of, orders_of
from postventa.withdrawal import store as withdrawals

T = TypeVar("T", Customer, Order)
REASON = "the customer's data were erased"
WORDS = ("reason", "note")
"""Fields of events that hold what a person wrote."""
TYPED = {"write_refund": "reason", "write_coupon": "title", "write_exchange": "note", "write_store_credit": "title"}
"""Follow-up -> what of its wish a person typed."""
STILL = (*OWED, exchange.CANCEL, book.CALL_OFF)
"""What is planned and done all the same: what is owed is owed, and nobody is to come to that door."""
TOGETHER = 100
"""Customers or orders of a whole shop that are erased at a time."""


@dataclass(frozen=True)
class Lock:
    """Where what has to be kept is locked away. `years`: how long after the order; 0: nothing is kept."""

    secret: bytes
    years: int
    case_id: int | None = None


@dataclass(frozen=True)
class Erased:
    """How many customers and orders were erased, and of how many orders something is locked away.

    `labels`: so many go back to their carriers; `doubts`: of so many labels and pickups a carrier is asked first whether there are any; `named`: so
    many an alarm names to a person.
    """

    customers: int
    orders: int
    blocked: int
    labels: int = 0
    doubts: int = 0
    named: int = 0

    def __add__(self, other: Erased) -> Erased:
        return Erased(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    @property
    def counts(self) -> dict[str, int]:
        """For the case and the audit log."""
        return asdict(self)

    @property
    def at_carriers(self) -> str:
        """What happens to what carriers have of them, as the end of a sentence; empty: they have nothing."""
        said = (
            ("labels that go back to their carriers", self.labels),
            ("labels and pickups in doubt, looked for at their carriers", self.doubts),
            ("you have to look for there, see the alarms", self.named),
        )
        return "".join(f"; {what}: {count}" for what, count in said if count)


def erase_customer(session: Session, shop_id: int, person: Person, lock: Lock) -> Erased:
    """Erase one person of a shop: all customers and orders that they are known by."""
    customers = customers_of(session, shop_id, person)
    return _erase(session, shop_id, customers, orders_of(session, shop_id, customers, person), person.email, lock)


def erase_shop(session: Session, shop_id: int) -> Erased:
    """Erase all customers of a shop, those that are locked away as well: whoever keeps data for a merchant gives them up in the end."""
    done, none = Erased(0, 0, 0), Lock(b"", 0)
    for customers in _pieces(session.scalars(select(Customer).where(Customer.shop_id == shop_id, ~Customer.email.startswith("erased-"))).all()):
        orders = [order for customer in customers for order in orders_of(session, shop_id, [customer], Person())]
        done += _erase(session, shop_id, customers, orders, "", none)
    for left in _pieces(session.scalars(select(Order).where(Order.shop_id == shop_id, Order.erased_at.is_(None))).all()):
        done += _erase(session, shop_id, [], left, "", none)
    blocked.destroy_of(session, shop_id)
    withdrawals.destroy_of(session, shop_id)
    return done


def _pieces(rows: Sequence[T]) -> Iterable[Sequence[T]]:
    return (rows[begin : begin + TOGETHER] for begin in range(0, len(rows), TOGETHER))


def _erase(session: Session, shop_id: int, customers: Sequence[Customer], orders: Sequence[Order], email: str, lock: Lock) -> Erased:
    ids, refs = [order.id for order in orders], [order.ref for order in orders]
    session.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id).with_for_update().execution_options(populate_existing=True)).all()
    names = {email.strip().lower()} | {order.email for order in orders} | {word for row in customers for word in (row.email, row.ref)}
    kept = sum(_lock_away(session, order, lock) for order in orders)
    _call_off_drivers(session, shop_id, orders)
    left = erased_labels.hand_over(session, shop_id, orders, REASON)
    for order in orders:
        order.email = order.first_name = order.last_name = order.phone = order.note = order.status_url = ""
        order.shipping_address, order.billing_address, order.erased_at = {}, {}, now()
        order.revision += 1
    _forget_traces(session, shop_id, ids, refs, left.doubts)
    _forget_names(session, shop_id, names - {""}, ids)
    _lock_statements(session, shop_id, sorted(name for name in names if "@" in name), ids, lock)
    for customer in customers:
        customer.email, customer.ref, customer.first_name, customer.last_name = f"erased-{customer.id}", "", "", ""
    session.flush()
    return Erased(len(customers), len(orders), kept, left.back, len(left.doubts), left.named)


def _call_off_drivers(session: Session, shop_id: int, orders: Sequence[Order]) -> None:
    """Whoever is ordered to a door that we forget."""
    shop, known = session.get_one(Shop, shop_id), {order.id: order for order in orders}
    for case in session.scalars(select(ReturnCase).where(ReturnCase.order_id.in_(known), ReturnCase.pickup_on != "").order_by(ReturnCase.id)):
        book.call_off(session, shop, known[case.order_id], case, REASON)
    session.flush()


def _lock_statements(session: Session, shop_id: int, emails: Sequence[str], order_ids: Sequence[int], lock: Lock) -> None:
    """Statements of withdrawal stay provable, locked away; the receipts that went out keep no address."""
    withdrawals.lock_away(session, lock.secret, shop_id, emails, order_ids, keep=bool(lock.years))
    sent = (Effect.shop_id == shop_id, Effect.kind == "receipt", Effect.recipient.in_(emails), Effect.state.in_(FINAL))
    session.execute(update(Effect).where(*sent).values(recipient="").execution_options(synchronize_session=False))


def _lock_away(session: Session, order: Order, lock: Lock) -> bool:
    if not lock.years:
        return False
    reasons = {case.number: case.reason for case in session.scalars(select(ReturnCase).where(ReturnCase.order_id == order.id)) if case.reason}
    return blocked.block(session, lock.secret, order, {"returns": reasons}, lock.years, lock.case_id)


def _forget_traces(session: Session, shop_id: int, ids: Sequence[int], refs: Sequence[str], doubts: Sequence[int]) -> None:
    """Of their orders: raw deliveries, addresses on effects, labels, links, signed names, photos. `doubts`: effects that end by looking."""
    waiting = (Effect.order_id.in_(ids), Effect.state == State.PLANNED, Effect.followup.not_in(STILL), Effect.id.not_in(doubts))
    cases = select(ReturnCase.id).where(ReturnCase.order_id.in_(ids))
    reviews = select(Review.id).where(Review.order_id.in_(ids))
    told = (EventRow.shop_id == shop_id, EventRow.kind.in_(("ParcelSeen", "OrderSeen")))

    def about(table: type[Inbound | EventRow]) -> tuple[ColumnElement[bool], ...]:
        return table.order_ref.in_(refs), table.order_ref != ""

    for statement in (
        update(Effect).where(*waiting).values(state=State.CANCELLED, reason=REASON, done_at=now()),
        update(Effect).where(Effect.order_id.in_(ids)).values(recipient=""),
        update(Effect).where(Effect.order_id.in_(ids), Effect.followup == "write_note").values(data={}),
        update(Inbound)
        .where(Inbound.shop_id == shop_id, Inbound.order_ref.in_(refs), Inbound.order_ref != "")
        .values(body=None, headers={}, trace=""),
        update(EventRow).where(*told, *about(EventRow)).values(data={}),
        update(LabelRow).where(LabelRow.return_case_id.in_(cases)).values(pdf=None, qr=None),
        update(ScanRow).where(ScanRow.order_id.in_(ids)).values(said="", place=""),
        update(Tracking).where(Tracking.order_id.in_(ids), Tracking.ended_at.is_(None)).values(ended_at=now(), ended="erased"),
        update(LabelTracking).where(LabelTracking.order_id.in_(ids), LabelTracking.ended_at.is_(None)).values(ended_at=now(), ended="erased"),
        update(ReturnCase).where(ReturnCase.order_id.in_(ids)).values(reason="", wish={}, pickup={}, pickup_on="", changes=[]),
        update(DispatchProof).where(DispatchProof.return_case_id.in_(cases)).values(sealed=None, carrier="", tracking_number="", reason=""),
        delete(ReturnPhoto).where(ReturnPhoto.return_case_id.in_(cases)),
        update(Link).where(Link.shop_id == shop_id, Link.order_id.in_(ids)).values(email="", revoked_at=now()),
        delete(OneTimeCode).where(OneTimeCode.order_id.in_(ids)),
        update(Review).where(Review.order_id.in_(ids)).values(author=""),
        delete(ReviewPhoto).where(ReviewPhoto.review_id.in_(reviews)),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    _forget_words(session, shop_id, refs)
    _forget_typed(session, ids)


def _forget_typed(session: Session, ids: Sequence[int]) -> None:
    """What staff typed beside a refund or a code; sums and the code stay."""
    for effect in session.scalars(select(Effect).where(Effect.order_id.in_(ids), Effect.followup.in_(tuple(TYPED)))):
        wanted = effect.data.get("wanted")
        if isinstance(wanted, dict):
            effect.data = {**effect.data, "wanted": {**wanted, TYPED[effect.followup]: ""}}


def _forget_names(session: Session, shop_id: int, names: set[str], ids: Sequence[int]) -> None:
    """What the shop told of the customer apart from any order, and wherever else the address stands."""
    for name in sorted(names):
        seen = EventRow.shop_id == shop_id, EventRow.key.startswith(f"CustomerSeen:{name}:", autoescape=True)
        told_by = select(EventRow.inbound_id).where(*seen, EventRow.inbound_id.is_not(None))
        _run(session, update(Inbound).where(Inbound.shop_id == shop_id, Inbound.id.in_(told_by)).values(body=None, headers={}, trace=""))
        _run(session, update(EventRow).where(*seen).values(data={}))
        if "@" in name:
            _run(session, update(Link).where(Link.shop_id == shop_id, Link.email == name).values(email="", revoked_at=now()))
            _run(session, delete(LookUp).where(LookUp.shop_id == shop_id, LookUp.email == name.lower()))
            said = Attempt.effect_id.in_(select(Effect.id).where(Effect.order_id.in_(ids))), Attempt.detail.icontains(name, autoescape=True)
            _run(session, update(Attempt).where(*said).values(detail=REASON))


def _run(session: Session, statement: Update | Delete) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def _forget_words(session: Session, shop_id: int, refs: Sequence[str]) -> None:
    """What was told of returns, refunds and cancellations in somebody's own words; which and when stays."""
    told = EventRow.shop_id == shop_id, EventRow.order_ref.in_(refs), EventRow.order_ref != ""
    for event in session.scalars(select(EventRow).where(*told)):
        kept = {name: value for name, value in event.data.items() if name not in WORDS}
        if kept != event.data:
            event.data = kept
