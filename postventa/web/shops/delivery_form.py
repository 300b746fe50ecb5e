"""The form of what a shop promises: what was typed into settings, and what is wrong with it in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from postventa.config import Delivery
from postventa.config.delivery import ELSEWHERE, FAR, UNION, WEEKDAYS, is_destination
from postventa.locale.formats import country_name
from postventa.national_holidays import FIXED
from postventa.regional_holidays import PROVINCES
from postventa.web.portal.page import _
from postventa.web.staff.page import language, t

HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
NEAR = ("AD", "CH", "GB", "NO", "US")
"""Countries outside of the Union that the form offers; the file takes any."""
SPARE = 3
"""Empty lines for more destinations."""
FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
PLACES = {
    "ES": _("España (península)"),
    "baleares": _("Baleares"),
    "canarias": _("Canarias"),
    "ceuta": "Ceuta",
    "melilla": "Melilla",
    UNION: _("Otros países de la Unión Europea"),
    ELSEWHERE: _("El resto del mundo"),
}
NO_HOUR = _("La hora se escribe así: 14:00.")
NO_NUMBER = _("Los días son un número entero de 0 a 60. «{text}» no lo es.")
NO_DATE = _("«{text}» no es una fecha. Escríbela así: 2026-12-24.")
NO_WEEKDAY = _("Marca al menos un día en que salgan paquetes.")
NO_DAYS = _("Di cuántos días tarda hasta este destino: {text}.")
NOWHERE = _("«{text}» no es un destino.")
NO_PLACE = _("Elige a dónde van esos {text} días.")
TWICE = _("{text} está dos veces. Deja una.")
TOO_MANY = _("Son demasiados días sin envíos: como mucho 200.")


@dataclass(frozen=True)
class Typed:
    """What the form holds, as it was typed."""

    cutoff: str
    handover: str
    workdays: tuple[str, ...]
    days_off: str
    rows: tuple[tuple[str, str], ...]
    """(destination, days); with empty ones at the end."""


def stored(wishes: Delivery) -> Typed:
    """The form for what holds now."""
    days_off = "\n".join(day.isoformat() for day in sorted(wishes.days_off))
    return _roomy(
        wishes.cutoff, str(wishes.handover), tuple(wishes.workdays), days_off, [(name, str(wishes.days[name])) for name in in_order(wishes.days)]
    )


def typed(form: MultiDict[str, str]) -> Typed:
    """What somebody sent."""
    rows = [(place.strip(), days.strip()) for place, days in zip(form.getlist("place"), form.getlist("days"), strict=False) if days.strip() or place]
    works = tuple(name for name in WEEKDAYS if name in form.getlist("workday"))
    return _roomy(form.get("cutoff", "").strip()[:20], form.get("handover", "").strip()[:20], works, form.get("days_off", "")[:4000], rows[:100])


def read(it: Typed) -> tuple[Delivery | None, list[str]]:
    """Settings, or what has to be put right, for whoever typed it."""
    wrong = list(_wrong(it))
    if wrong:
        return None, wrong
    told: dict[str, Any] = {"cutoff": it.cutoff.zfill(5), "handover": int(it.handover), "workdays": list(it.workdays)}
    days = {place: int(days) for place, days in it.rows if place and days}
    return Delivery(**told, days=days, days_off=sorted({day for text in _lines(it) if (day := _date(text)) is not None})), []


def name_of(place: str) -> str:
    """A destination as people call it, in the browser's language."""
    if place in PLACES:
        return t(PLACES[place])
    return place.replace("_", " ").title() if place in PROVINCES else country_name(place, language())


def places(it: Typed) -> list[str]:
    """What can be chosen, and whatever is chosen already."""
    return in_order({*PLACES, *FIXED, *NEAR, *(place for place, _days in it.rows if place)})


def in_order(chosen: Iterable[str]) -> list[str]:
    """Spain with its far parts first, countries by their names, what is many last."""
    first, last = ("ES", *FAR), (UNION, ELSEWHERE)
    ends = {**{name: (0, place) for place, name in enumerate(first)}, **{name: (2, place) for place, name in enumerate(last)}}
    return sorted(chosen, key=lambda name: (*ends.get(name, (1, 0)), name_of(name)))


def _roomy(cutoff: str, handover: str, workdays: tuple[str, ...], days_off: str, rows: list[tuple[str, str]]) -> Typed:
    return Typed(cutoff, handover, workdays, days_off, (*rows, *[("", "")] * SPARE))


def _wrong(it: Typed) -> Iterator[str]:
    if not HOUR.fullmatch(it.cutoff):
        yield t(NO_HOUR)
    yield from (t(NO_NUMBER, text=text) for text in (it.handover, *(days for _place, days in it.rows if days)) if not _is_number(text))
    yield from (t(NO_DAYS, text=name_of(place)) for place, days in it.rows if place and not days)
    yield from (t(NO_PLACE, text=days) for place, days in it.rows if days and not place)
    yield from (t(NOWHERE, text=place[:20]) for place, _days in it.rows if place and not is_destination(place))
    chosen = [place for place, _days in it.rows if place]
    yield from (t(TWICE, text=name_of(place)) for place in dict.fromkeys(chosen) if chosen.count(place) > 1)
    if not it.workdays:
        yield t(NO_WEEKDAY)
    if len(_lines(it)) > 200:
        yield t(TOO_MANY)
    yield from (t(NO_DATE, text=text[:40]) for text in _lines(it) if _date(text) is None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 3 and int(text) <= 60


def _lines(it: Typed) -> list[str]:
    return [text for text in re.split(r"[\s,;]+", it.days_off) if text]


def _date(text: str) -> date | None:
    for pattern in FORMATS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  (a day of the calendar)
        except ValueError:
            continue
    return None
