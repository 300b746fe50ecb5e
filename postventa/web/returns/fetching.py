"""When somebody comes for a parcel: what there is to choose, and how what was chosen stands, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from jobs.pickups.choose import is_fixed, is_used_up
from postventa.clock import now
from postventa.locale import slots as spelt
from postventa.models import ReturnCase
from postventa.returns import appointment, fetching
from postventa.returns.appointment import Appointment, Stage
from postventa.returns.phones import last_digits
from postventa.returns.slots import Slot
from postventa.returns.wish import Method
from postventa.web.portal import track_sheet
from postventa.web.returns import words
from postventa.web.returns.visit import Visit, address

Days = list[tuple[str, list[tuple[str, str]]]]
"""[(day, [(code, hours), ...]), ...]."""


@dataclass(frozen=True)
class Fetch:
    """`slot`: when, as a sentence, empty: never; `words`: how that stands and what to do; `choose`: where another day is chosen, if it may be.

    `dial`: where at least another telephone number is given, if no other day may be chosen.
    """

    slot: str
    words: str
    place: str
    choose: str = ""
    live: bool = False
    dial: str = ""


def choices(it: Visit, slots: Iterable[Slot]) -> Days:
    """Each day with its hours."""
    language = it.face.language
    return [
        (it.reader.date(day), [(slot.code, spelt.hours(slot.begin, slot.end, language)) for slot in of_day])
        for day, of_day in groupby(slots, key=lambda slot: slot.day)
    ]


def sentence(it: Visit, slot: Slot) -> str:
    """`El lunes, 7 de diciembre, entre las 9 y las 14 h`."""
    return spelt.spoken(slot.day, slot.begin, slot.end, it.face.language, it.reader.country)


def place(it: Visit) -> str:
    """Where it is fetched, so that only who lives there knows it."""
    return track_sheet.place(it.order, it.reader)


def ending(it: Visit, case: ReturnCase | None = None) -> str:
    """The last digits of the telephone number that is known; empty: none is."""
    before = appointment.of(case) if case is not None else None
    known = (before.phone if before is not None else "") or fetching.known_phone(it.order)
    return last_digits(known) if known else ""


def offers(it: Visit, case: ReturnCase) -> tuple[Slot, ...]:
    """What may be chosen for this return now; nothing while that is too late, or nobody comes."""
    before = appointment.of(case)
    if case.method != Method.PICKUP or (before is not None and (is_used_up(before) or is_fixed(it.shop, it.order, before))):
        return ()
    return fetching.offers(it.shop.settings, it.order, now())


def fetch(it: Visit, case: ReturnCase) -> Fetch | None:
    """How it stands; None: this return is not fetched, or is agreed on in another way."""
    at, slots = appointment.of(case), offers(it, case)
    if case.method != Method.PICKUP or (at is None and not slots) or (at is not None and at.stage is Stage.FETCHED):
        return None
    shown = sentence(it, at.slot) if at is not None and at.live else ""
    way, live = address("returns.pickup", it, [], number=case.number), at is not None and at.live
    dial = way if live and not slots and at is not None and not at.is_over(now()) else ""
    return Fetch(shown, it.reader.say(words.FETCHING[_stands(it, case, at)]), place(it), way if slots else "", live=live, dial=dial)


def is_to_come(case: ReturnCase) -> bool:
    """Whether somebody is still to come for it."""
    at = appointment.of(case)
    return case.method == Method.PICKUP and at is not None and at.live and now() < at.slot.starts(at.zone)


def _stands(it: Visit, case: ReturnCase, at: Appointment | None) -> str:
    if at is None:
        return "none"
    if is_used_up(at) and (not at.live or at.is_over(now())):
        return "often"
    if not at.live:
        return at.stage.value
    if at.is_over(now()):
        return "over"
    if is_fixed(it.shop, it.order, at):
        return "fixed"
    return "requested" if case.state == "requested" else at.stage.value
