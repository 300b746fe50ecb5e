"""How punctual a shop's parcels are, for each carrier and country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from postventa.tracking.journeys import Journey
from postventa.tracking.lane import business_days, fallback
from postventa.tracking.ways import percentile


@dataclass(frozen=True)
class Figures:
    """Of the parcels of one way. `on_time`: of those of which it can be said, how many were there on the promised day, or within the usual time."""

    carrier: str
    destination: str
    parcels: int
    judged: int
    on_time: int
    promised: int
    """Of how many the shop or the carrier had given a day; the others are held against the table of usual times, which is the same for all."""
    p50: int
    p90: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None: nothing can be said."""
        return self.on_time / self.judged if self.judged else None


def figures(journeys: Iterable[Journey]) -> list[Figures]:
    """For all parcels first (with an empty carrier), then by carrier and country, the busiest first."""
    groups: dict[tuple[str, str], list[Journey]] = defaultdict(list)
    every = list(journeys)
    for journey in every:
        groups[journey.way.carrier, journey.way.destination].append(journey)
    whole = [_figures("", "", every)] if every else []
    return whole + sorted((_figures(*name, group) for name, group in groups.items()), key=lambda one: (-one.parcels, one.carrier, one.destination))


def was_on_time(journey: Journey) -> bool | None:
    """None: neither was a day promised, nor is the way known."""
    if journey.promised is not None:
        return journey.came <= journey.promised
    usual = fallback(journey.way.origin, journey.way.destination, journey.postcode)
    return journey.came <= business_days(journey.left, usual.p90) if usual is not None else None


def _figures(carrier: str, destination: str, journeys: Sequence[Journey]) -> Figures:
    days = [journey.days for journey in journeys]
    verdicts = [verdict for journey in journeys if (verdict := was_on_time(journey)) is not None]
    promised = sum(journey.promised is not None for journey in journeys)
    return Figures(carrier, destination, len(days), len(verdicts), sum(verdicts), promised, percentile(days, 50), percentile(days, 90))
