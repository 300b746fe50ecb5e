"""A carrier's scans as events of ours. Facts that add up: the same scans in any order and any number of times are the same events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from postventa import events as e

KINDS: dict[str, type[e.ParcelEvent]] = {
    "out_for_delivery": e.ShipmentOutForDelivery,
    "ready_for_pickup": e.ShipmentReadyForPickup,
    "attempted_delivery": e.DeliveryFailed,
    "delayed": e.ShipmentDelayed,
    "delivered": e.ShipmentDelivered,
}
"""Our words for scans -> what they say to the customer. That a parcel is on its way or comes back is kept as a scan, and told to nobody."""


def events_of(order_ref: str, parcel_ref: str, scans: Iterable[tuple[datetime, str]]) -> tuple[e.ParcelEvent, ...]:
    """Of (time, our word), whatever their order: one event for each step, with its earliest time, and one for each day of trouble."""
    found: dict[str, e.ParcelEvent] = {}
    for at, status in sorted(scans):
        kind = KINDS.get(status)
        if kind is not None:
            event = kind(order_ref, at, parcel_ref)
            found.setdefault(event.key, event)
    return tuple(found.values())
