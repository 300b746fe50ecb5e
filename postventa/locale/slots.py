"""A day and hours as a sentence, the same in mails and on pages. Spanish is the source; translations stand in `locale/<language>/pickup.po`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from postventa.locale import translate
from postventa.locale.formats import weekday

BETWEEN = "El {day}, entre las {begin} y las {end} h"
HOURS = "De {begin} a {end} h"
WITH_MINUTES = ("en",)
"""Languages that do not say `9 h`."""


def spoken(day: date, begin: time, end: time, language: str, country: str = "") -> str:
    """`El lunes, 7 de diciembre, entre las 9 y las 14 h`."""
    named = weekday(datetime.combine(day, time(12), UTC), "UTC", language, country)
    words = translate(language, BETWEEN).format(day=named, begin=_hour(begin, language), end=_hour(end, language))
    return words[:1].upper() + words[1:]


def hours(begin: time, end: time, language: str) -> str:
    """`De 9 a 14 h`, below a day."""
    return translate(language, HOURS).format(begin=_hour(begin, language), end=_hour(end, language))


def sources() -> tuple[str, ...]:
    """Every Spanish text that has to be translated."""
    return BETWEEN, HOURS


def _hour(moment: time, language: str) -> str:
    whole = not moment.minute and language not in WITH_MINUTES
    return str(moment.hour) if whole else f"{moment.hour}:{moment.minute:02d}"
