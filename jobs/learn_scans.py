"""What a carrier told of one parcel into scans, events and plan, and when to ask again: one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from connectors.carriers.base import Scan, Status, Tracked
from connectors.shops.base import Reading
from jobs.deeds.base import NoKeys
from jobs.deeds.scan import plan_scan
from jobs.process_inbound import absorb
from jobs.world import World
from postventa import alarms, dossier
from postventa.clock import now
from postventa.followups.load import view
from postventa.followups.view import ParcelFacts
from postventa.models import Effect, Order, Parcel, ScanRow, Tracking
from postventa.shops import ConnectedShop
from postventa.tracking import polling
from postventa.tracking.journeys import zone_of
from postventa.tracking.lane import business_days
from postventa.tracking.learnt import lane_of
from postventa.tracking.predict import predict
from postventa.tracking.told import KINDS, events_of

SAME = timedelta(minutes=1)
"""The same word within so long is the same scan: a carrier that tells by itself writes the time in another way than when it is asked."""
AHEAD = timedelta(days=1)
"""A scan later than that from now is a clock that is wrong, and counts for nothing."""
SHOWN = ("out_for_delivery", "ready_for_pickup", "attempted_delivery", "delayed", "delivered", "in_transit")
"""Steps that a shop may show to its customers (`connectors.shops.writes.SCANS`)."""


def learn(session: Session, world: World, shop: ConnectedShop, tracking_id: int, told: Tracked) -> list[Effect]:
    """Returns what is due within moments."""
    row = session.get_one(Tracking, tracking_id)
    order = session.get_one(Order, row.order_id, with_for_update=True, populate_existing=True)
    parcel = session.get_one(Parcel, row.parcel_id, populate_existing=True)
    session.refresh(row, with_for_update=True)
    if order.erased_at is not None:
        return []  # whoever erased it ended this, too
    told = told if told.whole else _with_what_is_known(session, row, told)
    scans = [scan for scan in told.scans if scan.at <= now() + AHEAD]
    new = _keep(session, row, scans)
    before = _facts(session, shop, order, parcel)
    soon = _absorb(session, world, shop, order, parcel, scans) if new else []
    _tell(session, shop, order, new)
    _show(session, shop, order, parcel, before, new)
    _go_on(session, shop, order, row, parcel, told, scans, new)
    return soon


def _with_what_is_known(session: Session, row: Tracking, told: Tracked) -> Tracked:
    """What it told by itself beside what it told before: late news does not take a parcel back to where it was."""
    columns = (ScanRow.at, ScanRow.word, ScanRow.place, ScanRow.status, ScanRow.said)
    rows = session.execute(select(*columns).where(ScanRow.parcel_id == row.parcel_id, ScanRow.source == row.carrier))
    known = (Scan(at, word, place, Status(status), said) for at, word, place, status, said in rows)
    day = date.fromisoformat(row.expected_on) if row.expected_on else None
    return Tracked((*known, *told.scans), day, whole=False)


def _keep(session: Session, row: Tracking, scans: Sequence[Scan]) -> list[Scan]:
    """Those that nobody knew."""
    query = select(ScanRow.word, ScanRow.at).where(ScanRow.parcel_id == row.parcel_id, ScanRow.source == row.carrier)
    known: dict[str, list[datetime]] = {}
    for word, at in session.execute(query):
        known.setdefault(word, []).append(at)
    new = []
    for scan in scans:
        times = known.setdefault(scan.status, [])
        if all(abs(scan.at - at) >= SAME for at in times):
            times.append(scan.at)
            new.append(scan)
    if new:
        session.execute(insert(ScanRow), [_values(row, scan) for scan in new])
    return new


def _values(row: Tracking, scan: Scan) -> dict[str, Any]:
    where = {"shop_id": row.shop_id, "order_id": row.order_id, "parcel_id": row.parcel_id, "source": row.carrier}
    said = {"at": scan.at, "word": scan.status, "status": scan.means.value, "place": scan.place, "said": scan.text}
    return {**where, **said, "learned_at": now()}


def _absorb(session: Session, world: World, shop: ConnectedShop, order: Order, parcel: Parcel, scans: Sequence[Scan]) -> list[Effect]:
    events = events_of(order.ref, parcel.ref, [(scan.at, scan.means.value) for scan in scans])
    return absorb(session, world, shop, Reading(events), None)[0] if events else []


def _facts(session: Session, shop: ConnectedShop, order: Order, parcel: Parcel) -> ParcelFacts:
    seen = view(dossier.load_one(session, order), shop.settings)
    return next((facts for facts in seen.parcels if facts.ref == parcel.ref), ParcelFacts(parcel.ref))


def _tell(session: Session, shop: ConnectedShop, order: Order, new: Sequence[Scan]) -> None:
    """What no rule of ours can deal with is shown to a person."""
    for word in sorted({scan.status for scan in new if scan.means is Status.UNKNOWN}):
        said = f'the carrier says "{word}" of a parcel, which means nothing here: it is kept as a scan, and nobody is told (order {order.number})'
        alarms.raise_alarm(session, "carrier-status-unknown", word, "warn", said)
    if any(scan.means is Status.RETURNED_TO_SENDER for scan in new):
        subject = f"{shop.settings.name}, {order.number}"
        alarms.raise_alarm(session, "parcel-comes-back", subject, "warn", f"{shop.settings.name}: a parcel of order {order.number} comes back")


def _show(session: Session, shop: ConnectedShop, order: Order, parcel: Parcel, before: ParcelFacts, new: Sequence[Scan]) -> None:
    """In the shop itself, if it shows such things: what it told us it knows."""
    if shop.platform != "shopify" or not shop.settings.has_api_keys or shop.disconnected:
        return
    for status in SHOWN:
        first = min((scan for scan in new if scan.means.value == status), key=lambda scan: scan.at, default=None)
        if first is not None and not _knows(before, status):
            try:
                plan_scan(session, shop, order, parcel, status, first.at)
            except NoKeys:
                return  # its keys went meanwhile: what we know stands here all the same


def _knows(before: ParcelFacts, status: str) -> bool:
    return bool(getattr(before, f"{status}_at", None)) if status in KINDS else False


def _go_on(
    session: Session,
    shop: ConnectedShop,
    order: Order,
    row: Tracking,
    parcel: Parcel,
    told: Tracked,
    scans: Sequence[Scan],
    new: Sequence[Scan],
) -> None:
    instant, zone = now(), zone_of(order.timezone, shop)
    row.failures, row.trouble = 0, "" if told.known else "the carrier does not know this number (yet)"
    row.asked_at, row.told_at = (instant, row.told_at) if told.whole else (row.asked_at, instant)
    if new:
        row.heard_at = instant
    row.status = newest(scans, row.status)
    if told.expected_on is not None:
        row.expected_on = told.expected_on.isoformat()
        row.promised_on = row.promised_on or row.expected_on
    after = _facts(session, shop, order, parcel)
    lane, left = lane_of(session, shop, order, parcel), parcel.dispatched_at
    predicted = predict(after, lane, zone, instant.astimezone(zone).date())
    usual_on = business_days(left.astimezone(zone).date(), lane.p50) if lane is not None and left is not None else None
    since = max(at for at in (parcel.dispatched_at, max((scan.at for scan in scans), default=None), row.heard_at) if at is not None)
    status = "delivered" if after.delivered_at else "cancelled" if parcel.cancelled or order.trashed else row.status
    by_itself = polling.is_told(row.told_at, row.heard_at)
    facts = polling.Facts(status, since, after.out_for_delivery_at, told.expected_on or after.estimated, usual_on, predicted, told.known, by_itself)
    row.ended = polling.end(facts, instant)
    row.ended_at = instant if row.ended else None
    row.next_at = polling.next_look(facts, instant, zone, row.parcel_id)


def newest(scans: Sequence[Scan], before: str) -> str:
    """Our word for the newest scan, of one moment for the one that leads furthest; `before` if there is none.

    A word that we do not know says nothing about where it is.
    """
    known = [scan for scan in scans if scan.means is not Status.UNKNOWN]
    order = list(Status)

    def furthest(scan: Scan) -> tuple[datetime, int]:
        return scan.at, order.index(scan.means)

    return max(known, key=furthest).means.value if known else before
