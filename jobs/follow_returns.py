"""Return labels on their way back: the first scan is what the rules of a return and the law wait for, and the delivery is shown to staff.

A delivery receives nothing by itself: a carrier knows that a box was handed over, not what is in it, and what is received is paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from connectors.carriers.base import Scan, Status, Tracked
from jobs import return_goods
from jobs.customer_return import locked
from jobs.followed import Followed
from jobs.learn_scans import AHEAD, newest
from jobs.pickups.missed import missed
from jobs.world import World
from postventa import alarms
from postventa.clock import now
from postventa.effects import insert_once
from postventa.models import Effect, LabelRow, LabelTracking, Order, ReturnCase
from postventa.shops import ConnectedShop
from postventa.tracking import polling
from postventa.tracking.journeys import zone_of

MOVED = frozenset(
    {Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.READY_FOR_PICKUP, Status.ATTEMPTED_DELIVERY, Status.DELAYED, Status.DELIVERED}
)  # fmt: skip
"""What a carrier says only of a parcel that it has. That a label was announced says nothing."""
LIVING = ("made", "mailed", "scanned")
EARLIER = timedelta(days=1)
"""Scans so long before the label was made belong to another parcel: carriers use their numbers again."""
ENROLLED = 200
NOTHING_YET = {"status": "", "failures": 0, "trouble": "", "ended": ""}


def enrol(session: Session, shop: ConnectedShop) -> None:
    """Labels that a carrier made who can be asked."""
    instant = now()
    for label_id, order_id, name in session.execute(_strangers(shop)):
        values = {"shop_id": shop.id, "order_id": order_id, "label_id": label_id, "carrier": name, "next_at": instant}
        session.execute(insert_once(session, LabelTracking, {**values, **NOTHING_YET}, ["label_id"]))


def learn(session: Session, world: World, shop: ConnectedShop, tracking_id: int, told: Tracked) -> list[Effect]:
    """What a return comes to is found by the clock; who waited for a driver in vain is told at once."""
    order = locked(session, session.get_one(LabelTracking, tracking_id).order_id)
    if order.erased_at is not None:
        return []  # whoever erased it ended this, too
    row = session.get_one(LabelTracking, tracking_id, with_for_update=True, populate_existing=True)
    label = session.get_one(LabelRow, row.label_id, populate_existing=True)
    case = session.get_one(ReturnCase, label.return_case_id, populate_existing=True)
    scans = [scan for scan in told.scans if label.created_at - EARLIER <= scan.at <= now() + AHEAD]
    if not told.whole and row.heard_at is not None and row.status:
        scans.append(Scan(row.heard_at, row.status, "", Status(row.status)))  # late news does not take it back to where it was
    before, row.status = row.status, newest(scans, row.status)
    _keep(row, scans)
    if row.scanned_at is not None and label.state in LIVING:
        if case.scanned_at is None or row.scanned_at < case.scanned_at:
            return_goods.scanned(session, world, shop, case.number, row.scanned_at, label_id=label.id)
        label.state = "scanned"  # a further parcel's: the return was on its way before
    if row.status == Status.RETURNED_TO_SENDER and before != row.status:
        said = f"{shop.settings.name}, order {order.number}: the carrier brings the parcel of return {case.number} back to the customer"
        alarms.raise_alarm(session, "parcel-comes-back", f"{shop.settings.name}, {case.number}", "warn", said)
    in_vain = row.status == Status.NOT_COLLECTED and before != row.status and case.scanned_at is None
    mails = missed(session, world, shop, order, case) if in_vain else []
    _go_on(row, label, case, order, shop, told)
    return mails


def first_move(scans: Sequence[Scan]) -> Scan | None:
    """The first scan of a carrier that has the parcel."""
    return min((scan for scan in scans if scan.means in MOVED), key=lambda scan: scan.at, default=None)


def _strangers(shop: ConnectedShop) -> Select[int, int, str]:
    query = select(LabelRow.id, ReturnCase.order_id, LabelRow.carrier).join(ReturnCase, ReturnCase.id == LabelRow.return_case_id)
    query = query.join(Order, Order.id == ReturnCase.order_id).outerjoin(LabelTracking, LabelTracking.label_id == LabelRow.id)
    mine = (LabelRow.shop_id == shop.id, LabelRow.created_at > now() - polling.SILENT, LabelRow.carrier.in_(shop.settings.carriers.asked))
    ours = (LabelRow.tracking_number != "", LabelRow.state.in_(LIVING), ReturnCase.received_at.is_(None), Order.erased_at.is_(None))
    return query.where(*mine, *ours, LabelTracking.id.is_(None)).order_by(LabelRow.id).limit(ENROLLED)


def _keep(row: LabelTracking, scans: Sequence[Scan]) -> None:
    first, came = first_move(scans), [scan.at for scan in scans if scan.means is Status.DELIVERED]
    row.scanned_at = _earliest(row.scanned_at, first.at if first is not None else None)
    row.delivered_at = _earliest(row.delivered_at, *came)
    row.heard_at = max((at for at in (row.heard_at, *(scan.at for scan in scans)) if at is not None), default=None)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)


def _go_on(row: LabelTracking, label: LabelRow, case: ReturnCase, order: Order, shop: ConnectedShop, told: Tracked) -> None:
    instant = now()
    row.failures, row.trouble = 0, "" if told.known else "the carrier does not know this number (yet)"
    row.asked_at, row.told_at = (instant, row.told_at) if told.whole else (row.asked_at, instant)
    facts = polling.Facts(row.status, row.heard_at or label.created_at, known=told.known, told=polling.is_told(row.told_at, row.heard_at))
    row.ended = _end(facts, label, case)
    row.ended_at = instant if row.ended else None
    row.next_at = polling.next_look(facts, instant, zone_of(order.timezone, shop), row.label_id)


def _end(facts: polling.Facts, label: LabelRow, case: ReturnCase) -> str:
    """Why nobody needs to ask any more. A label that can still be used is no parcel that fell silent."""
    if label.state not in LIVING:
        return "void"
    if case.received_at is not None:
        return "received"
    over = polling.end(facts, now())
    waits = over == "silent" and label.state != "scanned" and label.expires_at is not None and label.expires_at > now()
    return "" if waits else over


_NUMBER = select(LabelRow.tracking_number).join(LabelTracking, LabelTracking.label_id == LabelRow.id)
RETURNS = Followed(LabelTracking, enrol, _NUMBER, LabelRow.tracking_number, learn)
