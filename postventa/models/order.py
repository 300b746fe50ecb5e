"""Orders, their lines and parcels, and the customers who placed them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postventa.models.base import STRICT, Base
from postventa.models.types import Flag, Id, Json, Moment, Money


class Customer(Base):
    """One e-mail address within one shop: what message budget, consent and suppression hang on."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("shop_id", "email"), Index("ix_customer_shop_id_ref", "shop_id", "ref"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    email: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text, default="")
    first_name: Mapped[str] = mapped_column(Text, default="")
    last_name: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str] = mapped_column(Text, default="")
    marketing: Mapped[bool | None] = mapped_column(Flag)
    """What the customer said in the shop: True yes, False no, None never asked (the soft opt-in applies)."""
    marketing_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Order(Base):
    """The order as it stands; a row without `number` is known only by an event that came before its description."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("shop_id", "ref"),
        Index("ix_orders_shop_id_number", "shop_id", "number"),
        Index("ix_orders_customer_id", "customer_id"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    ref: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default="")
    step: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    first_name: Mapped[str] = mapped_column(Text, default="")
    last_name: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    locale: Mapped[str] = mapped_column(Text, default="")
    timezone: Mapped[str] = mapped_column(Text, default="")
    currency: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    subtotal: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    shipping_total: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    discount_total: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    tax_total: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    refunded_total: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    shipping_method: Mapped[str] = mapped_column(Text, default="")
    payment_method: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    status_url: Mapped[str] = mapped_column(Text, default="")
    shipping_address: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    billing_address: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    test: Mapped[bool] = mapped_column(Flag, default=False)
    imported: Mapped[bool] = mapped_column(Flag, default=False)
    created_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime | None] = mapped_column(Moment)
    """The platform's own time of the description that stands here; an older one never overwrites it."""
    tie: Mapped[str] = mapped_column(Text, default="")
    """Decides between two descriptions of the same `updated_at` (WooCommerce counts whole seconds), the same way in any order of arrival."""
    revision: Mapped[int] = mapped_column(Integer, default=0)
    """Counts the changes: what was judged at one revision is judged again if it moved."""
    seen_at: Mapped[datetime] = mapped_column(Moment)
    placed_at: Mapped[datetime | None] = mapped_column(Moment)
    paid_at: Mapped[datetime | None] = mapped_column(Moment)
    prepared_at: Mapped[datetime | None] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    trashed_at: Mapped[datetime | None] = mapped_column(Moment)
    restored_at: Mapped[datetime | None] = mapped_column(Moment)
    disputed_at: Mapped[datetime | None] = mapped_column(Moment)
    dispute_closed_at: Mapped[datetime | None] = mapped_column(Moment)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)

    lines: Mapped[list[OrderLine]] = relationship(order_by="OrderLine.position", cascade="all, delete-orphan")
    parcels: Mapped[list[Parcel]] = relationship(order_by="Parcel.ref", cascade="all, delete-orphan")

    @property
    def trashed(self) -> bool:
        """In the shop's bin: thrown away later than taken out again."""
        return self.trashed_at is not None and (self.restored_at is None or self.restored_at < self.trashed_at)

    @property
    def cancelled(self) -> bool:
        """Off, and not taken up again by a later description."""
        if self.step == "cancelled":
            return True
        return self.cancelled_at is not None and (self.updated_at is None or self.cancelled_at >= self.updated_at)

    @property
    def disputed(self) -> bool:
        return self.disputed_at is not None and (self.dispute_closed_at is None or self.dispute_closed_at < self.disputed_at)


class OrderLine(Base):
    __tablename__ = "order_line"
    __table_args__ = (UniqueConstraint("order_id", "ref"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    ref: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer, default=0)
    title: Mapped[str] = mapped_column(Text, default="")
    variant_title: Mapped[str] = mapped_column(Text, default="")
    sku: Mapped[str] = mapped_column(Text, default="")
    product_ref: Mapped[str] = mapped_column(Text, default="")
    variant_ref: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    image_url: Mapped[str] = mapped_column(Text, default="")
    requires_shipping: Mapped[bool] = mapped_column(Flag, default=True)
    weight_g: Mapped[int] = mapped_column(Integer, default=0)


class Parcel(Base):
    """One parcel. Times are the events' own; each is the earliest that was told."""

    __tablename__ = "parcel"
    __table_args__ = (
        UniqueConstraint("order_id", "ref"),
        Index("ix_parcel_shop_id_tracking_number", "shop_id", "tracking_number"),
        Index("ix_parcel_shop_id_dispatched_at", "shop_id", "dispatched_at"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    ref: Mapped[str] = mapped_column(Text)
    carrier: Mapped[str] = mapped_column(Text, default="")
    tracking_number: Mapped[str] = mapped_column(Text, default="")
    tracking_url: Mapped[str] = mapped_column(Text, default="")
    lines: Mapped[list[list[object]]] = mapped_column(Json, default=list)
    cancelled: Mapped[bool] = mapped_column(Flag, default=False)
    updated_at: Mapped[datetime | None] = mapped_column(Moment)
    dispatched_at: Mapped[datetime | None] = mapped_column(Moment)
    out_for_delivery_at: Mapped[datetime | None] = mapped_column(Moment)
    ready_for_pickup_at: Mapped[datetime | None] = mapped_column(Moment)
    delayed_at: Mapped[datetime | None] = mapped_column(Moment)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    promised_on: Mapped[str] = mapped_column(Text, default="")
    """The first day that the shop gave for its arrival (`2026-11-05`), by its own calendar; empty: it gave none."""
