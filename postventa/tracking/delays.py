"""Whether a parcel is late although its carrier does not say so: pure, from what is known of it and how long others took.

Silence proves nothing where nobody ever tells that a parcel arrived. So a parcel counts as late only if we would know of its delivery: a carrier that
is asked knows the parcel, or the shop has told of nearly all its deliveries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from postventa.tracking.lane import Lane, business_days, business_days_between
from postventa.tracking.predict import Travelling

AGAIN = timedelta(days=7)
"""Silence is told of again after so long; what a carrier reports may be told after three days."""
MOST = timedelta(days=30)
"""After so long somebody has to look for it, and mails help nobody."""
TOLD = 0.9
"""Share of a shop's deliveries that it tells of, from which its silence means something."""
LEAST = 20
"""Parcels from which that share is worth anything."""
GRACE = 1
"""Business days beyond the ninetieth percentile: carriers scan late, and nobody is alarmed for an evening."""


@dataclass(frozen=True)
class Evidence:
    """Why its silence means something."""

    asked: bool
    """A carrier knows the parcel and tells of it."""
    shop_tells: bool
    """The shop tells of its deliveries."""
    expected_on: date | None = None
    """The day that the carrier gives now, or else the shop."""
    promised_on: date | None = None
    """The first day that the shop gave, or else the carrier: what the customer counts on, however often it is moved since."""


def late(parcel: Travelling, delayed: tuple[datetime, ...], lane: Lane | None, evidence: Evidence, now: datetime, zone: ZoneInfo) -> str:
    """Why the customer should hear that it is late; empty: she should not, or has."""
    left, today = parcel.dispatched_at, now.astimezone(zone).date()
    if left is None or parcel.delivered_at or parcel.ready_for_pickup_at or not (evidence.asked or evidence.shop_tells):
        return ""
    told = max((*delayed, *parcel.failed), default=None)
    if now - left > MOST or (told is not None and now - told < AGAIN):
        return ""
    van = parcel.out_for_delivery_at
    if van is not None and business_days_between(van.astimezone(zone).date(), today) <= GRACE:
        return ""  # it was in the van yesterday or today, and comes or is reported as failed
    if told is None and _is_over(evidence.promised_on, today):
        return f"promised for {evidence.promised_on}"  # once: from then on she knows, and the day counts that holds now
    given = evidence.expected_on or evidence.promised_on
    if given is not None:
        return f"promised for {given}" if _is_over(given, today) else ""
    return _too_long(left.astimezone(zone).date(), today, lane)


def _is_over(day: date | None, today: date) -> bool:
    return day is not None and today > business_days(day, GRACE)


def _too_long(left: date, today: date, lane: Lane | None) -> str:
    if lane is None:
        return ""
    took = business_days_between(left, today)
    return f"{took} business days on the way, of ten parcels nine take {lane.p90}" if took > lane.p90 + GRACE else ""


def tells(dispatched: int, arrived: int) -> bool:
    """Whether a shop tells of its deliveries: so many parcels that must have arrived by now, and of so many it was told."""
    return dispatched >= LEAST and arrived >= TOLD * dispatched
