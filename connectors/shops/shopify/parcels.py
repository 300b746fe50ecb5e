"""Shopify's fulfilments are our parcels. Pure.

https://shopify.dev/docs/api/admin-rest/latest/resources/fulfillment : the same object comes by itself and inside its order, and gives the
same facts in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.errors import Unreadable
from connectors.reading import NAME, Part, first_time
from connectors.shops.base import Reading, ShopContext
from connectors.tracking import describe
from postventa import events as e
from postventa.events import Event, ParcelEvent, ParcelSnapshot

LEFT = "left"
LEFT_IF_TRACKED = "left if tracked"
OFF = "off"
NOT_YET = "not yet"
STATUSES = {
    "success": LEFT,
    "open": LEFT_IF_TRACKED,
    "pending": NOT_YET,
    "cancelled": OFF,
    "canceled": OFF,
    "error": OFF,
    "failure": OFF,
}
"""`status`: what became of the fulfilment in the warehouse."""

SCANS: dict[str, type[ParcelEvent] | None] = {
    "label_purchased": None,
    "label_printed": None,
    "label_voided": None,
    "submitted": None,
    "confirmed": None,
    "fulfilled": None,
    "marked_as_fulfilled": None,
    "canceled": None,
    "carrier_picked_up": e.ShipmentDispatched,
    "in_transit": e.ShipmentDispatched,
    "out_for_delivery": e.ShipmentOutForDelivery,
    "ready_for_pickup": e.ShipmentReadyForPickup,
    "delayed": e.ShipmentDelayed,
    "attempted_delivery": e.DeliveryFailed,
    "failure": e.DeliveryFailed,
    "not_delivered": e.DeliveryFailed,
    "picked_up": e.ShipmentDelivered,
    "delivered": e.ShipmentDelivered,
}
"""`shipment_status` of a fulfilment and `status` of a fulfilment event: what the carrier says. None: nothing that a customer needs to know.

Also the words of the API's `displayStatus`; `picked_up` is the customer's doing (local pickup), `carrier_picked_up` the carrier's."""

SOONEST, FARTHEST = timedelta(days=1), timedelta(days=366)
"""A day that is promised for the same day may be written as its beginning."""


def fulfilment_seen(payload: Part, context: ShopContext) -> Reading:
    """`fulfillments/create` and `fulfillments/update`."""
    order_ref = payload.ref("order_id")
    if not order_ref or not payload.ref("id"):
        raise Unreadable('the body is no fulfilment: it has no "id" or no "order_id"')
    events = tuple(fulfilment_facts(order_ref, payload, context))
    return Reading(events) if events else Reading(ignored="nothing in this fulfilment is shipped")


def fulfilment_facts(order_ref: str, payload: Part, context: ShopContext) -> Iterator[Event]:
    """The parcel, whether it left, and what the carrier said last."""
    lines = tuple(payload.parts("line_items"))
    if lines and not any(needs_shipping(item) for item in lines):
        return  # a gift card or a download: Shopify fulfils it, nobody carries it
    ref, status = payload.ref("id"), payload.text("status").lower()
    fate = STATUSES.get(status, NOT_YET)
    created, updated = payload.time("created_at"), payload.time("updated_at")
    parcel = _parcel(payload, lines, cancelled=fate == OFF)
    yield e.ParcelSeen(order_ref, first_time(updated, created, context.received_at), ref, parcel)
    if fate == OFF:
        return
    yield from _estimate(payload, order_ref, ref, first_time(updated, created, context.received_at))
    if fate == LEFT or (fate == LEFT_IF_TRACKED and parcel.tracking_number):
        yield e.ShipmentDispatched(order_ref, first_time(created, updated, context.received_at), ref)
    scan = SCANS.get(payload.text("shipment_status").lower())
    if scan is not None:
        yield scan(order_ref, first_time(updated, created, context.received_at), ref)


def _parcel(payload: Part, lines: tuple[Part, ...], *, cancelled: bool) -> ParcelSnapshot:
    number = payload.text("tracking_number") or _first(payload, "tracking_numbers")
    link = payload.url("tracking_url") or _first(payload, "tracking_urls")
    carrier, page = describe(payload.text("tracking_company", NAME), number, link) if number or link else (payload.text("tracking_company", NAME), "")
    held = tuple((item.ref("id"), item.count("quantity")) for item in lines if item.ref("id") and needs_shipping(item))
    return ParcelSnapshot(payload.ref("id"), carrier, number, page, held, cancelled)


def needs_shipping(item: Part) -> bool:
    return item.raw.get("requires_shipping") is not False


def _first(payload: Part, key: str) -> str:
    value = payload.raw.get(key)
    return Part({"first": value[0]}).text("first", 2000) if isinstance(value, list) and value else ""


def scan_seen(payload: Part, context: ShopContext) -> Reading:
    """`fulfillment_events/create`: one scan of the carrier's, with its own time."""
    order_ref, ref, word = payload.ref("order_id"), payload.ref("fulfillment_id"), payload.text("status").lower()
    if not order_ref or not ref:
        raise Unreadable('the body is no scan: it has no "order_id" or no "fulfillment_id"')
    if word not in SCANS:
        return Reading(ignored=f'the scan "{word}" is not known here')
    scan, at = SCANS[word], first_time(payload.time("happened_at"), payload.time("created_at"), context.received_at)
    told = (scan(order_ref, at, ref),) if scan is not None else ()
    events = (*told, *_estimate(payload, order_ref, ref, at))
    return Reading(events) if events else Reading(ignored=f'the scan "{word}" changes nothing for the customer')


def _estimate(payload: Part, order_ref: str, ref: str, at: datetime) -> Iterator[Event]:
    """When it should be there, if that was said and can be meant: some plugins send the day before, or year 9999."""
    by = payload.time("estimated_delivery_at")
    if by is not None and at - SOONEST <= by <= at + FARTHEST:
        yield e.DeliveryEstimated(order_ref, at, ref, by)
