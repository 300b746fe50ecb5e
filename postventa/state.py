"""Events into state. Every write here is a maximum, a minimum or a set union over the events' own times, so that any order, repetition and
delay of the same deliveries ends in the same rows."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa import events as e
from postventa.clock import now
from postventa.effects import insert_once
from postventa.eventlog import append, plain
from postventa.locale.zones import zone_of
from postventa.models import Customer, EventRow, Order, OrderLine, Parcel, ReturnCase
from postventa.returns.numbers import return_number
from postventa.returns.rules import state_of
from postventa.shops import ConnectedShop

EARLIEST: dict[type[e.Event], str] = {
    e.OrderPlaced: "placed_at",
    e.OrderPaid: "paid_at",
    e.OrderPrepared: "prepared_at",
    e.OrderCompleted: "completed_at",
    e.OrderCancelled: "cancelled_at",
}
LATEST: dict[type[e.Event], str] = {
    e.OrderTrashed: "trashed_at",
    e.OrderRestored: "restored_at",
    e.DisputeOpened: "disputed_at",
    e.DisputeClosed: "dispute_closed_at",
}
PARCEL_TIMES: dict[type[e.Event], str] = {
    e.ShipmentDispatched: "dispatched_at",
    e.ShipmentOutForDelivery: "out_for_delivery_at",
    e.ShipmentReadyForPickup: "ready_for_pickup_at",
    e.ShipmentDelivered: "delivered_at",
}
PARCEL_TROUBLE: dict[type[e.Event], str] = {e.ShipmentDelayed: "delayed_at", e.DeliveryFailed: "failed_at"}
RETURN_TIMES: dict[type[e.Event], str] = {
    e.ReturnRequested: "requested_at",
    e.ReturnApproved: "approved_at",
    e.ReturnDeclined: "declined_at",
    e.ReturnCancelled: "cancelled_at",
    e.ReturnReceived: "received_at",
    e.ReturnClosed: "closed_at",
    e.ReturnReopened: "reopened_at",
}
REPEATABLE = (e.ReturnDeclined, e.ReturnCancelled, e.ReturnClosed, e.ReturnReopened)
"""Steps of a return that may come again after it was opened anew: the latest one counts."""
STEPS = (
    (e.OrderCancelled, "cancelled"),
    (e.ShipmentDelivered, "delivered"),
    (e.ShipmentDispatched, "shipped"),
    (e.OrderCompleted, "completed"),
    (e.OrderPrepared, "prepared"),
    (e.OrderPaid, "paid"),
    (e.OrderPlaced, "placed"),
)
"""What one description proves, the furthest first."""


def apply(
    session: Session, shop: ConnectedShop, events: Iterable[e.Event], inbound_id: int | None, *, imported: bool = False
) -> tuple[set[int], bool]:
    """Write the events and the state that they make.

    Returns the ids of the orders that they touch, and whether anything was news. Orders are locked for the rest of the transaction.
    """
    told = tuple(events)
    touched: set[int] = set()
    news = False
    for event in told:
        order = _order(session, shop, event.order_ref, imported) if event.order_ref else None
        event = _wordless(event) if order is not None and order.erased_at is not None else event  # noqa: PLW2901
        fresh = append(session, shop.id, event, inbound_id)
        changed = _apply_one(session, shop, order, event, told)
        news = news or fresh or changed
        if order is not None:
            touched.add(order.id)
    for order_id in touched:
        order = session.get_one(Order, order_id)
        order.refunded_total = _refunded(session, order)
        order.revision += 1
    session.flush()
    return touched, news


def _wordless(event: e.Event) -> e.Event:
    """What comes late about an order that was erased brings nobody's words back."""
    words: dict[str, Any] = {field.name: "" for field in dataclasses.fields(event) if field.name in ("reason", "note")}
    return dataclasses.replace(event, **words)


def _apply_one(session: Session, shop: ConnectedShop, order: Order | None, event: e.Event, told: tuple[e.Event, ...]) -> bool:
    if isinstance(event, e.CustomerSeen):
        return _customer_seen(session, shop.id, event)
    if order is None:
        return False
    if isinstance(event, e.OrderSeen):
        return _order_seen(session, shop, order, event.order, told)
    if isinstance(event, e.ParcelEvent):
        return _parcel(session, order, event)
    if isinstance(event, e.ReturnEvent):
        return _return(session, shop, order, event)
    if type(event) in EARLIEST:
        return _keep(order, EARLIEST[type(event)], event.at, min)
    if type(event) in LATEST:
        return _keep(order, LATEST[type(event)], event.at, max)
    return False


def _keep(row: object, field: str, at: datetime, choose: Callable[[datetime, datetime], datetime]) -> bool:
    known = getattr(row, field)
    best = at if known is None else choose(known, at)
    setattr(row, field, best)
    return bool(best != known)


def _order(session: Session, shop: ConnectedShop, ref: str, imported: bool) -> Order:
    """The order's row, made if it is new, locked."""
    values = {"shop_id": shop.id, "ref": ref, "seen_at": now(), "imported": imported, "timezone": shop.settings.timezone}
    session.execute(insert_once(session, Order, values, ["shop_id", "ref"]))
    return session.scalars(select(Order).where(Order.shop_id == shop.id, Order.ref == ref).with_for_update()).one()


def _order_seen(session: Session, shop: ConnectedShop, order: Order, seen: e.OrderSnapshot, told: tuple[e.Event, ...]) -> bool:
    step = next((word for kind, word in STEPS if any(isinstance(event, kind) for event in told)), "")
    rank = len(STEPS) - next((i for i, (_, word) in enumerate(STEPS) if word == step), len(STEPS))
    tie = f"{rank}{_digest(seen)}"
    if order.erased_at is not None or (order.updated_at is not None and (seen.updated_at, tie) <= (order.updated_at, order.tie)):
        return False
    order.updated_at, order.tie, order.step = seen.updated_at, tie, step
    for field in (
        "number",
        "status",
        "first_name",
        "last_name",
        "phone",
        "locale",
        "currency",
        "total",
        "subtotal",
        "shipping_total",
        "discount_total",
        "tax_total",
        "shipping_method",
        "payment_method",
        "note",
        "status_url",
        "test",
        "created_at",
    ):
        setattr(order, field, getattr(seen, field))
    order.email = seen.email.strip().lower() or order.email
    order.shipping_address, order.billing_address = asdict(seen.shipping_address), asdict(seen.billing_address)
    place = seen.shipping_address or seen.billing_address
    order.timezone = zone_of(place.country, place.province_code, place.postcode, shop.settings.timezone)
    order.customer_id = _customer(session, shop.id, seen)
    _lines(session, order, seen.lines)
    return True


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(plain(value), sort_keys=True).encode()).hexdigest()


def _lines(session: Session, order: Order, lines: tuple[e.LineSnapshot, ...]) -> None:
    known = {line.ref: line for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id))}
    for position, line in enumerate(lines):
        row = known.pop(line.ref, None)
        if row is None:
            row = OrderLine(shop_id=order.shop_id, order_id=order.id, ref=line.ref)
            session.add(row)
        row.position = position
        for field in (
            "title",
            "variant_title",
            "sku",
            "product_ref",
            "variant_ref",
            "quantity",
            "total",
            "image_url",
            "requires_shipping",
            "weight_g",
        ):
            setattr(row, field, getattr(line, field))
    for gone in known.values():
        session.delete(gone)


def _customer(session: Session, shop_id: int, seen: e.OrderSnapshot) -> int | None:
    email = seen.email.strip().lower()
    if not email:
        return None
    row = _customer_row(session, shop_id, email)
    row.ref = seen.customer_ref or row.ref
    row.first_name, row.last_name = seen.first_name or row.first_name, seen.last_name or row.last_name
    row.locale = seen.locale or row.locale
    if seen.accepts_marketing and (row.marketing_at is None or seen.updated_at > row.marketing_at):
        # An unticked box at the checkout is no objection (the soft opt-in stands); an objection comes as a change of consent.
        row.marketing, row.marketing_at = True, seen.updated_at
    return row.id


def _customer_seen(session: Session, shop_id: int, seen: e.CustomerSeen) -> bool:
    email = seen.email.strip().lower()
    if not email and seen.customer_ref:
        email = session.scalar(select(Customer.email).where(Customer.shop_id == shop_id, Customer.ref == seen.customer_ref)) or ""
    if not email:
        return False
    row = _customer_row(session, shop_id, email)
    row.ref = seen.customer_ref or row.ref
    row.first_name, row.last_name = seen.first_name or row.first_name, seen.last_name or row.last_name
    row.locale = seen.locale or row.locale
    if seen.accepts_marketing is not None and (row.marketing_at is None or seen.at >= row.marketing_at):
        row.marketing, row.marketing_at = seen.accepts_marketing, seen.at
    return True


def _customer_row(session: Session, shop_id: int, email: str) -> Customer:
    session.execute(insert_once(session, Customer, {"shop_id": shop_id, "email": email, "created_at": now()}, ["shop_id", "email"]))
    return session.scalars(select(Customer).where(Customer.shop_id == shop_id, Customer.email == email)).one()


def _parcel(session: Session, order: Order, event: e.ParcelEvent) -> bool:
    values = {"shop_id": order.shop_id, "order_id": order.id, "ref": event.parcel_ref, "lines": []}
    session.execute(insert_once(session, Parcel, values, ["order_id", "ref"]))
    row = session.scalars(select(Parcel).where(Parcel.order_id == order.id, Parcel.ref == event.parcel_ref)).one()
    if isinstance(event, e.ParcelSeen):
        return _parcel_seen(row, event)
    if type(event) in PARCEL_TIMES:
        return _keep(row, PARCEL_TIMES[type(event)], event.at, min)
    return _keep(row, PARCEL_TROUBLE[type(event)], event.at, max) if type(event) in PARCEL_TROUBLE else False


def _parcel_seen(row: Parcel, event: e.ParcelSeen) -> bool:
    seen = event.parcel
    fresh = (event.at, _digest(seen))
    stands = (row.updated_at, _digest(_as_snapshot(row))) if row.updated_at else None
    if stands is not None and fresh <= stands:
        return False
    row.updated_at = event.at
    row.carrier, row.tracking_number, row.tracking_url = seen.carrier, seen.tracking_number, seen.tracking_url
    row.lines, row.cancelled = [list(pair) for pair in seen.lines], seen.cancelled
    return True


def _as_snapshot(row: Parcel) -> e.ParcelSnapshot:
    lines = tuple((str(ref), int(str(quantity))) for ref, quantity in row.lines)
    return e.ParcelSnapshot(row.ref, row.carrier, row.tracking_number, row.tracking_url, lines, row.cancelled)


def _return(session: Session, shop: ConnectedShop, order: Order, event: e.ReturnEvent) -> bool:
    row = _return_row(session, shop, order, event.return_ref)
    field = RETURN_TIMES.get(type(event))
    changed = field is not None and _keep(row, field, event.at, max if isinstance(event, REPEATABLE) else min)
    if event.lines and sorted(map(list, event.lines)) > sorted([list(pair) for pair in row.lines], key=str):
        row.lines, changed = sorted(map(list, event.lines)), True
    if not isinstance(event, e.ReturnDeclined | e.ReturnCancelled) and event.reason > row.reason:
        row.reason, changed = event.reason, True
    row.state = state_of(row)
    return changed


def _return_row(session: Session, shop: ConnectedShop, order: Order, ref: str) -> ReturnCase:
    mine = select(ReturnCase).where(ReturnCase.order_id == order.id, ReturnCase.ref == ref)
    row = session.scalars(mine).first()
    if row is None:
        number = _free_number(session, shop, order, ref)
        values = {"shop_id": order.shop_id, "order_id": order.id, "ref": ref, "number": number, "source": shop.platform, "state": "requested"}
        session.execute(insert_once(session, ReturnCase, {**values, "created_at": now()}, ["order_id", "ref"]))
        row = session.scalars(mine).one()
    return row


def _free_number(session: Session, shop: ConnectedShop, order: Order, ref: str) -> str:
    """The return's number; the next one where another return of the shop has it already (once in some hundred thousand)."""
    numbers = (return_number(shop.key, order.ref, ref, attempt) for attempt in range(100))
    return next(
        n for n in numbers if session.scalar(select(ReturnCase.id).where(ReturnCase.shop_id == order.shop_id, ReturnCase.number == n)) is None
    )


def _refunded(session: Session, order: Order) -> Decimal:
    query = select(EventRow).where(EventRow.shop_id == order.shop_id, EventRow.order_ref == order.ref, EventRow.kind == "OrderRefunded")
    return sum((Decimal(str(row.data["amount"])) for row in session.scalars(query)), Decimal(0))
