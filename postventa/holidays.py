"""Working days: a period that ends on a Saturday, a Sunday or a holiday ends with the next working day, and no driver comes on such a day.

(Regulation (EEC, Euratom) 1182/71, art. 3(4).) Holidays of whole countries, all 27 of the Union (`national_holidays.py`). Regional ones stand apart
(`regional_holidays.py`), and deadlines do not ask for them: one that ends a day late for it is nobody's loss, and a person decides about what comes
after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from postventa import national_holidays as law

SATURDAY = 5
FRIDAY = 4


def next_working_day(day: date, country: str) -> date:
    """`day` itself, or the first one after it that is neither of a weekend nor a holiday of `country`."""
    while day.weekday() >= SATURDAY or day in holidays(country.upper(), day.year):
        day += timedelta(days=1)
    return day


@cache
def holidays(country: str, year: int) -> frozenset[date]:
    """A country's national holidays; none for one that is not listed."""
    found = _on(year, law.FIXED.get(country, ()))
    found |= {easter(year) + timedelta(days=days) for days in law.EASTER.get(country, ())}
    found |= {orthodox_easter(year) + timedelta(days=days) for days in law.ORTHODOX.get(country, ())}
    found |= {_monday(year, month, which) for month, which in law.MONDAYS.get(country, ())}
    found |= {day for day in _on(year, law.IF_FRIDAY.get(country, ())) if day.weekday() == FRIDAY}
    if country in law.MIDSUMMER:
        found.add(next(day for day in (date(year, 6, number) for number in range(19, 26)) if day.weekday() == FRIDAY))
    for day in sorted(day for day in _on(year, law.REPLACED.get(country, ())) if day.weekday() >= SATURDAY):
        found.add(_next_free(day, found))
    return frozenset(found)


def _on(year: int, days: Iterable[tuple[int, int]]) -> set[date]:
    return {date(year, month, day) for month, day in days}


def _next_free(day: date, taken: set[date]) -> date:
    """The first working day after `day` that is no holiday yet."""
    while day.weekday() >= SATURDAY or day in taken:
        day += timedelta(days=1)
    return day


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


def orthodox_easter(year: int) -> date:
    """Easter Sunday of the Orthodox churches: by the Julian calendar (Meeus), 13 days behind ours from 1900 to 2099."""
    moon = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + weekday + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


def _monday(year: int, month: int, which: int) -> date:
    days = [date(year, month, 1) + timedelta(days=day) for day in range(31)]
    return [day for day in days if day.month == month and day.weekday() == 0][which if which < 0 else which - 1]
