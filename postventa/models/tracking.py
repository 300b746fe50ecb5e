"""What carriers tell of parcels, when they are asked again, and how long parcels take on their ways."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from postventa.models.base import STRICT, Base
from postventa.models.types import Id, Moment

GOING_ON = text("ended_at IS NULL")


class CarrierAccount(Base):
    """How things stand between us and a shop's account with one carrier. Times are the machine's."""

    __tablename__ = "carrier_account"
    __table_args__ = (UniqueConstraint("shop_id", "carrier"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    carrier: Mapped[str] = mapped_column(Text)
    """A name of `connectors.carriers.CARRIERS`."""
    next_call_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it may be called next: calls of all workers take turns."""
    paused_until: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """How often in a row it did not answer as it should."""
    trouble: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    """When a webhook of its arrived last, on the product's clock; null: none ever did."""


class Tracking(Base):
    """One parcel that a carrier is asked about. Times are the product's, except for the claim."""

    __tablename__ = "tracking"
    __table_args__ = (
        UniqueConstraint("parcel_id"),
        Index("ix_tracking_due", "shop_id", "next_at", sqlite_where=GOING_ON, postgresql_where=GOING_ON),
        Index("ix_tracking_order_id", "order_id"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"))
    carrier: Mapped[str] = mapped_column(Text)
    """Who is asked: a name of `connectors.carriers.CARRIERS`."""
    next_at: Mapped[datetime] = mapped_column(Moment)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    heard_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it last told something new."""
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its webhook last told of this parcel; null: never."""
    status: Mapped[str] = mapped_column(Text, default="")
    """Our word for the newest scan; empty: nothing was told yet."""
    promised_on: Mapped[str] = mapped_column(Text, default="")
    """The first day that the carrier gave (`2026-11-05`); on-time figures go by it where the shop promised none."""
    expected_on: Mapped[str] = mapped_column(Text, default="")
    """The day that it gives now."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    trouble: Mapped[str] = mapped_column(Text, default="")
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    """A worker is at it; on the machine's clock."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended: Mapped[str] = mapped_column(Text, default="")
    """delivered | returned | silent | void | erased: why nobody asks any more."""


class LabelTracking(Base):
    """One return label that a carrier is asked about. Times are the product's, except for the claim."""

    __tablename__ = "label_tracking"
    __table_args__ = (
        UniqueConstraint("label_id"),
        Index("ix_label_tracking_due", "shop_id", "next_at", sqlite_where=GOING_ON, postgresql_where=GOING_ON),
        Index("ix_label_tracking_order_id", "order_id"),
        STRICT,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    label_id: Mapped[int] = mapped_column(ForeignKey("label.id"))
    carrier: Mapped[str] = mapped_column(Text)
    """Who is asked: a name of `connectors.carriers.CARRIERS`."""
    next_at: Mapped[datetime] = mapped_column(Moment)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    heard_at: Mapped[datetime | None] = mapped_column(Moment)
    """The newest scan's time."""
    told_at: Mapped[datetime | None] = mapped_column(Moment)
    """When its webhook last told of this parcel; null: never."""
    status: Mapped[str] = mapped_column(Text, default="")
    """Our word for the newest scan; empty: nothing was told yet."""
    scanned_at: Mapped[datetime | None] = mapped_column(Moment)
    """The first scan of a carrier that has the parcel."""
    delivered_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was handed over at the shop's, as the carrier says; what came is for a person to see."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    trouble: Mapped[str] = mapped_column(Text, default="")
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    """A worker is at it; on the machine's clock."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended: Mapped[str] = mapped_column(Text, default="")
    """delivered | returned | received | silent | void | erased: why nobody asks any more."""


class ScanRow(Base):
    """One line of a carrier's tracking, as it was told."""

    __tablename__ = "scan"
    __table_args__ = (UniqueConstraint("parcel_id", "source", "at", "word"), Index("ix_scan_order_id", "order_id"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcel.id"))
    source: Mapped[str] = mapped_column(Text)
    """Who told it: a name of `connectors.carriers.CARRIERS`."""
    at: Mapped[datetime] = mapped_column(Moment)
    word: Mapped[str] = mapped_column(Text)
    """The carrier's own word."""
    status: Mapped[str] = mapped_column(Text)
    """Ours for it (`connectors.carriers.base.Status`)."""
    place: Mapped[str] = mapped_column(Text, default="")
    said: Mapped[str] = mapped_column(Text, default="")
    """What the carrier says besides: for staff, as it may name somebody."""
    learned_at: Mapped[datetime] = mapped_column(Moment)


class LaneRow(Base):
    """How long the shop's own parcels took on one way, learnt every night. An empty word, and weekday -1, stand for any."""

    __tablename__ = "lane"
    __table_args__ = (UniqueConstraint("shop_id", "carrier", "service", "origin", "destination", "area", "weekday"), STRICT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    carrier: Mapped[str] = mapped_column(Text)
    service: Mapped[str] = mapped_column(Text, default="")
    """The order's way of shipping, in the shop's words."""
    origin: Mapped[str] = mapped_column(Text)
    destination: Mapped[str] = mapped_column(Text)
    """Countries, ISO 3166-1 alpha-2."""
    area: Mapped[str] = mapped_column(Text, default="")
    """The first two signs of the recipient's postcode."""
    weekday: Mapped[int] = mapped_column(Integer, default=-1)
    """Of the dispatch; 0: Monday."""
    p50: Mapped[int] = mapped_column(Integer)
    p90: Mapped[int] = mapped_column(Integer)
    """Business days within which half, and nine of ten, were there."""
    n: Mapped[int] = mapped_column(Integer)
    """From so many parcels."""
    learned_at: Mapped[datetime] = mapped_column(Moment)
