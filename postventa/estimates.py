"""The days on which a shop said that a parcel should be there, from what it told. Pure.

The first one is its promise: later ones may be right, but they are not what the customer was told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from postventa.dossier import Fact

KIND = "DeliveryEstimated"


def days_given(facts: Iterable[Fact], parcel: Collection[str], zone: str) -> tuple[date, ...]:
    """In the order in which they were told, by the shop's calendar (`zone`: IANA name). `parcel`: all names that it is known by."""
    told = sorted((fact.at, str(fact.data["by"])) for fact in facts if fact.kind == KIND and fact.data.get("parcel_ref") in parcel)
    return tuple(datetime.fromisoformat(by).astimezone(ZoneInfo(zone)).date() for _, by in told)
