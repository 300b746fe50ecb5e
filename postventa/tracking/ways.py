"""Ways that parcels take, from the narrowest description to the widest, and how long they took on each: pure arithmetic.

A way is learnt once so many of the shop's own parcels took it; until then the next wider one answers, and in the end the table of `lane.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from postventa.tracking.lane import Lane, fallback

LEAST = 20
"""Parcels from which a way is learnt."""
LONGEST = 40
"""Business days: what took longer was lost and found, or is a slip of the shop's."""
ANY_DAY = -1
AREA = 2
"""Signs of a postcode that name an area: a Spanish province, a French department, a German region."""


@dataclass(frozen=True)
class Way:
    """Empty words, and `ANY_DAY`, stand for any."""

    carrier: str
    origin: str
    destination: str
    """Countries, ISO 3166-1 alpha-2."""
    service: str = ""
    area: str = ""
    weekday: int = ANY_DAY

    @property
    def wider(self) -> tuple[Way, ...]:
        """Itself and all that hold it, the narrowest first; each step forgets what usually matters least."""
        any_day = replace(self, weekday=ANY_DAY)
        any_service = replace(any_day, service="")
        steps = (self, any_day, any_service, replace(any_service, area=""), Way("", self.origin, self.destination))
        return tuple(dict.fromkeys(steps))


def way(carrier: str, service: str, origin: str, destination: str, postcode: str, weekday: int) -> Way:
    """The narrowest description of one parcel's way."""
    return Way(" ".join(carrier.split()).lower(), origin.upper(), destination.upper(), service, postcode.strip()[:AREA].upper(), weekday)


def learn(travelled: Iterable[tuple[Way, int]], least: int = LEAST) -> dict[Way, Lane]:
    """(the narrowest way, business days) of many parcels -> all ways of which enough is known."""
    days: dict[Way, list[int]] = defaultdict(list)
    for narrow, took in travelled:
        if 0 <= took <= LONGEST and narrow.origin and narrow.destination:
            for wide in narrow.wider:
                days[wide].append(took)
    return {known: Lane(percentile(took, 50), percentile(took, 90), len(took)) for known, took in days.items() if len(took) >= least}


def percentile(values: Sequence[int], share: int) -> int:
    """By nearest rank: the smallest value within which so many of a hundred lie. Raises `IndexError` without values."""
    ranked = sorted(values)
    return ranked[max(-(-share * len(ranked) // 100), 1) - 1]


def lane_for(learnt: Mapping[Way, Lane], narrow: Way, postcode: str = "") -> Lane | None:
    """The narrowest lane that is known, else the table's; None: the way is not known at all."""
    found = next((learnt[wide] for wide in narrow.wider if wide in learnt), None)
    return found or fallback(narrow.origin, narrow.destination, postcode)
