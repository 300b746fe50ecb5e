"""Events into state. Every write here is a maximum, a minimum or a set union over the events' own times, so that any order, repetition and
delay of the same deliveries ends in the same rows.

It all happens in memory, on rows that a `UnitOfWork` opened and will write. What is told of orders that are new can be worked out before the
transaction (`draft`): on SQLite nobody else writes while one lasts."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic_core import to_json
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from postventa import events as e
from postventa import mirror, promises
from postventa.clock import now
from postventa.dossier import TOLD, Dossier, Fact
from postventa.estimates import first_day
from postventa.eventlog import details, plain
from postventa.locale.zones import zone_of
from postventa.models import Base, Customer, Order, OrderLine, Parcel, ReturnCase, State, assign, fresh
from postventa.returns.numbers import read_number, return_number
from postventa.returns.rules import state_of
from postventa.shops import ConnectedShop
from postventa.unit_of_work import UnitOfWork
from postventa.value import value

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
    e.ReturnScanned: "scanned_at",
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


DESCRIBED = (
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
)
"""What an order's row takes from a description as it is."""
_KNOWN = select(Order.ref).where(Order.shop_id == bindparam("shop"), Order.ref.in_(bindparam("refs", expanding=True)))
LINE = ("title", "variant_title", "sku", "product_ref", "variant_ref", "quantity", "total", "image_url", "requires_shipping", "weight_g")


@value
class Telling:
    """What one delivery, or one deed of a person, says."""

    events: Sequence[e.Event]
    inbound_id: int | None = None
    imported: bool = False
    """History: an order that is new with it was never ours to write about."""
    opened_by: str = ""
    """Who opens the returns that are new with it: `cli`, `api` ...; empty: the shop's platform."""


@dataclass
class Told:
    """What became of a telling."""

    news: bool = False
    """Whether anything in it was."""
    buyers: list[tuple[Order, e.OrderSnapshot]] = field(default_factory=list)
    """Whose customers are still to be written: late, as others write them too."""


@value
class Draft:
    """What deliveries about orders that nobody knew come to, worked out while others could write. `apply` writes it."""

    work: UnitOfWork
    dossiers: list[Dossier]
    told: dict[int, Told]
    """By the telling's place."""
    tellings: Sequence[Telling]
    """All of them, with what the shop promises."""


def unknown(session: Session, shop: ConnectedShop, tellings: Iterable[Telling]) -> set[str]:
    """Those of the orders that they are about that nobody has written."""
    refs = set(_refs(tellings))
    return refs - set(session.connection().scalars(_KNOWN, {"shop": shop.id, "refs": list(refs)})) if refs else refs


def draft(shop: ConnectedShop, tellings: Sequence[Telling], new: Collection[str]) -> Draft:
    """Tell those that are about `new` orders alone, and speak of nothing that needs a look at what is stored. Writes and reads nothing."""
    tellings = _with_promises(shop, tellings)
    asking = {event.order_ref for telling in tellings if not all(map(_alone, telling.events)) for event in telling.events}
    free = {place: telling for place, telling in enumerate(tellings) if {event.order_ref for event in telling.events} <= set(new) - asking}
    work = UnitOfWork(shop)
    refs = _refs(free.values())
    work.begin(refs)
    told = {place: _tell(work, telling) for place, telling in free.items()}
    dossiers = [work.dossier(ref) for ref in refs]
    for dossier in dossiers:
        dossier.order.revision += 1
    return Draft(work, dossiers, told, tellings)


def _with_promises(shop: ConnectedShop, tellings: Sequence[Telling]) -> Sequence[Telling]:
    """With what the shop promises of orders that are placed; of its history it promised nothing through us."""
    if not shop.settings.delivery.days:
        return tellings
    return [one if one.imported else dataclasses.replace(one, events=promises.among(one.events, shop.settings)) for one in tellings]


def _alone(event: e.Event) -> bool:
    return isinstance(event, e.OrderSeen | e.DeliveryPromised) or type(event) in EARLIEST or type(event) in LATEST


def apply(session: Session, shop: ConnectedShop, tellings: Sequence[Telling], drafted: Draft | None = None) -> tuple[list[Dossier], list[bool]]:
    """Write the events and the state that they make, in the order of telling. `drafted`: what was told of them before, to be written as well.

    Returns the other orders that they touch, and of each telling whether anything in it was news. Orders are locked for the rest of the transaction.
    """
    tellings = drafted.tellings if drafted else _with_promises(shop, tellings)
    work, told = (drafted.work, drafted.told) if drafted else (UnitOfWork(shop), {})
    with session.no_autoflush:
        rest = [telling for place, telling in enumerate(tellings) if place not in told]
        refs = _refs(rest)
        work.open(session, _events(tellings), _events(rest), refs)
        news = []
        for place, telling in enumerate(tellings):
            one = told.get(place) or _tell(work, telling)
            news.append(one.news)
            for order, seen in one.buyers:
                _bought(work, order, seen)
        touched = [work.dossier(ref) for ref in refs]
        for dossier in touched:
            dossier.order.refunded_total = _refunded(dossier)
            dossier.order.revision += 1
        work.write()
    return touched, news


def _events(tellings: Iterable[Telling]) -> list[e.Event]:
    return [event for telling in tellings for event in telling.events]


def _refs(tellings: Iterable[Telling]) -> dict[str, bool]:
    """The orders that they are about, and of each whether it is history if it is new."""
    refs: dict[str, bool] = {}
    for telling in tellings:
        for event in telling.events:
            if event.order_ref:
                refs.setdefault(event.order_ref, telling.imported)
    return refs


def _tell(work: UnitOfWork, telling: Telling) -> Told:
    result = Told()
    for event in telling.events:
        dossier = work.dossier(event.order_ref) if event.order_ref else None
        told = _wordless(event) if dossier is not None and dossier.order.erased_at is not None else event
        fresh_event = work.log.append(told, telling.inbound_id)
        if fresh_event and dossier is not None and told.kind in TOLD:
            dossier.facts = sorted([*dossier.facts, Fact(told.kind, told.key, told.at, details(told))], key=lambda fact: fact.key)
        changed = _apply_one(work, dossier, told, telling)
        result.news = result.news or fresh_event or changed
        if changed and dossier is not None and isinstance(told, e.OrderSeen):
            result.buyers.append((dossier.order, told.order))
    return result


def _wordless(event: e.Event) -> e.Event:
    """What comes late about an order that was erased brings nobody's words back."""
    words: dict[str, Any] = {field.name: "" for field in dataclasses.fields(event) if field.name in ("reason", "note")}
    return dataclasses.replace(event, **words)


def _apply_one(work: UnitOfWork, dossier: Dossier | None, event: e.Event, telling: Telling) -> bool:
    if isinstance(event, e.CustomerSeen):
        return _customer_seen(work, event)
    if dossier is None:
        return False
    if isinstance(event, e.OrderSeen):
        return _order_seen(work, dossier, event.order, telling)
    if isinstance(event, e.ParcelEvent | e.DeliveryPromised):
        return _parcel(work, dossier, event) if isinstance(event, e.ParcelEvent) else _promised(work, dossier, *dossier.parcels)
    if isinstance(event, e.ReturnEvent):
        return _return(work, dossier, event, telling.opened_by)
    if type(event) in EARLIEST:
        return _keep(dossier.order, EARLIEST[type(event)], event.at, min)
    if type(event) in LATEST:
        return _keep(dossier.order, LATEST[type(event)], event.at, max)
    return False


def _keep(row: Base, field: str, at: datetime, choose: Callable[[datetime, datetime], datetime]) -> bool:
    known = getattr(row, field)
    best = at if known is None else choose(known, at)
    if best == known:
        return False
    assign(row, {field: best})
    return True


def _order_seen(work: UnitOfWork, dossier: Dossier, seen: e.OrderSnapshot, telling: Telling) -> bool:
    order = dossier.order
    kinds = {type(event) for event in telling.events}
    behind, step = next(((behind, word) for behind, (kind, word) in enumerate(STEPS) if kind in kinds), (len(STEPS), ""))
    rank = len(STEPS) - behind
    tie = f"{rank}{_digest(seen)}"
    if order.erased_at is not None or (order.updated_at is not None and (seen.updated_at, tie) <= (order.updated_at, order.tie)):
        return False
    place = seen.shipping_address or seen.billing_address
    told: dict[str, Any] = {field: getattr(seen, field) for field in DESCRIBED}
    told |= {"updated_at": seen.updated_at, "tie": tie, "step": step, "email": seen.email.strip().lower() or order.email}
    told |= {"shipping_address": plain(seen.shipping_address), "billing_address": plain(seen.billing_address)}
    told["timezone"] = zone_of(place.country, place.province_code, place.postcode, work.shop.settings.timezone)
    assign(order, told)
    _lines(work, dossier, seen.lines)
    return True


def _bought(work: UnitOfWork, order: Order, seen: e.OrderSnapshot) -> None:
    customer = _customer(work, seen)
    if customer is not None:
        work.belongs(order, customer)
    else:
        order.customer_id = None


def _digest(value: object) -> str:
    return hashlib.sha256(to_json(value)).hexdigest()


def _lines(work: UnitOfWork, dossier: Dossier, lines: tuple[e.LineSnapshot, ...]) -> None:
    known = {line.ref: line for line in dossier.lines}
    kept = []
    for position, line in enumerate(lines):
        row = known.pop(line.ref, None)
        if row is None:
            row = fresh(OrderLine, shop_id=work.shop.id, ref=line.ref, position=position, **{field: getattr(line, field) for field in LINE})
            work.add(dossier.order, row)
        else:
            assign(row, {"position": position, **{field: getattr(line, field) for field in LINE}})
        kept.append(row)
    for gone in known.values():
        work.remove(gone)
    dossier.lines = kept


def _customer(work: UnitOfWork, seen: e.OrderSnapshot) -> Customer | None:
    email = seen.email.strip().lower()
    if not email:
        return None
    row = _described(work.customer(email), seen)
    if seen.accepts_marketing and (row.marketing_at is None or seen.updated_at > row.marketing_at):
        # An unticked box at the checkout is no objection (the soft opt-in stands); an objection comes as a change of consent.
        row.marketing, row.marketing_at = True, seen.updated_at
    return row


def _customer_seen(work: UnitOfWork, seen: e.CustomerSeen) -> bool:
    email = seen.email.strip().lower() or work.customer_email(seen.customer_ref)
    if not email:
        return False
    row = _described(work.customer(email), seen)
    if seen.accepts_marketing is not None and (row.marketing_at is None or seen.at >= row.marketing_at):
        row.marketing, row.marketing_at = seen.accepts_marketing, seen.at
    return True


def _described(row: Customer, seen: e.OrderSnapshot | e.CustomerSeen) -> Customer:
    told = {"ref": seen.customer_ref, "first_name": seen.first_name, "last_name": seen.last_name, "locale": seen.locale}
    assign(row, {name: value for name, value in told.items() if value})
    return row


def _parcel(work: UnitOfWork, dossier: Dossier, event: e.ParcelEvent) -> bool:
    row = next((parcel for parcel in dossier.parcels if parcel.ref == event.parcel_ref), None)
    if row is None:
        row = fresh(Parcel, shop_id=work.shop.id, ref=event.parcel_ref)
        work.add(dossier.order, row)
        dossier.parcels = sorted([*dossier.parcels, row], key=lambda parcel: parcel.ref)
        _promised(work, dossier, row)
    if isinstance(event, e.ParcelSeen):
        return _parcel_seen(row, event)
    if isinstance(event, e.DeliveryEstimated):
        return _promised(work, dossier, row)
    if type(event) in PARCEL_TIMES:
        return _keep(row, PARCEL_TIMES[type(event)], event.at, min)
    return _keep(row, PARCEL_TROUBLE[type(event)], event.at, max) if type(event) in PARCEL_TROUBLE else False


def _promised(work: UnitOfWork, dossier: Dossier, *rows: Parcel) -> bool:
    """By the earliest telling, which may come last."""
    if not dossier.facts:
        return False
    days = [(row, first_day(dossier.facts, {row.ref}, work.shop.settings.timezone)) for row in rows]
    moved = [(row, day.isoformat()) for row, day in days if day is not None and row.promised_on != day.isoformat()]
    for row, day in moved:
        row.promised_on = day
    return bool(moved)


def _parcel_seen(row: Parcel, event: e.ParcelSeen) -> bool:
    seen = event.parcel
    fresh_one = (event.at, _digest(seen))
    stands = (row.updated_at, _digest(_as_snapshot(row))) if row.updated_at else None
    if stands is not None and fresh_one <= stands:
        return False
    row.updated_at = event.at
    row.carrier, row.tracking_number, row.tracking_url = seen.carrier, seen.tracking_number, seen.tracking_url
    row.lines, row.cancelled = [list(pair) for pair in seen.lines], seen.cancelled
    return True


def _as_snapshot(row: Parcel) -> e.ParcelSnapshot:
    lines = tuple((str(ref), int(str(quantity))) for ref, quantity in row.lines)
    return e.ParcelSnapshot(row.ref, row.carrier, row.tracking_number, row.tracking_url, lines, row.cancelled)


def _return(work: UnitOfWork, dossier: Dossier, event: e.ReturnEvent, opened_by: str) -> bool:
    row = _return_row(work, dossier, event, opened_by)
    changed = isinstance(event, e.ReturnMirrored) and _known_as(work, dossier, row, event.shop_ref)
    field = RETURN_TIMES.get(type(event))
    changed |= field is not None and _keep(row, field, event.at, max if isinstance(event, REPEATABLE) else min)
    settled_here = row.changes or row.accepted  # since she changed it, or a person cut it down, what is told of it late is older than their word
    told = event.lines if not settled_here else ()
    if told and sorted(map(list, told)) > sorted([list(pair) for pair in row.lines], key=str):
        row.lines, changed = sorted(map(list, told)), True
    own_words = event.return_ref == row.ref and not isinstance(event, e.ReturnDeclined | e.ReturnCancelled)
    if own_words and event.reason > row.reason:
        row.reason, changed = event.reason, True
    row.state = state_of(row)
    return changed


def _return_row(work: UnitOfWork, dossier: Dossier, event: e.ReturnEvent, opened_by: str) -> ReturnCase:
    """Ours if the shop tells of one that it keeps for us, however it names it (`postventa.mirror`)."""
    row = mirror.find(dossier.cases, event.return_ref)
    by_shop = not opened_by and (row is None or row.source in mirror.KEEPERS)
    named = mirror.meant(dossier.cases, read_number(event.reason.partition(" ")[0])) if by_shop and event.reason else None
    if named is not None:
        _known_as(work, dossier, named, event.return_ref)
        return named
    if row is None:
        number = _free_number(work, dossier.order, event.return_ref)
        source = opened_by or work.shop.platform
        told = {"ref": event.return_ref, "number": number, "source": source, "shop_ref": event.return_ref if source in mirror.KEEPERS else ""}
        row = fresh(ReturnCase, shop_id=work.shop.id, state="requested", created_at=now(), **told)
        work.add(dossier.order, row)
        dossier.cases = sorted([*dossier.cases, row], key=lambda case: case.ref)
    return row


def _known_as(work: UnitOfWork, dossier: Dossier, row: ReturnCase, shop_ref: str) -> bool:
    """The shop calls it so. What was told under that name before anybody knew goes into it; what was done under it stays where it is."""
    if not shop_ref or row.shop_ref == shop_ref:
        return False
    assign(row, {"shop_ref": shop_ref})
    image = next((case for case in dossier.cases if case.ref == shop_ref and case is not row), None)
    if image is not None:
        assign(row, mirror.joined(row, image))
    if image is not None and not mirror.begun(image, dossier.effects):
        why = f"the shop keeps it for return {row.number}, of which it is told"
        for effect in dossier.effects:
            if effect.subject_ref == image.ref and effect.state == State.PLANNED:
                effect.state, effect.reason, effect.done_at = State.CANCELLED, why, now()
        work.remove(image)
        dossier.cases = [case for case in dossier.cases if case is not image]
    return True


def _free_number(work: UnitOfWork, order: Order, ref: str) -> str:
    """The return's number; the next one where another return of the shop has it already (once in some hundred thousand)."""
    numbers = (return_number(work.shop.key, order.ref, ref, attempt) for attempt in range(100))
    taken = ReturnCase.shop_id == work.shop.id
    return next(n for n in numbers if work.session.scalar(select(ReturnCase.id).where(taken, ReturnCase.number == n)) is None)


def _refunded(dossier: Dossier) -> Decimal:
    return sum((Decimal(str(fact.data["amount"])) for fact in dossier.facts if fact.kind == "OrderRefunded"), Decimal(0))
