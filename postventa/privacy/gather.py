"""All that we hold about a person, as plain data: every column of every row, but for what only the machinery needs.

`TABLES` and `NOTHING` together name every table; a test sees to it that a new one is not forgotten.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from postventa import vault
from postventa.models import (
    Attempt,
    Base,
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
    OrderLine,
    Parcel,
    RecoveryCase,
    ReturnCase,
    ReturnPhoto,
    Review,
    ReviewPhoto,
    ScanRow,
    Suppression,
    Tracking,
    Withdrawal,
)
from postventa.privacy.people import Person, customers_of, orders_of

TABLES: tuple[type[Base], ...] = (
    Customer, Order, OrderLine, Parcel, ScanRow, Tracking, EventRow, Effect, Attempt, ReturnCase, ReturnPhoto, DispatchProof, LabelRow, LabelTracking,
    Review, ReviewPhoto, RecoveryCase, Suppression, Link, LookUp, OneTimeCode, Inbound, Withdrawal,
)  # fmt: skip
"""Where something about a customer may stand."""
NOTHING = frozenset({
    "account", "alarm", "audit", "blocked_data", "carrier_account", "install_state", "invitation", "lane", "lease", "passkey", "privacy_case",
    "product", "recovery_code", "return_policy", "session", "shop", "shop_approval", "shop_candidate", "shop_import", "shop_token", "shop_visit",
    "sign_in_count",
    "spent_challenge",
})  # fmt: skip
"""Tables without customers. `blocked_data` is what nobody may look at but courts and authorities, `privacy_case` is the request itself."""
OURS = frozenset({
    "shop_id", "order_id", "customer_id", "effect_id", "review_id", "return_case_id", "inbound_id", "tie", "revision", "key", "fence", "lease_until",
    "owner", "worker", "token_hash", "dedupe", "secret_index", "not_before", "merged_into", "trace", "failure", "failed_at", "body", "pdf", "jpeg",
    "qr", "parcel_id", "claimed_until", "form_key", "order_hint", "sealed", "label_id", "salt",
})  # fmt: skip
"""Columns that tell nothing about anybody, or that are files of their own in the export."""
MOST = 50 * 1024 * 1024
"""Bytes of files in one export; a person with more has the rest told by number."""


@dataclass
class Held:
    """`document`: table -> rows. `files`: name -> content: raw deliveries, labels, photos. `languages`: what the shop knows, the likeliest first."""

    document: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of what, for the case and the audit log: no word about the person."""
        return {name: len(rows) for name, rows in self.document.items() if rows} | {"files": len(self.files)}


def gather(session: Session, shop_id: int, person: Person, secret: bytes) -> Held:
    """Everything. Nothing found is an answer, too: a document without rows. `secret` opens what is sealed at rest."""
    customers = customers_of(session, shop_id, person)
    orders = orders_of(session, shop_id, customers, person)
    held = Held(languages=[tag for tag in (*(row.locale for row in customers), *(row.locale for row in reversed(orders))) if tag])
    found: dict[type[Base], Sequence[Any]] = {Customer: customers, Order: orders}
    for table, condition in _conditions(session, shop_id, customers, orders, person).items():
        found[table] = session.scalars(select(table).where(condition).order_by(table.__table__.c.id)).all()
    for table in TABLES:
        held.document[table.__tablename__] = [_plain_row(row) for row in found[table]]
    _keep_files(held, _files(found, secret))
    return held


def _conditions(
    session: Session, shop_id: int, customers: Sequence[Customer], orders: Sequence[Order], person: Person
) -> dict[type[Base], ColumnElement[bool]]:
    ids, refs = [row.id for row in orders], [row.ref for row in orders]
    emails = ({row.email for row in customers} | {row.email for row in orders} | {person.email.strip().lower()}) - {""}
    effects = select(Effect.id).where(or_(Effect.order_id.in_(ids), Effect.recipient.in_(emails)), Effect.shop_id == shop_id, Effect.kind != "alert")
    reviews = select(Review.id).where(Review.order_id.in_(ids))
    cases = select(ReturnCase.id).where(ReturnCase.order_id.in_(ids))
    events = _events_of(shop_id, refs, customers, emails)
    told_by = select(EventRow.inbound_id).where(events, EventRow.inbound_id.is_not(None))
    return {
        OrderLine: OrderLine.order_id.in_(ids),
        Parcel: Parcel.order_id.in_(ids),
        ScanRow: ScanRow.order_id.in_(ids),
        Tracking: Tracking.order_id.in_(ids),
        EventRow: events,
        Effect: Effect.id.in_(effects),
        Attempt: Attempt.effect_id.in_(effects),
        ReturnCase: ReturnCase.order_id.in_(ids),
        ReturnPhoto: ReturnPhoto.return_case_id.in_(cases),
        DispatchProof: DispatchProof.return_case_id.in_(cases),
        LabelRow: LabelRow.return_case_id.in_(cases),
        LabelTracking: LabelTracking.order_id.in_(ids),
        Review: Review.order_id.in_(ids),
        ReviewPhoto: ReviewPhoto.review_id.in_(reviews),
        RecoveryCase: RecoveryCase.order_id.in_(ids),
        Suppression: (Suppression.shop_id == shop_id) & Suppression.email.in_(emails),
        Link: (Link.shop_id == shop_id) & or_(Link.order_id.in_(ids), Link.email.in_(emails)),
        LookUp: (LookUp.shop_id == shop_id) & LookUp.email.in_(emails),
        OneTimeCode: OneTimeCode.order_id.in_(ids),
        Withdrawal: (Withdrawal.shop_id == shop_id) & or_(Withdrawal.order_id.in_(ids), Withdrawal.email.in_(emails)),
        Inbound: (Inbound.shop_id == shop_id) & or_(Inbound.order_ref.in_(refs) & (Inbound.order_ref != ""), Inbound.id.in_(told_by)),
    }


def _events_of(shop_id: int, refs: Sequence[str], customers: Sequence[Customer], emails: Iterable[str]) -> ColumnElement[bool]:
    """Of their orders, and what the shop told of themselves (`CustomerSeen:<who>:<when>`)."""
    named = {*emails, *(row.ref for row in customers)} - {""}
    seen = [EventRow.key.startswith(f"CustomerSeen:{who}:", autoescape=True) for who in sorted(named)]
    return (EventRow.shop_id == shop_id) & or_(EventRow.order_ref.in_(refs) & (EventRow.order_ref != ""), *seen)


def _plain_row(row: Base) -> dict[str, Any]:
    """`of`: the order that it hangs on, by its `id` in the same document."""
    names = [column.key for column in row.__mapper__.column_attrs]
    told = {name: plain(getattr(row, name)) for name in names if name not in OURS}
    order_id = getattr(row, "order_id", None)
    return told if order_id is None else told | {"of": order_id}


def plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _files(found: dict[type[Base], Sequence[Any]], secret: bytes) -> Iterable[tuple[str, bytes | None]]:
    for row in found[ReviewPhoto]:
        yield f"photos/{row.id}.jpg", row.jpeg
    for row in found[ReturnPhoto]:
        yield f"returns/{row.id}.jpg", row.jpeg
    for row in found[DispatchProof]:
        yield f"proofs/{row.id}.{'pdf' if row.kind == 'pdf' else 'jpg'}", vault.unseal_bytes(secret, row.sealed, row.place) if row.sealed else None
    for row in found[LabelRow]:
        yield f"labels/{row.id}.pdf", row.pdf
        yield f"labels/{row.id}.png", row.qr
    for row in found[Inbound]:
        yield f"deliveries/{row.id}.json", row.body


def _keep_files(held: Held, files: Iterable[tuple[str, bytes | None]]) -> None:
    room = MOST
    for name, content in files:
        if content is None:
            continue
        if len(content) > room:
            held.left_out.append(name)
            continue
        held.files[name] = content
        room -= len(content)


def as_json(held: Held) -> bytes:
    """The whole document for a program to read."""
    document = {**held.document, "files": sorted(held.files), "files_left_out": held.left_out}
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=False).encode()
