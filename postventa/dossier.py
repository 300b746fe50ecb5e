"""An order with all that hangs on it: what the rules, the last look and the mails read.

`load` takes the same number of statements for one order as for twenty, which is what makes reading and sending in batches cheap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import Effect, EventRow, Order, OrderLine, Parcel, RecoveryCase, ReturnCase, Review, Suppression, detached
from postventa.value import value

TOLD = ("DeliveryEstimated", "DeliveryFailed", "DeliveryPromised", "OrderCancelled", "OrderRefunded", "ReturnDeclined", "ShipmentDelayed")
"""Events that may come more than once for one order, or whose words a mail repeats."""


@value
class Fact:
    """One such event."""

    kind: str
    key: str
    at: datetime
    data: dict[str, Any]


@dataclass
class Dossier:
    """One order and its rows, each list in its natural order. Rows that are new stand in them before they are written.

    Lines, parcels, returns and effects are rows to change only if the dossier was loaded with `lock`.
    """

    order: Order
    lines: list[OrderLine] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    cases: list[ReturnCase] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    new_effects: list[Effect] = field(default_factory=list)
    """Those of `effects` that are not written yet."""
    reviewed: frozenset[str] = frozenset()
    """Lines that the customer has rated."""
    complaint_open: bool = False
    blocked: list[Suppression] = field(default_factory=list)
    """What the recipients of its mails do not get; only if asked for."""


_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_LINES = select(OrderLine).where(OrderLine.order_id.in_(_IDS)).order_by(OrderLine.position)
_PARCELS = select(Parcel).where(Parcel.order_id.in_(_IDS)).order_by(Parcel.ref)
_CASES = select(ReturnCase).where(ReturnCase.order_id.in_(_IDS)).order_by(ReturnCase.ref)
_ROWS_OF_LINES, _ROWS_OF_PARCELS, _ROWS_OF_CASES = (
    select(table.__table__).where(table.__table__.c.order_id.in_(_IDS)).order_by(table.__table__.c[by])
    for table, by in ((OrderLine, "position"), (Parcel, "ref"), (ReturnCase, "ref"))
)
"""The same as plain rows, for whoever only reads: objects of the session take four times as long."""
_EFFECTS = select(Effect.__table__).where(Effect.__table__.c.order_id.in_(_IDS)).order_by(Effect.__table__.c.id)
_LOCKED_EFFECTS = select(Effect).where(Effect.order_id.in_(_IDS)).order_by(Effect.id).with_for_update()
_ORDERS = select(Order.__table__).where(Order.__table__.c.id.in_(_IDS)).order_by(Order.__table__.c.id)
_REVIEWS = select(Review.order_id, Review.line_ref).where(Review.order_id.in_(_IDS))
_COMPLAINTS = select(RecoveryCase.order_id).where(RecoveryCase.order_id.in_(_IDS), RecoveryCase.state == "open")
_FACTS = (
    select(EventRow.shop_id, EventRow.order_ref, EventRow.kind, EventRow.key, EventRow.at, EventRow.data)
    .where(EventRow.shop_id.in_(bindparam("shops", expanding=True)), EventRow.order_ref.in_(bindparam("refs", expanding=True)))
    .where(EventRow.kind.in_(TOLD))
)  # put in order here: asked for it, SQLite reads all of the shop's events by their keys instead of the order's
_BLOCKED = select(Suppression).where(
    Suppression.shop_id.in_(bindparam("shops", expanding=True)),
    Suppression.email.in_(bindparam("emails", expanding=True)),
    or_(Suppression.until.is_(None), Suppression.until > bindparam("now", type_=Suppression.until.type)),
)


def load(session: Session, orders: Sequence[Order], *, lock: bool = False, recipients: bool = False) -> list[Dossier]:
    """The dossiers of these orders, in the same order. `lock`: their effects are about to be changed; `recipients`: with what blocks their mails."""
    if not orders:
        return []
    ids = {"ids": [order.id for order in orders]}
    if lock:
        objects = (_LINES, _PARCELS, _CASES, _LOCKED_EFFECTS)
        lines, parcels, cases, effects = (_grouped(session.scalars(statement, ids)) for statement in objects)
    else:
        rows = (_ROWS_OF_LINES, _ROWS_OF_PARCELS, _ROWS_OF_CASES, _EFFECTS)
        lines, parcels, cases, effects = (_grouped(session.connection().execute(statement, ids)) for statement in rows)
    reviewed: dict[int, set[str]] = defaultdict(set)
    for order_id, line_ref in session.execute(_REVIEWS, ids):
        reviewed[order_id].add(line_ref)
    complaints = set(session.scalars(_COMPLAINTS, ids))
    facts = _facts(session, orders)
    found = [
        Dossier(
            order,
            lines[order.id],
            parcels[order.id],
            cases[order.id],
            facts[order.shop_id, order.ref],
            effects[order.id],
            reviewed=frozenset(reviewed[order.id]),
            complaint_open=order.id in complaints,
        )
        for order in orders
    ]
    if recipients:
        block(session, found)
    return found


def read_orders(session: Session, ids: Iterable[int]) -> list[Order]:
    """Orders to look at, by their ids: not the session's, so that nothing about them is ever written."""
    rows = session.connection().execute(_ORDERS, {"ids": list(ids)}).mappings()
    return [detached(Order, {str(name): value for name, value in row.items()}) for row in rows]


def load_one(session: Session, order: Order, *, lock: bool = False, recipients: bool = False) -> Dossier:
    """The dossier of one order."""
    return load(session, [order], lock=lock, recipients=recipients)[0]


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found


def _facts(session: Session, orders: Iterable[Order]) -> dict[tuple[int, str], list[Fact]]:
    found: dict[tuple[int, str], list[Fact]] = defaultdict(list)
    which = {"shops": list({order.shop_id for order in orders}), "refs": [order.ref for order in orders]}
    for shop_id, ref, kind, key, at, data in session.execute(_FACTS, which):
        found[shop_id, ref].append(Fact(kind, key, at, data))
    for facts in found.values():
        facts.sort(key=lambda fact: fact.key)
    return found


def block(session: Session, dossiers: Sequence[Dossier]) -> None:
    """Look up what blocks their mails: an address that gets no more of a kind."""
    emails = {effect.recipient for dossier in dossiers for effect in dossier.effects if effect.recipient}
    which = {"shops": list({dossier.order.shop_id for dossier in dossiers}), "emails": list(emails), "now": now()}
    rows = list(session.scalars(_BLOCKED, which)) if emails else []
    for dossier in dossiers if rows else ():
        mine = {effect.recipient for effect in dossier.effects}
        dossier.blocked = [row for row in rows if row.shop_id == dossier.order.shop_id and row.email in mine]
