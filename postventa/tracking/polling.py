"""When a carrier is asked again about a parcel: often on the day that matters, seldom otherwise, and not at all once nothing more is to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from postventa.tracking.predict import DateRange

HURRY, SOON = timedelta(minutes=15), timedelta(hours=1)
"""On the day of delivery, while people receive parcels; on the other days on which it may come."""
MORNING, NIGHT = time(7), time(22)
WAITING = timedelta(hours=6)
"""It lies at a pickup point, and the next word is that it was fetched."""
STEPS = ((timedelta(days=2), timedelta(hours=2)), (timedelta(days=5), timedelta(hours=4)), (timedelta(days=10), timedelta(hours=8)))
"""News of the last days -> how long until the next look; after that once a day."""
SLOWEST = timedelta(days=1)
SILENT = timedelta(days=30)
"""Without a new scan for so long a parcel is given up."""
STRANGE = timedelta(hours=4)
"""A number that the carrier does not know (yet)."""
RARER, AT_MOST = 4, timedelta(hours=8)
"""While a parcel is told of by webhooks it is asked about so many times more rarely, for a pause of so long at most: they may cease any day."""
LATE = timedelta(hours=1)
"""What was heard so long after the last webhook came from asking: webhooks did not tell it, or not yet."""
FIRST, LONGEST = timedelta(minutes=15), timedelta(hours=12)
"""After a question about this one parcel that failed: doubled each time."""


@dataclass(frozen=True)
class Facts:
    """What the next look depends on. Times are the product's."""

    status: str
    """Our word for the newest scan; empty: none."""
    since: datetime
    """When it last told something, or when the parcel left."""
    out_for_delivery_at: datetime | None = None
    expected_on: date | None = None
    usual_on: date | None = None
    """The day on which half of the parcels of its way are there."""
    predicted: DateRange | None = None
    known: bool = True
    """False: the carrier does not know the number."""
    told: bool = False
    """Whether webhooks tell of this parcel (`is_told`)."""


def end(facts: Facts, now: datetime) -> str:
    """Why nobody needs to ask any more; empty: somebody does."""
    over = {"delivered": "delivered", "returned_to_sender": "returned", "cancelled": "void"}
    return over.get(facts.status, "silent" if now - facts.since >= SILENT else "")


def next_look(facts: Facts, now: datetime, zone: ZoneInfo, spread: int = 0) -> datetime:
    """When to ask next. `spread`: any number of the parcel's, so that those of one morning are not all asked in the same second."""
    pause = _pause(facts, now, zone)
    if facts.told:
        pause = max(pause, min(pause * RARER, AT_MOST))
    return now + pause + timedelta(seconds=spread % 60)


def is_told(told_at: datetime | None, heard_at: datetime | None) -> bool:
    """Whether webhooks tell of a parcel: one did, and nothing was heard long after it by asking."""
    return told_at is not None and (heard_at is None or heard_at <= told_at + LATE)


def after_failure(failures: int, now: datetime, asked: float | None = None) -> datetime:
    """When to ask next about a parcel for which asking failed so often in a row. `asked`: seconds that the carrier wants."""
    return now + max(min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST), timedelta(seconds=asked or 0))


def _pause(facts: Facts, now: datetime, zone: ZoneInfo) -> timedelta:
    if is_the_day(facts, now, zone):
        return _in_a_hurry(now, zone)
    if facts.known and facts.predicted is not None and facts.expected_on is None and facts.predicted.first == now.astimezone(zone).date():
        return max(SOON, _in_a_hurry(now, zone))
    if facts.status == "ready_for_pickup":
        return WAITING
    age = now - facts.since
    pause = next((pause for limit, pause in STEPS if age < limit), SLOWEST)
    return pause if facts.known else max(pause, STRANGE)


def is_the_day(facts: Facts, now: datetime, zone: ZoneInfo) -> bool:
    """Whether it should come today: the courier has it, the carrier says so, or it usually would."""
    today = now.astimezone(zone).date()
    if facts.status in ("ready_for_pickup", "attempted_delivery"):
        return False
    left = facts.out_for_delivery_at
    if left is not None and left.astimezone(zone).date() == today:
        return True
    return facts.known and today == (facts.expected_on or facts.usual_on)


def _in_a_hurry(now: datetime, zone: ZoneInfo) -> timedelta:
    """At night nobody delivers: on at seven."""
    here = now.astimezone(zone)
    if MORNING <= here.time() < NIGHT:
        return HURRY
    day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
    return max(datetime.combine(day, MORNING, zone) - here, HURRY)
