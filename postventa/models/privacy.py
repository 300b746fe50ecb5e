"""Requests for a person's data or their erasure, and what the law has us keep locked away after one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Json, Moment


class PrivacyCase(Base):
    """One request with its deadline. State: open -> ready (an export was made and has to be handed on) -> closed. Times are the product's."""

    __tablename__ = "privacy_case"
    __table_args__ = (UniqueConstraint("shop_id", "key"), Index("ix_privacy_case_state", "state", "due_at"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    key: Mapped[str] = mapped_column(Text)
    """What makes two tellings the same request."""
    kind: Mapped[str] = mapped_column(Text)
    """export | erase | erase_shop"""
    source: Mapped[str] = mapped_column(Text)
    """shopify | cli"""
    subject: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Whom it is about, sealed: reference, address, orders; null once it is over."""
    state: Mapped[str] = mapped_column(Text)
    trouble: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    """What was done, in counts."""
    export: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The ZIP, sealed; null before it was made and after `export_until`."""
    export_until: Mapped[datetime | None] = mapped_column(Moment)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the work was done."""
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class BlockedData(Base):
    """Who an erased order's customer was, sealed and used for nothing, until nobody can claim anything any more (LOPDGDD, art. 32)."""

    __tablename__ = "blocked_data"
    __table_args__ = (UniqueConstraint("shop_id", "order_id"), Index("ix_blocked_data_until", "until"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("privacy_case.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    blocked_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
