"""The lanes that a shop's own parcels taught us: the only writer of `lane`, and who answers which lane a parcel is on."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.models import LaneRow, Order, Parcel
from postventa.shops import ConnectedShop
from postventa.tracking.journeys import way_of
from postventa.tracking.lane import Lane
from postventa.tracking.ways import Way, lane_for


def lanes_of(session: Session, shop_id: int) -> dict[Way, Lane]:
    """All that were learnt for one shop: loaded once for many parcels."""
    return {_way(row): Lane(row.p50, row.p90, row.n) for row in session.scalars(select(LaneRow).where(LaneRow.shop_id == shop_id))}


def lane_of(session: Session, shop: ConnectedShop, order: Order, parcel: Parcel, learnt: Mapping[Way, Lane] | None = None) -> Lane | None:
    """The lane of one parcel: learnt, else from the table; None: it has not left, or its way is not known. `learnt`: `lanes_of`, for many parcels."""
    if parcel.dispatched_at is None:
        return None
    narrow, postcode = way_of(shop, order, parcel.carrier, parcel.dispatched_at)
    return lane_for(_near(session, shop.id, narrow) if learnt is None else learnt, narrow, postcode)


def keep(session: Session, shop_id: int, learnt: Mapping[Way, Lane]) -> None:
    """In place of what was known before: a way that nobody takes any more is forgotten."""
    session.execute(delete(LaneRow).where(LaneRow.shop_id == shop_id))
    rows = [
        {
            "shop_id": shop_id,
            "carrier": way.carrier,
            "service": way.service,
            "origin": way.origin,
            "destination": way.destination,
            "area": way.area,
            "weekday": way.weekday,
            "p50": lane.p50,
            "p90": lane.p90,
            "n": lane.n,
            "learned_at": now(),
        }
        for way, lane in learnt.items()
    ]
    if rows:
        session.execute(insert(LaneRow), rows)


def _near(session: Session, shop_id: int, narrow: Way) -> dict[Way, Lane]:
    """Of the shop's lanes those that can be the answer for one way: a shop has thousands, and a page waits for this one."""
    between = (LaneRow.origin == narrow.origin, LaneRow.destination == narrow.destination, LaneRow.carrier.in_((narrow.carrier, "")))
    rows = session.scalars(select(LaneRow).where(LaneRow.shop_id == shop_id, *between, LaneRow.area.in_((narrow.area, ""))))
    return {_way(row): Lane(row.p50, row.p90, row.n) for row in rows}


def _way(row: LaneRow) -> Way:
    return Way(row.carrier, row.origin, row.destination, row.service, row.area, row.weekday)
