"""Parcels that arrived, as lanes and figures count them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from postventa.locale import formats
from postventa.models import Order, Parcel, Tracking
from postventa.shops import ConnectedShop
from postventa.tracking.lane import business_days_between
from postventa.tracking.ways import Way, way

MOST = 20_000
"""The newest parcels that are looked at."""
WHOLE = "order"
"""The parcel that stands for a whole order: what a shop says of an order that is delivered stands there."""


@dataclass(frozen=True)
class Journey:
    """One parcel from the shop to the customer, in days of the customer's zone."""

    way: Way
    postcode: str
    left: date
    came: date
    promised: date | None
    """The first day that the shop gave, or else the carrier."""

    @property
    def days(self) -> int:
        """Business days that it took."""
        return business_days_between(self.left, self.came)


def arrived(session: Session, shop: ConnectedShop, since: datetime) -> list[Journey]:
    """Those that left after `since`, the newest first, of the shop's imported past too."""
    found = session.execute(_arrived(shop.id, since)).all()
    return [journey for row in found if (journey := _journey(row, shop)) is not None]


def way_of(shop: ConnectedShop, order: Order, carrier: str, left: datetime) -> tuple[Way, str]:
    """The way that a parcel of this order takes, and the recipient's postcode."""
    return _way(shop, order.shipping_method, order.shipping_address or order.billing_address, carrier, left.astimezone(zone_of(order.timezone, shop)))


def zone_of(name: str, shop: ConnectedShop) -> ZoneInfo:
    """The customer's time zone; the shop's where the order has none, and UTC for a name that nobody knows."""
    return formats.zone_of(name or shop.settings.timezone)


def delivered(stand_in: Any) -> ColumnElement[datetime]:
    """When the parcel came: its own time, or its order's where the shop tells of orders only."""
    return func.coalesce(Parcel.delivered_at, stand_in.delivered_at)


def stands_in(stand_in: Any) -> ColumnElement[bool]:
    """Joins the row that stands for the parcel's whole order."""
    return and_(stand_in.order_id == Parcel.order_id, stand_in.ref == WHOLE, stand_in.id != Parcel.id)


def _arrived(shop_id: int, since: datetime) -> Select[Any, Any, Any, Any, Any, Any, Any, Any]:
    whole = aliased(Parcel)
    promised = func.coalesce(func.nullif(Parcel.promised_on, ""), Tracking.promised_on)
    columns = (Parcel.carrier, Parcel.dispatched_at, Parcel.delivered_at, whole.delivered_at, promised, Order.shipping_method)
    query = select(*columns, Order.shipping_address, Order.timezone).join(Order, Order.id == Parcel.order_id)
    query = query.outerjoin(whole, stands_in(whole)).outerjoin(Tracking, Tracking.parcel_id == Parcel.id)
    named = (Parcel.carrier != "", Parcel.cancelled == 0, Parcel.dispatched_at >= since, delivered(whole).is_not(None))
    return query.where(Parcel.shop_id == shop_id, *named).order_by(Parcel.dispatched_at.desc(), Parcel.id.desc()).limit(MOST)


def _journey(row: Any, shop: ConnectedShop) -> Journey | None:
    carrier, left, own, whole, promised, service, place, zone_name = row
    zone, came = zone_of(zone_name, shop), own or whole
    if came < left:
        return None
    taken, postcode = _way(shop, service, place, carrier, left.astimezone(zone))
    day = date.fromisoformat(promised) if promised else None
    return Journey(taken, postcode, left.astimezone(zone).date(), came.astimezone(zone).date(), day)


def _way(shop: ConnectedShop, service: str, place: dict[str, str], carrier: str, left: datetime) -> tuple[Way, str]:
    own = shop.settings
    origin, postcode = own.return_address.country or own.country, place.get("postcode", "")
    return way(carrier, service, origin, place.get("country", ""), postcode, left.weekday()), postcode
