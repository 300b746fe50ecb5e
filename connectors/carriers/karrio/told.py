"""What a carrier says of one parcel, as scans.

karrio loses the zones of times: it writes down the digits that the carrier wrote, and calls them UTC. They are the clock's where the parcel is, so
they are read in the account's time zone; `statusDateTime` of GLS alone keeps its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, tzinfo

from connectors.carriers.base import Scan, Status, Tracked
from connectors.carriers.karrio.kinds import Kind
from connectors.carriers.karrio.statuses import meaning
from connectors.reading import NAME, Part, moment

TEXT = 200
"""Characters that are kept of what a carrier says besides."""
MOST = 200
"""Scans of one parcel: more is a machine that stutters."""


def read(kind: Kind, told: Part, zone: tzinfo) -> Tracked:
    """Scans without a time or a word tell nothing, and are left out."""
    events = told.parts("events")[:MOST]
    found = [_state(kind, told.part("state"), events, zone)] if "state" in told else [_scan(kind, event, zone) for event in events]
    scans = sorted({scan for scan in found if scan is not None}, key=lambda scan: (scan.at, scan.status))
    return Tracked(tuple(_way_back(scans, returning=told.flag("returning"))), _day(told.text("estimated_delivery")))


def _scan(kind: Kind, event: Part, zone: tzinfo) -> Scan | None:
    word, karrios, at = event.text("code"), event.text("status"), _at(event, zone)
    if at is None or not (word or karrios):
        return None
    means = meaning(kind.name, word, karrios)
    return Scan(at, word or karrios, event.text("location", NAME), means, event.text("description", TEXT))


def _state(kind: Kind, state: Part, events: list[Part], zone: tzinfo) -> Scan | None:
    """GLS publishes what a parcel's states mean, and not its events' codes: the state is the scan, in the words of the newest event."""
    word, at = state.text("status"), state.time("statusDateTime", zone)
    if at is None or not word:
        return None
    newest = events[0] if events else Part({})
    return Scan(at, word, newest.text("location", NAME), meaning(kind.name, word, ""), newest.text("description", TEXT))


def _at(event: Part, zone: tzinfo) -> datetime | None:
    """The digits of `timestamp`, whose `Z` is not true; else of `date` and `time`, which may be `13:55 PM`."""
    stamp = event.text("timestamp").removesuffix("Z")
    return moment(stamp or f"{event.text('date')} {event.text('time')[:5]}".strip(), zone)


def _way_back(scans: list[Scan], *, returning: bool) -> list[Scan]:
    """A parcel that turned back is delivered to whoever sent it, which is not what a customer waits for."""
    turned = returning
    found = []
    for scan in scans:
        turned = turned or scan.means is Status.RETURNED_TO_SENDER
        found.append(replace(scan, means=Status.RETURNED_TO_SENDER) if turned and scan.means is Status.DELIVERED else scan)
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
