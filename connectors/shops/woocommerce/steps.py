"""What an order's status, dates, refunds and tracking numbers prove: the events beside `OrderSeen`. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.reading import TITLE, Part
from connectors.shops.base import ShopContext
from connectors.shops.woocommerce import status as st
from connectors.shops.woocommerce.metadata import EXCHANGE_OF, has
from connectors.shops.woocommerce.parcels import Tracked, dispatched_at, tracked
from postventa import events as e
from postventa.events import Event, OrderSnapshot, ParcelEvent, ParcelSnapshot, Step

ITSELF = "order"
"""The parcel that stands for an order that is not tracked."""
PICKUP = frozenset({"local_pickup", "pickup_location", "legacy_local_pickup"})
"""Shipping methods without a parcel (classic and block checkout)."""
SCANS: dict[Step, type[ParcelEvent]] = {
    Step.SHIPPED: e.ShipmentDispatched,
    Step.OUT_FOR_DELIVERY: e.ShipmentOutForDelivery,
    Step.READY_FOR_PICKUP: e.ShipmentReadyForPickup,
    Step.DELIVERED: e.ShipmentDelivered,
}
NOT_LEAVING = frozenset({Step.PREPARED, Step.REFUNDED, Step.RETURN_REQUESTED})
"""With these a tracking number says that there is a parcel, not that it leaves now: the label is printed first, the refund comes last."""


@dataclass(frozen=True)
class Times:
    created: datetime
    modified: datetime
    paid: datetime | None
    completed: datetime | None


def facts(order: OrderSnapshot, payload: Part, times: Times, context: ShopContext) -> Iterator[Event]:
    """The events that this payload proves."""
    if order.trashed:
        yield e.OrderTrashed(order.ref, times.modified)
        return
    if not st.is_order(order.status, context):
        return
    step = st.step_of(order.status, context)
    if (step in st.PROVES_AN_ORDER or times.paid) and not has(payload, EXCHANGE_OF):  # which we placed ourselves: its mails are the exchange's
        yield e.OrderPlaced(order.ref, times.paid or times.created)  # an order left pending becomes one when it is paid
    if times.paid:
        yield e.OrderPaid(order.ref, times.paid)
    yield from _refunds(order, payload, times, step)
    yield from _of_step(order, payload, times, step, context)


def _of_step(order: OrderSnapshot, payload: Part, times: Times, step: Step | None, context: ShopContext) -> Iterator[Event]:
    completed = times.completed if st.word(order.status) == "completed" else None
    at = completed or times.modified
    if step is Step.CANCELLED:
        yield e.OrderCancelled(order.ref, times.modified)
        return
    if step is Step.PREPARED:
        yield e.OrderPrepared(order.ref, at)
    if step is Step.RETURN_REQUESTED:
        yield from (e.ReturnRequested(order.ref, at, ITSELF), e.ReturnApproved(order.ref, at, ITSELF))  # the merchant set the status: agreed
    if step in st.ON_THE_WAY and _hands_over_nothing(payload, st.mapped(order.status, context)):
        yield e.OrderCompleted(order.ref, at)
        return
    parcels = tracked(payload, context)
    for item in parcels:
        yield from _tracked(order, item, times, completed, step, context)
    if step in SCANS:
        yield from _scans(order, parcels, times, at, step)


def has_goods(payload: Part) -> bool:
    """Something of it travels: a downloaded or virtual order has no shipping address and no way of shipping."""
    address = payload.part("shipping")
    return bool(payload.parts("shipping_lines")) or any(address.text(key) for key in ("address_1", "city", "postcode"))


def _hands_over_nothing(payload: Part, mapped: Step | None) -> bool:
    """Downloads, or goods that the customer fetches (unless the merchant's own map says what that status means)."""
    return not has_goods(payload) or (mapped is None and is_collected(payload))


def is_collected(payload: Part) -> bool:
    """The customer fetches all of it."""
    methods = {item.text("method_id") for item in payload.parts("shipping_lines")}
    return bool(methods) and methods <= PICKUP


def _tracked(
    order: OrderSnapshot, item: Tracked, times: Times, completed: datetime | None, step: Step | None, context: ShopContext
) -> Iterator[Event]:
    """A tracking number means that the parcel is with the carrier, whatever the status says, unless that contradicts it."""
    yield e.ParcelSeen(order.ref, times.modified, item.parcel.ref, item.parcel)
    if step not in NOT_LEAVING:
        yield e.ShipmentDispatched(order.ref, dispatched_at(item, times.modified, completed, context), item.parcel.ref)


def _scans(order: OrderSnapshot, parcels: tuple[Tracked, ...], times: Times, at: datetime, step: Step) -> Iterator[Event]:
    """What the status says of every parcel that is known, or of the order as one parcel."""
    scan = SCANS[step]
    if not parcels:
        yield e.ParcelSeen(order.ref, times.modified, ITSELF, ParcelSnapshot(ITSELF))
        yield scan(order.ref, at, ITSELF)
    elif scan is not e.ShipmentDispatched:
        for item in parcels:
            yield scan(order.ref, at, item.parcel.ref)


def _refunds(order: OrderSnapshot, payload: Part, times: Times, step: Step | None) -> Iterator[Event]:
    """`refunds[]` holds every refund so far, newest first, without lines or times; `total` stays the order's original one.

    Only the refund that completes the sum is `full`, so that each keeps its meaning whichever payload told of it.
    """
    found = {ref: item for item in payload.parts("refunds") if (ref := item.ref("id")) and item.money("total")}
    paid_back = sum((abs(item.money("total")) for item in found.values()), Decimal(0))
    last = max(found, key=lambda ref: (len(ref), ref), default="")
    for ref, item in found.items():
        full = ref == last and paid_back >= order.total
        yield e.OrderRefunded(order.ref, times.modified, ref, abs(item.money("total")), order.currency, full, note=item.text("reason", TITLE))
    if step is Step.REFUNDED and not found and st.word(order.status) != "refunded" and order.total:
        yield e.OrderRefunded(order.ref, times.modified, ITSELF, order.total, order.currency, full=True)
