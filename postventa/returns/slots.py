"""On which days, and between which hours, a parcel can be fetched at a customer's door. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from postventa.config import Pickup
from postventa.events import Address
from postventa.holidays import SATURDAY, holidays
from postventa.regional_holidays import regional_holidays

AHEAD = timedelta(days=10)
"""From the first day that can be had."""
LONGEST = 40
CODE = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)-(\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, order=True)
class Slot:
    """Hours of one day, by the clock of the place where the parcel is."""

    day: date
    begin: time
    end: time

    @property
    def code(self) -> str:
        """`2026-12-07T09:00-14:00`: as addresses and rows have it."""
        return f"{self.day.isoformat()}T{self.begin:%H:%M}-{self.end:%H:%M}"

    def starts(self, zone: str) -> datetime:
        """When it begins, aware."""
        return datetime.combine(self.day, self.begin, ZoneInfo(zone))

    def ends(self, zone: str) -> datetime:
        """When it is over, aware."""
        return datetime.combine(self.day, self.end, ZoneInfo(zone))


def slot_of(code: str) -> Slot | None:
    """The slot that a code means; None for what is none."""
    found = CODE.fullmatch(code[:LONGEST])
    if found is None:
        return None
    try:
        return Slot(date.fromisoformat(found[1]), time.fromisoformat(found[2]), time.fromisoformat(found[3]))
    except ValueError:
        return None


def offered(wishes: Pickup, place: Address, zone: str, at: datetime) -> tuple[Slot, ...]:
    """What can still be chosen at that moment, the earliest first."""
    first = first_day(wishes, place, zone, at)
    days = (first + timedelta(days=days) for days in range(AHEAD.days))
    return tuple(Slot(day, *hours) for day in days if is_working(wishes, place, day) for hours in wishes.hours)


def first_day(wishes: Pickup, place: Address, zone: str, at: datetime) -> date:
    """The earliest day: `notice` working days after today, or after the next working day once the carrier's hour has passed."""
    local = at.astimezone(ZoneInfo(zone))
    today = local.date()
    heard = today if is_working(wishes, place, today) and local.time() < wishes.hour else next(_working(wishes, place, today))
    days = _working(wishes, place, heard)
    return [next(days) for _ in range(wishes.notice)][-1]


def is_working(wishes: Pickup, place: Address, day: date) -> bool:
    """Neither of a weekend, nor a holiday there, nor one of the shop's own days off."""
    country = place.country or "ES"
    off = holidays(country, day.year) | regional_holidays(country, place.postcode, day.year) | set(wishes.days_off)
    return day.weekday() < SATURDAY and day not in off


def _working(wishes: Pickup, place: Address, after: date) -> Iterator[date]:
    while True:
        after += timedelta(days=1)
        if is_working(wishes, place, after):
            yield after
