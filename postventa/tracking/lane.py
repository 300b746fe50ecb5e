"""How long parcels take on one way, in business days: learnt from the shop's own parcels, else from a small table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5
"""`date.weekday()` of the first day on which carriers rest."""


@dataclass(frozen=True)
class Lane:
    """From the day of dispatch to the day of delivery, in business days (Monday to Friday)."""

    p50: int
    """Half of the parcels are there by then."""
    p90: int
    """Nine of ten are; what takes longer is late."""
    n: int = 0
    """How many delivered parcels this was learnt from; 0: from the table below."""


ISLANDS = {"35": "canary", "38": "canary", "51": "canary", "52": "canary", "07": "balearic"}
"""Spanish postcodes (first two signs) that no lorry reaches: the Canary Islands, Ceuta and Melilla; the Balearic Islands."""
NEAR = frozenset({frozenset(pair) for pair in (("ES", "PT"), ("ES", "FR"), ("ES", "AD"), ("FR", "BE"), ("FR", "DE"), ("DE", "AT"), ("FR", "IT"))})
"""Neighbours between which ordinary parcel services need two to four days."""
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905  (a list of so many would fill the page)
HOME, CANARY, BALEARIC = Lane(1, 3), Lane(5, 10), Lane(2, 4)
NEIGHBOUR, UNION, EUROPE, WORLD = Lane(3, 5), Lane(4, 7), Lane(6, 12), Lane(9, 20)
"""Ordinary services as the carriers of Spain publish them (2026), with room: a guess that is too early makes people write."""
ALSO_EUROPE = frozenset("AD AL BA CH GB GI IS LI MC MD ME MK NO RS SM UA VA XK".split())  # noqa: SIM905


def fallback(origin: str, destination: str, postcode: str = "") -> Lane | None:
    """The lane between two countries (ISO 3166-1) while the shop has too few parcels of its own; None: one of them is unknown."""
    start, end = origin.upper(), destination.upper()
    if not start or not end:
        return None
    if start == end:
        return _within_spain(postcode) if end == "ES" else HOME
    if end == "ES" and ISLANDS.get(postcode[:2]) == "canary":
        return EUROPE
    if frozenset((start, end)) in NEAR:
        return NEIGHBOUR
    if start in EU and end in EU:
        return UNION
    return EUROPE if {start, end} <= EU | ALSO_EUROPE else WORLD


def business_days(start: date, count: int) -> date:
    """The day `count` business days after `start`; 0 is `start` itself, or the Monday after it."""
    day, left = start, count
    while left > 0 or day.weekday() >= SATURDAY:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return day


def business_days_between(start: date, end: date) -> int:
    """Business days after `start` up to `end`; 0 if `end` is not later."""
    whole, rest = divmod(max((end - start).days, 0), 7)
    return whole * 5 + sum((start + timedelta(days=offset)).weekday() < SATURDAY for offset in range(1, rest + 1))


def _within_spain(postcode: str) -> Lane:
    place = ISLANDS.get(postcode[:2])
    return CANARY if place == "canary" else BALEARIC if place == "balearic" else HOME
