"""Holidays of Spain's regions, found by the postcode: no driver comes on them.

Those that come back every year. What a region moves, adds or drops for one year (often the Monday after a holiday that falls on a Sunday) and what
each town keeps stands in no law that lasts: a shop names such days itself (`[shops.pickup] days_off`). A day too many costs nobody anything.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from postventa.holidays import easter

MAUNDY, MONDAY = -3, 1
"""Days after Easter Sunday: Maundy Thursday, Easter Monday."""
PROVINCES = {
    "andalucia": "04 11 14 18 21 23 29 41",
    "aragon": "22 44 50",
    "asturias": "33",
    "baleares": "07",
    "canarias": "35 38",
    "cantabria": "39",
    "castilla_y_leon": "05 09 24 34 37 40 42 47 49",
    "castilla_la_mancha": "02 13 16 19 45",
    "cataluna": "08 17 25 43",
    "comunidad_valenciana": "03 12 46",
    "extremadura": "06 10",
    "galicia": "15 27 32 36",
    "madrid": "28",
    "murcia": "30",
    "navarra": "31",
    "pais_vasco": "01 20 48",
    "la_rioja": "26",
    "ceuta": "51",
    "melilla": "52",
}
"""The first two digits of a postcode are its province."""
FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "andalucia": ((2, 28),),
    "aragon": ((4, 23),),
    "asturias": ((9, 8),),
    "baleares": ((3, 1),),
    "canarias": ((5, 30),),
    "cantabria": ((7, 28), (9, 15)),
    "castilla_y_leon": ((4, 23),),
    "castilla_la_mancha": ((5, 31),),
    "cataluna": ((6, 24), (9, 11), (12, 26)),
    "comunidad_valenciana": ((3, 19), (6, 24), (10, 9)),
    "extremadura": ((9, 8),),
    "galicia": ((5, 17), (7, 25)),
    "madrid": ((5, 2),),
    "murcia": ((6, 9),),
    "navarra": ((12, 3),),
    "pais_vasco": ((7, 25),),
    "la_rioja": ((6, 9),),
    "ceuta": ((8, 5),),
    "melilla": (),
}
"""(month, day)."""
EASTER = {
    "baleares": (MAUNDY, MONDAY),
    "cataluna": (MONDAY,),
    "comunidad_valenciana": (MONDAY,),
    "navarra": (MAUNDY, MONDAY),
    "pais_vasco": (MAUNDY, MONDAY),
    "la_rioja": (MAUNDY, MONDAY),
}
"""Everywhere else it is Maundy Thursday."""
_REGION = {province: region for region, provinces in PROVINCES.items() for province in provinces.split()}


@cache
def regional_holidays(country: str, postcode: str, year: int) -> frozenset[date]:
    """The region's own holidays at that postcode; none for other countries, nor for what is no postcode."""
    region = region_of(country, postcode)
    if not region:
        return frozenset()
    fixed = {date(year, month, day) for month, day in FIXED[region]}
    return frozenset(fixed | {easter(year) + timedelta(days=days) for days in EASTER.get(region, (MAUNDY,))})


def region_of(country: str, postcode: str) -> str:
    """A name of `PROVINCES`; empty for other countries, and for what is no postcode."""
    return _REGION.get(postcode.strip()[:2], "") if country.upper() == "ES" else ""
