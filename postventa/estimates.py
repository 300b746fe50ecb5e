"""The days on which a parcel should be there, from what its shop told of it and what the shop promises of every order. Pure.

The first one is its promise: later ones may be right, but they are not what the customer was told. A day that the shop gave for this very parcel
is what she saw there, so it stands above what the shop says of all its deliveries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from postventa.dossier import Fact

KIND, PROMISE = "DeliveryEstimated", "DeliveryPromised"


def days_given(facts: Iterable[Fact], parcel: Collection[str], zone: str) -> tuple[date, ...]:
    """In the order in which they were told, by the shop's calendar (`zone`: IANA name). `parcel`: all names that it is known by."""
    told = sorted((fact.at, str(fact.data["by"])) for fact in facts if fact.kind == KIND and fact.data.get("parcel_ref") in parcel)
    return tuple(datetime.fromisoformat(by).astimezone(ZoneInfo(zone)).date() for _, by in told)


def day_promised(facts: Iterable[Fact]) -> date | None:
    """The last day on which the whole order should be there, as it was promised when it was placed; None: it was not."""
    return next((date.fromisoformat(str(fact.data["by"])) for fact in facts if fact.kind == PROMISE), None)


def first_day(facts: Collection[Fact], parcel: Collection[str], zone: str) -> date | None:
    """What the customer counts on: the first day that was given for the parcel, else the one that was promised for its order."""
    return next(iter(days_given(facts, parcel, zone)), None) or day_promised(facts)
