"""What was agreed on about fetching a return's parcel: a day, hours, whom to call, and how it stands. Kept with the return. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from postventa.returns.slots import Slot, slot_of

OPENING = 1
"""The turn of the appointment that is asked for together with its return: the return's own mails tell of it."""
HAND = "hand"
"""In place of a carrier: the shop fetches by itself."""


class Stage(StrEnum):
    """How one appointment stands."""

    WANTED = "wanted"
    """Chosen; not ordered, or not answered yet."""
    ORDERED = "ordered"
    REFUSED = "refused"
    """The carrier does not come, or was asked too late."""
    MISSED = "missed"
    """The carrier came in vain."""
    OFF = "off"
    FETCHED = "fetched"


LIVE = (Stage.WANTED, Stage.ORDERED)
"""Somebody may come."""
AGAIN = (Stage.REFUSED, Stage.MISSED, Stage.OFF)
"""Another day may be chosen."""


class Kept(Protocol):
    """`ReturnCase` is one."""

    pickup: dict[str, Any]
    pickup_on: str


@dataclass(frozen=True)
class Appointment:
    """The one that counts. `turn` counts those of one return; `by`: a carrier or `HAND`; `ref`: the carrier's own number of it."""

    turn: int
    slot: Slot
    zone: str
    phone: str
    by: str
    stage: Stage
    ref: str = ""
    why: str = ""
    """What stands in the way, in words for staff."""
    earlier: tuple[Mapping[str, Any], ...] = ()
    """What became of those before: turn, slot, stage and number of each."""

    @property
    def live(self) -> bool:
        return self.stage in LIVE

    def is_over(self, at: datetime) -> bool:
        """Whether its hours have passed."""
        return at >= self.slot.ends(self.zone)

    def as_earlier(self) -> Mapping[str, Any]:
        """What stays of it: no telephone number."""
        return {"turn": self.turn, "slot": self.slot.code, "by": self.by, "stage": self.stage.value, "ref": self.ref, "why": self.why}

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        return {**self.as_earlier(), "zone": self.zone, "phone": self.phone, "earlier": [dict(one) for one in self.earlier]}

    def at(self, stage: Stage, *, ref: str | None = None, why: str = "") -> Appointment:
        """The same at another stage."""
        return replace(self, stage=stage, ref=self.ref if ref is None else ref, why=why[:300])


def of(case: Kept) -> Appointment | None:
    """The appointment of a return; None: there is none."""
    told = case.pickup
    slot = slot_of(str(told.get("slot", "")))
    if slot is None:
        return None
    return Appointment(
        turn=int(told["turn"]),
        slot=slot,
        zone=str(told["zone"]),
        phone=str(told.get("phone", "")),
        by=str(told["by"]),
        stage=Stage(str(told["stage"])),
        ref=str(told.get("ref", "")),
        why=str(told.get("why", "")),
        earlier=tuple(told.get("earlier", ())),
    )


def put(case: Kept, it: Appointment) -> None:
    """Keep it. The day stands in a column of its own while somebody may come, so that the lists of a day find it."""
    case.pickup, case.pickup_on = it.document(), it.slot.day.isoformat() if it.live else ""


def first(slot: Slot, zone: str, phone: str, by: str) -> Appointment:
    """The one that is asked for together with its return."""
    return Appointment(OPENING, slot, zone, phone, by, Stage.WANTED)


def following(before: Appointment | None, slot: Slot, zone: str, phone: str, by: str) -> Appointment:
    """A later one, in place of `before` if there is one."""
    if before is None:
        return Appointment(OPENING + 1, slot, zone, phone, by, Stage.WANTED)
    return Appointment(before.turn + 1, slot, zone, phone, by, Stage.WANTED, earlier=(*before.earlier, before.as_earlier()))
