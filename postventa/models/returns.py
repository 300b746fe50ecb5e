"""Return cases, photos and labels that belong to them, and the rules that merchants made for returns."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Json, Moment, Money

FETCHED = text("pickup_on <> ''")
"""Returns that somebody comes for."""
_SWAPS = text("swap_at IS NOT NULL")


class ReturnCase(Base):
    """State: requested -> approved -> received -> closed | declined | cancelled."""

    __tablename__ = "return_case"
    __table_args__ = (
        UniqueConstraint("shop_id", "number"),
        UniqueConstraint("order_id", "ref"),
        Index("ix_return_case_order_id", "order_id"),
        Index("ix_return_case_received", "shop_id", "received_at"),
        Index("ix_return_case_state", "state", "id"),
        Index("ix_return_case_pickup_on", "pickup_on", sqlite_where=FETCHED, postgresql_where=FETCHED),
        Index("ix_return_case_swap", "swap_at", sqlite_where=_SWAPS, postgresql_where=_SWAPS),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    ref: Mapped[str] = mapped_column(Text)
    """The platform's reference; for our own cases a reference that the caller or we made."""
    shop_ref: Mapped[str] = mapped_column(Text, default="", server_default="")
    """By which the shop knows it; empty: it does not, not yet, or the row is older than the column (`postventa.mirror.known_as`)."""
    number: Mapped[str] = mapped_column(Text)
    """What stands on the label and in the mails."""
    source: Mapped[str] = mapped_column(Text)
    """shopify | woocommerce | cli | api | portal | withdrawal"""
    state: Mapped[str] = mapped_column(Text)
    lines: Mapped[list[list[object]]] = mapped_column(Json, default=list)
    """[[line_ref, quantity], ...]; empty: everything."""
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    requested_at: Mapped[datetime | None] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    declined_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    received_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    reopened_at: Mapped[datetime | None] = mapped_column(Moment)
    resolution: Mapped[str] = mapped_column(Text, default="", server_default="")
    """refund | exchange | store_credit | repair | keep_item; empty: opened elsewhere, and nothing is settled by us."""
    method: Mapped[str] = mapped_column(Text, default="", server_default="")
    """printed_label | qr | pickup | drop_off | own_carrier; empty: a label, as ever."""
    accepted: Mapped[list[list[object]]] = mapped_column(Json, default=list, server_default="[]")
    """What of `lines` was agreed to; empty: all of it."""
    wish: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    """What the customer asked for: reasons and words for each line, what she wants instead."""
    quoted: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    """The sums that she was told, as text: goods, shipping, fee, refund, bonus; what was agreed to later, if less."""
    decision: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    """For each line which rule decided what, and why."""
    policy_version: Mapped[int | None] = mapped_column(Integer)
    decided_by: Mapped[str] = mapped_column(Text, default="", server_default="")
    """`policy`, or who of the staff."""
    destination: Mapped[dict[str, str]] = mapped_column(Json, default=dict, server_default="{}")
    """The address of a place in the policy; empty: the shop's return address."""
    refund_when: Mapped[str] = mapped_column(Text, default="", server_default="")
    """at_first_scan | at_arrival | after_inspection"""
    arrivals: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    """[{"at", "by", "lines": [[line_ref, quantity], ...]}, ...]: a return may come in several parcels."""
    inspection: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    """[{"at", "by", "line", "quantity", "grade", "restock", "note"}, ...]"""
    scanned_at: Mapped[datetime | None] = mapped_column(Moment)
    inspected_at: Mapped[datetime | None] = mapped_column(Moment)
    credited_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the shop had made the code of a credit."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When what it comes to (a refund, a credit, an exchange) was planned."""
    pickup: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    """When it is fetched at the customer's door, whom to call there, and how that stands (`postventa.returns.appointment`); empty: nobody comes."""
    pickup_on: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The day on which somebody comes, `2026-12-07`; empty: nobody does, or not any more."""
    swap_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its exchange is looked at next: whether it is paid, whether its time is over; None: nothing is waited for."""
    changes: Mapped[list[Any]] = mapped_column(Json, default=list, server_default="[]")
    """[{"at", "by", "before", "after", "asks"}, ...]: what the customer made of it since she opened it (`jobs/customer_change.py`)."""


class ReturnPhoto(Base):
    """Re-encoded JPEG without metadata; `name` is random."""

    __tablename__ = "return_photo"
    __table_args__ = (UniqueConstraint("name"), Index("ix_return_photo_return_case_id", "return_case_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    return_case_id: Mapped[int] = mapped_column(ForeignKey("return_case.id"))
    taken_by: Mapped[str] = mapped_column(Text)
    """customer | warehouse"""
    line_ref: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Which line of the order it shows; empty: the return as a whole, or the row is older than the column."""
    name: Mapped[str] = mapped_column(Text)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Moment)


class ReturnPolicy(Base):
    """One version of a shop's rules for returns. Versions are added and never changed; the newest one that can be read is in force."""

    __tablename__ = "return_policy"
    __table_args__ = (UniqueConstraint("shop_id", "version"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    version: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    author: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)


class LabelRow(Base):
    """The label ledger. State: made -> mailed -> scanned | voided | expired."""

    __tablename__ = "label"
    __table_args__ = (
        UniqueConstraint("shop_id", "reference"),
        Index("ix_label_return_case_id", "return_case_id"),
        Index("ix_label_shop_id_created_at", "shop_id", "created_at"),
        Index("ix_label_tracking_number", "tracking_number"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    return_case_id: Mapped[int] = mapped_column(ForeignKey("return_case.id"))
    effect_id: Mapped[int | None] = mapped_column(ForeignKey("effect.id"))
    carrier: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    carrier_ref: Mapped[str] = mapped_column(Text, default="")
    tracking_number: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(Text)
    cost: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    currency: Mapped[str] = mapped_column(Text, default="EUR")
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Null: erased, or there is none, since whoever takes the parcel prints it."""
    qr: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The carrier's code as a picture (PNG), to be shown where the parcel is handed in."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    mailed_at: Mapped[datetime | None] = mapped_column(Moment)
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    void_reason: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    given_back_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its carrier took it back, so that it costs nothing."""
    give_back_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the carrier is asked (again) to take it back."""
    give_back_trouble: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why it did not, or not yet."""
