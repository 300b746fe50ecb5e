"""Who can fetch the parcel of a return at its customer's door, and when. Pure."""

from __future__ import annotations

from datetime import datetime

from postventa.config import ShopSettings
from postventa.events import Address
from postventa.models import Order
from postventa.returns import slots
from postventa.returns.phones import international
from postventa.returns.slots import Slot


def door(order: Order) -> Address:
    """Where it is fetched: where the order went, else the billing address."""
    return Address(**order.shipping_address) or Address(**order.billing_address)


def zone(shop: ShopSettings, order: Order) -> str:
    """By whose clock the hours are."""
    return order.timezone or shop.timezone


def offers(shop: ShopSettings, order: Order, at: datetime) -> tuple[Slot, ...]:
    """The days and hours to choose from; none where nobody fetches, or nobody knows where."""
    place = door(order)
    if not shop.fetched_by or not (place.street and place.postcode and place.city):
        return ()
    return slots.offered(shop.pickup, place, zone(shop, order), at)


def movable(shop: ShopSettings, order: Order, slot: Slot, at: datetime) -> bool:
    """Whether that day can still be had, and so be given up: later than this the driver has his list."""
    return slot.day >= slots.first_day(shop.pickup, door(order), zone(shop, order), at)


def known_phone(order: Order) -> str:
    """The order's own telephone number, if a carrier can dial it; empty: it has none."""
    place = door(order)
    return next((number for typed in (place.phone, order.phone) if typed and (number := international(typed, place.country or "ES"))), "")
