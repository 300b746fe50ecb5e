"""Reviews, their photos, and the recovery cases that low ratings open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Flag, Id, Moment


class Review(Base):
    """One per order line: a verified purchase by construction."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("order_id", "line_ref"), Index("ix_review_shop_id_product_ref", "shop_id", "product_ref"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    line_ref: Mapped[str] = mapped_column(Text)
    product_ref: Mapped[str] = mapped_column(Text, default="")
    sku: Mapped[str] = mapped_column(Text, default="")
    product_title: Mapped[str] = mapped_column(Text, default="")
    rating: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(Text, default="")
    verified: Mapped[bool] = mapped_column(Flag, default=True)
    state: Mapped[str] = mapped_column(Text, default="published")
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class ReviewPhoto(Base):
    """Re-encoded JPEG without metadata; `name` is random."""

    __tablename__ = "review_photo"
    __table_args__ = (UniqueConstraint("name"), Index("ix_review_photo_review_id", "review_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    name: Mapped[str] = mapped_column(Text)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Moment)


class RecoveryCase(Base):
    """An unhappy customer, with an owner and a clock. While it is open nothing is asked of the customer."""

    __tablename__ = "recovery_case"
    __table_args__ = (UniqueConstraint("order_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))
    rating: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text, default="open")
    opened_at: Mapped[datetime] = mapped_column(Moment)
    answer_due_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
