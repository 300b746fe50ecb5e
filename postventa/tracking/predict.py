"""When a parcel will be there: a span of days, or nothing where nothing honest can be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from postventa.tracking.lane import Lane, business_days


@dataclass(frozen=True)
class DateRange:
    """From `first` to `last`, both days included."""

    first: date
    last: date

    @property
    def one_day(self) -> bool:
        return self.first == self.last


class Travelling(Protocol):
    """What is known to have happened to a parcel (`postventa.followups.view.ParcelFacts` is one)."""

    @property
    def dispatched_at(self) -> datetime | None: ...
    @property
    def out_for_delivery_at(self) -> datetime | None: ...
    @property
    def ready_for_pickup_at(self) -> datetime | None: ...
    @property
    def delivered_at(self) -> datetime | None: ...
    @property
    def failed(self) -> tuple[datetime, ...]: ...


def predict(parcel: Travelling, lane: Lane | None, zone: ZoneInfo, today: date) -> DateRange | None:
    """The days on which it should be there, in the recipient's zone; never one that is over.

    None: it is there already or waits to be fetched, it has not left, its way is unknown, a delivery failed, or it should have come by now.
    """
    if parcel.delivered_at or parcel.ready_for_pickup_at:
        return None
    if trouble := max(parcel.failed, default=None):
        again = parcel.out_for_delivery_at is not None and parcel.out_for_delivery_at > trouble
        return DateRange(today, today) if again and _day(parcel.out_for_delivery_at, zone) == today else None
    if _day(parcel.out_for_delivery_at, zone) == today:
        return DateRange(today, today)
    left = _day(parcel.dispatched_at, zone)
    if left is None or lane is None:
        return None
    first, last = business_days(left, lane.p50), business_days(left, lane.p90)
    return DateRange(max(first, business_days(today, 0)), last) if last >= business_days(today, 0) else None


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment is not None else None
