"""What a carrier told of a parcel, for a shop that shows it to its people and customers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from connectors.shops.writes import SCANS, Scan
from jobs.deeds.base import Deed, able, plan, told
from postventa.followups.load import UNTRACKED
from postventa.models import Effect, Order, Parcel
from postventa.shops import ConnectedShop

NAME = "write_scan"


def plan_scan(session: Session, shop: ConnectedShop, order: Order, parcel: Parcel, status: str, at: datetime, message: str = "") -> Effect | None:
    """Once for each step of a parcel. Only for what a carrier told us: what the shop told it knows. Raises `ValueError`.

    None if that was planned before, or the shop cannot be told: its platform shows no scans, it gave us no keys that may, it names no such parcel.
    """
    if status not in SCANS:
        raise ValueError(f'"{status}" is none of {", ".join(SCANS)}')
    if parcel.ref == UNTRACKED or not able(session, shop, Scan):
        return None
    wanted = {"parcel": parcel.ref, "status": status, "at": at.isoformat(), "message": message}
    return plan(session, shop, NAME, f"{parcel.ref}:{status}", order, wanted, at=at, subject_ref=parcel.ref, parcel_ref=parcel.ref)


def _wanted(session: Session, effect: Effect, order: Order | None) -> Scan:
    known = told(effect)
    at = datetime.fromisoformat(str(known["at"]))
    return Scan(order.ref if order is not None else "", str(known["parcel"]), str(known["status"]), at, str(known["message"]))


DEED = Deed(NAME, _wanted)
