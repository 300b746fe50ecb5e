"""What is known of the ways of one order's parcels: lanes that the shop's own parcels taught us, and what their carrier told. A few statements."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.dossier import Dossier
from postventa.models import ScanRow, Tracking
from postventa.shops import ConnectedShop
from postventa.tracking.lane import Lane
from postventa.tracking.learnt import lane_of, lanes_of
from postventa.web.portal.track_steps import Scanned, Told

SHOWN = ("in_transit", "ready_for_pickup", "returned_to_sender")
"""Scans that say more than the facts that became of the others. What a carrier says besides (`said`) is for staff, and not even read here."""
FEW = 3
"""Parcels up to which each asks for its own lane; with more, all of the shop's are loaded at once."""


def lanes(session: Session, shop: ConnectedShop, dossier: Dossier) -> dict[str, Lane]:
    """Parcel -> how long its way takes, of those that are on one."""
    moving = [parcel for parcel in dossier.parcels if parcel.dispatched_at is not None and parcel.delivered_at is None and not parcel.cancelled]
    learnt = lanes_of(session, shop.id) if len(moving) > FEW else None
    found = ((parcel.ref, lane_of(session, shop, dossier.order, parcel, learnt)) for parcel in moving)
    return {ref: lane for ref, lane in found if lane is not None}


def told(session: Session, dossier: Dossier) -> dict[str, Told]:
    """Parcel -> what its carrier told; nothing where no carrier was ever asked."""
    refs = {parcel.id: parcel.ref for parcel in dossier.parcels}
    query = select(Tracking.parcel_id, Tracking.expected_on, Tracking.promised_on).where(Tracking.order_id == dossier.order.id)
    asked = session.execute(query).all() if refs else []
    if not asked:
        return {}
    scans: dict[int, list[Scanned]] = defaultdict(list)
    lines = select(ScanRow.parcel_id, ScanRow.at, ScanRow.status, ScanRow.word, ScanRow.place).where(ScanRow.order_id == dossier.order.id)
    for parcel_id, at, status, word, place in session.execute(lines.where(ScanRow.status.in_(SHOWN)).order_by(ScanRow.at, ScanRow.id)):
        scans[parcel_id].append(Scanned(at, status, word, place))
    days = {parcel_id: (_day(expected), _day(promised)) for parcel_id, expected, promised in asked if parcel_id in refs}
    return {refs[parcel_id]: Told(tuple(scans[parcel_id]), expected, promised) for parcel_id, (expected, promised) in days.items()}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
