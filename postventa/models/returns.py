"""Return cases and the labels made for them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Json, Moment, Money


class ReturnCase(Base):
    """State: requested -> approved -> received -> closed | declined | cancelled."""

    __tablename__ = "return_case"
    __table_args__ = (
        UniqueConstraint("shop_id", "number"),
        UniqueConstraint("order_id", "ref"),
        Index("ix_return_case_order_id", "order_id"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    ref: Mapped[str] = mapped_column(Text)
    """The platform's reference; for our own cases a reference that the caller or we made."""
    number: Mapped[str] = mapped_column(Text)
    """What stands on the label and in the mails."""
    source: Mapped[str] = mapped_column(Text)
    """shopify | woocommerce | cli | api"""
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


class LabelRow(Base):
    """The label ledger. State: made -> mailed -> scanned | voided | expired."""

    __tablename__ = "label"
    __table_args__ = (UniqueConstraint("shop_id", "reference"), Index("ix_label_return_case_id", "return_case_id"), STRICT)

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
