"""Until when a contract can be withdrawn from, and how the clock of the refund runs. Pure; days are calendar days in the shop's zone.

Nothing here shuts a door: a statement that seems late is recorded like any other, and a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from postventa.holidays import next_working_day

DAYS = 14
"""To withdraw, from the day after the last parcel came (art. 104); and to pay back, from the day after the statement (art. 107.1)."""
TOLD_ON = (7, 10, 12, 13)
"""Days after the statement on which its merchant reads that the refund is still owed."""
URGENT = 12
"""From this day on somebody should look at once."""
Level = Literal["warn", "page"]


class ParcelTimes(Protocol):
    """A parcel, as far as it matters here."""

    @property
    def cancelled(self) -> bool: ...
    @property
    def delivered_at(self) -> datetime | None: ...


def last_day(parcels: Sequence[ParcelTimes], everything_sent: bool, zone: str, country: str, informed: bool = True) -> date | None:
    """The last day on which a statement is in time; None: open, as nobody knows that the last item has come (art. 102, 104, 105).

    `everything_sent`: no item waits for another parcel. `country`: whose holidays count, the customer's. `informed`: she was told of the right.
    """
    times = [parcel.delivered_at for parcel in parcels if not parcel.cancelled]
    known = [moment for moment in times if moment is not None]
    if not known or len(known) < len(times) or not everything_sent:
        return None
    came = max(known).astimezone(ZoneInfo(zone)).date()
    end = came + timedelta(days=DAYS)
    return next_working_day(end if informed else a_year_after(end), country)


def a_year_after(day: date) -> date:
    """The same day a year later; 28 February for the 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def in_time(submitted_at: datetime, last: date | None, zone: str) -> bool:
    """Whether it was sent in time: the sending counts, not the arrival (art. 106.2). Of an open period everything is."""
    return last is None or submitted_at.astimezone(ZoneInfo(zone)).date() <= last


@dataclass(frozen=True)
class Clock:
    """How the refund stands on one day."""

    day: int
    """Days since the statement; 0: the same day."""
    due: date
    """The last day on which paying back is in time."""

    @property
    def overdue(self) -> bool:
        """Late: the customer may claim the double (art. 76)."""
        return self.day > DAYS

    @property
    def left(self) -> int:
        """Days until the last one, which still counts; below 0: it is over."""
        return DAYS - self.day

    @property
    def told(self) -> int:
        """The newest day of `TOLD_ON` that has come; 15 once it is overdue; 0: it is early."""
        return DAYS + 1 if self.overdue else max((day for day in TOLD_ON if day <= self.day), default=0)

    @property
    def level(self) -> Level:
        """How loud to say it."""
        return "page" if self.day >= URGENT else "warn"


def clock(submitted_at: datetime, now: datetime, zone: str) -> Clock:
    """The day on which she told us does not count; changes of summer time make no difference."""
    began, today = (moment.astimezone(ZoneInfo(zone)).date() for moment in (submitted_at, now))
    return Clock((today - began).days, began + timedelta(days=DAYS))
