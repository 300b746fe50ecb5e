"""The steps of a timeline, and what a carrier's scans add to those that are known already. Pure: no database, no words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

_BEFORE, _AFTER = ("placed", "paid", "prepared", "dispatched"), ("delayed", "out", "pickup", "failed", "back", "delivered")
ON_THE_WAY = ("collected", "customs", "depot", "transit")
"""Steps that say no more than that it moves: they change nothing about where an order stands."""
ORDER = {name: place for place, name in enumerate((*_BEFORE, *ON_THE_WAY, *_AFTER))}
"""What comes first of things told for the same moment."""
PLACES: Mapping[str, str] = {
    "at-customs": "customs",
    "at-sorting-centre": "depot",
    "sorting": "depot",
    "sorted": "depot",
}
"""Carriers' own words for what is told by a step of its own; all others on the way are one and the same to a customer."""
TOGETHER = timedelta(hours=1)
"""A first scan so soon after the dispatch is the dispatch, told by somebody else."""
MOST = 12
"""Of one parcel's scans: the first, and the newest."""


@dataclass(frozen=True)
class Step:
    """One line of a timeline. `place`: where, as far as a carrier says it and everybody may know."""

    at: datetime
    name: str
    place: str = ""


@dataclass(frozen=True)
class Scanned:
    """A carrier's scan: our word (`connectors.carriers.base.Status`), the carrier's, and where."""

    at: datetime
    status: str
    word: str = ""
    place: str = ""


@dataclass(frozen=True)
class Told:
    """What a carrier told of one parcel. `expected`: the day that it gives now; `promised`: the first one that it gave."""

    scans: tuple[Scanned, ...] = ()
    expected: date | None = None
    promised: date | None = None


NOTHING = Told()


def with_scans(known: Iterable[Step], scans: Iterable[Scanned]) -> tuple[Step, ...]:
    """All steps of a parcel in their order: what is known of it, and of its carrier's scans what is new to whoever waits for it.

    Scans that became facts (out for delivery, delivered and their like) stand among the known ones; of those only the place is taken.
    """
    told = list(scans)
    steps = [_placed(step, told) for step in known]
    news = [step for scan in told if (step := _step(scan)) is not None]
    shown = _folded(in_order([*steps, *news]))
    own = [step for step in shown if step in news or step.name == "collected"]
    over = own[1 : len(own) - MOST + 1] if len(own) > MOST else []
    return tuple(step for step in shown if step not in over)


def in_order(steps: Iterable[Step]) -> list[Step]:
    """By time, and by what comes first."""
    return sorted(steps, key=lambda step: (step.at, ORDER.get(step.name, len(ORDER))))


def _step(scan: Scanned) -> Step | None:
    if scan.status == "returned_to_sender":
        return Step(scan.at, "back")
    return Step(scan.at, PLACES.get(scan.word, "transit"), scan.place) if scan.status == "in_transit" else None


def _placed(step: Step, scans: Iterable[Scanned]) -> Step:
    """Where it can be fetched; of no other step, as the place of a delivery may be somebody's door."""
    if step.name != "pickup":
        return step
    return replace(step, place=next((scan.place for scan in scans if scan.at == step.at and scan.status == "ready_for_pickup"), ""))


def _folded(steps: Iterable[Step]) -> list[Step]:
    """Without what says nothing new: the same depot again, news after the delivery."""
    shown: list[Step] = []
    begun = False
    for step in steps:
        last = shown[-1] if shown else None
        if step.name in ON_THE_WAY:
            first, begun = not begun, True
            if _is_old(step, last, first=first):
                continue
            shown.append(replace(step, name="collected") if first and step.name == "transit" else step)
        elif step.name != "back" or last is None or last.name not in ("back", "delivered"):
            shown.append(step)
    return shown


def _is_old(step: Step, last: Step | None, *, first: bool) -> bool:
    if last is None:
        return False
    if last.name in ("delivered", "back"):
        return True
    if first:
        return step.name == "transit" and not step.place and last.name == "dispatched" and step.at - last.at < TOGETHER
    return last.name in ON_THE_WAY and step.place in ("", last.place) and step.name in ("transit", last.name)
