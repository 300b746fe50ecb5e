"""Working days: a period that ends on a Saturday, a Sunday or a holiday ends with the next working day, and no driver comes on such a day.

(Regulation (EEC, Euratom) 1182/71, art. 3(4).) National holidays only, of the countries in which our languages are at home, as each country's law
names them. Regional ones stand apart (`regional_holidays.py`), and deadlines do not ask for them: one that ends a day late for it is nobody's loss,
and a person decides about what comes after it.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

SATURDAY = 5
FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "ES": ((1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)),
    "PT": ((1, 1), (4, 25), (5, 1), (6, 10), (8, 15), (10, 5), (11, 1), (12, 1), (12, 8), (12, 25)),
    "FR": ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
    "DE": ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26)),
    "AT": ((1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)),
    "IT": ((1, 1), (1, 6), (4, 25), (5, 1), (6, 2), (8, 15), (10, 4), (11, 1), (12, 8), (12, 25), (12, 26)),
    "IE": ((1, 1), (3, 17), (12, 25), (12, 26)),
}
"""(month, day). Spain: Estatuto de los Trabajadores, art. 37.2 (Epiphany and Maundy Thursday as regions keep them); Portugal: Código do Trabalho,
art. 234; France: Code du travail, L3133-1; Germany: the days that all states share; Austria: Feiertagsruhegesetz, § 1; Italy: legge 260/1949,
with 4 October since legge 151/2025; Ireland: Organisation of Working Time Act, 1997, second schedule."""
EASTER: dict[str, tuple[int, ...]] = {
    "ES": (-2,),
    "PT": (-2, 0, 60),
    "FR": (1, 39, 50),
    "DE": (-2, 1, 39, 50),
    "AT": (1, 39, 50, 60),
    "IT": (0, 1),
    "IE": (1,),
}
"""Days after Easter Sunday."""
MONDAYS: dict[str, tuple[tuple[int, int], ...]] = {"IE": ((2, 1), (5, 1), (6, 1), (8, 1), (10, -1))}
"""(month, which Monday of it; -1: the last)."""


def next_working_day(day: date, country: str) -> date:
    """`day` itself, or the first one after it that is neither of a weekend nor a holiday of `country`."""
    while day.weekday() >= SATURDAY or day in holidays(country.upper(), day.year):
        day += timedelta(days=1)
    return day


@cache
def holidays(country: str, year: int) -> frozenset[date]:
    """A country's national holidays; none for one that is not listed."""
    fixed = {date(year, month, day) for month, day in FIXED.get(country, ())}
    moving = {easter(year) + timedelta(days=days) for days in EASTER.get(country, ())}
    return frozenset(fixed | moving | {_monday(year, month, which) for month, which in MONDAYS.get(country, ())})


def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian algorithm, https://en.wikipedia.org/wiki/Date_of_Easter)."""
    golden, century, of_century = year % 19, year // 100, year % 100
    leap, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap - correction + 15) % 30
    weekday = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _monday(year: int, month: int, which: int) -> date:
    days = [date(year, month, 1) + timedelta(days=day) for day in range(31)]
    return [day for day in days if day.month == month and day.weekday() == 0][which if which < 0 else which - 1]
