"""Money, dates, times and postal addresses as the reader writes them. Babel knows the figures; this knows which form to choose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Day  # noqa: N812  (`date` is what this module makes of one)
from datetime import datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from postventa.events import Address

HOMES = {"es": "ES", "ca": "ES", "gl": "ES", "eu": "ES", "en": "GB", "pt": "PT", "fr": "FR", "de": "DE", "it": "IT"}
"""The country whose habits apply when a language is not at home in the reader's country (English to Spain: as in Britain)."""

WEEKDAYS = {
    "es": "EEEE, d 'de' MMMM",
    "ca": "EEEE, d MMMM",
    "gl": "EEEE, d 'de' MMMM",
    "en": "EEEE d MMMM",
    "pt": "EEEE, d 'de' MMMM",
    "fr": "EEEE d MMMM",
    "de": "EEEE, d. MMMM",
    "it": "EEEE d MMMM",
}

PLAIN = "{postcode} {city}"
LAST_LINES = {
    **dict.fromkeys(("GB", "IE"), "{city}\n{province}\n{postcode}"),
    **dict.fromkeys(("US", "CA", "AU", "NZ"), "{city}, {province_code} {postcode}"),
    "ES": "{postcode} {city} ({province})",
    "IT": "{postcode} {city} ({province_code})",
    "MX": "{postcode} {city}, {province}",
    "BR": "{city} - {province_code}\n{postcode}",
    "AR": "{postcode} {city}, {province}",
    "CL": "{postcode} {city}, {province}",
    "CO": "{city}, {province} {postcode}",
    "JP": "{postcode} {province} {city}",
    "CN": "{postcode} {province} {city}",
}
"""What follows the street, by country (Universal Postal Union, addressing systems); elsewhere postcode and city."""


@cache
def locale_of(language: str, country: str = "") -> Locale:
    """The locale to format with: the language as in `country`, where it is at home there, else as in its main country."""
    known = get_global("territory_languages").get(country.upper(), {})
    territory = country.upper() if language in known and known[language].get("official_status") else HOMES.get(language, "")
    tag = f"{language}_{territory}" if territory else language
    try:
        return Locale.parse(tag)
    except ValueError:
        return Locale.parse(language)


@lru_cache(maxsize=4096)
def money(amount: Decimal, currency: str, language: str, country: str = "") -> str:
    """`1.234,50 €`; an unknown currency keeps its code, a missing one leaves the bare number."""
    habit = _habit(currency, language, country)
    if habit is None or amount.is_signed() or not amount.is_finite():
        return _by_babel(amount, currency, language, country)
    return f"{habit.before}{format(amount, habit.figures).translate(habit.marks)}{habit.after}"


@dataclass(frozen=True)
class Habit:
    """How sums of one currency are written."""

    before: str
    after: str
    figures: str
    """Python's own format, with its comma and point."""
    marks: dict[int, str]
    """What stands in their place."""


@lru_cache(maxsize=1024)
def tenths(value: float, language: str, country: str = "") -> str:
    """A number with one decimal, such as `1,3`."""
    return str(format_decimal(value, "0.0", locale=locale_of(language, country)))


def _habit(currency: str, language: str, country: str) -> Habit | None:
    """Read off one sum that Babel wrote, since it takes fifty times as long for each; None where figures are not grouped by three."""
    sample = re.fullmatch(r"(\D*)1(\D)234(?:\2)567(?:(\D)(0+))?(\D*)", _by_babel(Decimal(1234567), currency, language, country))
    if not sample:
        return None
    before, thousands, point, cents, after = sample.groups("")
    return Habit(before, after, f",.{len(cents)}f", {ord(","): thousands, ord("."): point})


def _by_babel(amount: Decimal, currency: str, language: str, country: str) -> str:
    locale = locale_of(language, country)
    if not currency:
        return str(format_decimal(amount, "#,##0.00", locale=locale))
    return str(format_currency(amount, currency, locale=locale))


def weekday(moment: datetime, zone: str, language: str, country: str = "") -> str:
    """`martes, 3 de noviembre`, in the reader's zone."""
    return _weekday(moment.astimezone(zone_of(zone)).date(), language, country)


def weekday_of(day: Day, language: str, country: str = "") -> str:
    """The same for a day that is known already."""
    return _weekday(day, language, country)


def date(moment: datetime, zone: str, language: str, country: str = "") -> str:
    """`3 de noviembre de 2026`, in the reader's zone."""
    return _date(moment.astimezone(zone_of(zone)).date(), language, country)


def date_of(day: Day, language: str, country: str = "") -> str:
    """The same for a day that is known already."""
    return _date(day, language, country)


def clock(moment: datetime, zone: str, language: str, country: str = "") -> str:
    """`18:05`, in the reader's zone."""
    local = moment.astimezone(zone_of(zone))
    return _clock(time(local.hour, local.minute), language, country)


@lru_cache(maxsize=4096)
def _weekday(day: Day, language: str, country: str) -> str:
    if language == "eu":
        return _basque(day)
    pattern = WEEKDAYS.get(language, "EEEE d MMMM")
    locale = locale_of(language, country)
    return _first(str(format_date(day, "EEEE, MMMM d" if locale.territory == "US" else pattern, locale=locale)), language)


@lru_cache(maxsize=4096)
def _date(day: Day, language: str, country: str) -> str:
    if language == "eu":
        return f"{day.year}ko {_basque(day).partition(',')[0]}"
    if language == "gl":
        return str(format_date(day, "d 'de' MMMM 'de' y", locale="gl"))
    return _first(str(format_date(day, "long", locale=locale_of(language, country))), language)


def _first(text: str, language: str) -> str:
    """A French month begins with its `1er`, which Babel does not know."""
    return re.sub(r"\b1 ", "1er ", text) if language == "fr" else text


@lru_cache(maxsize=4096)
def _clock(instant: time, language: str, country: str) -> str:
    return str(format_time(instant, "short", locale=locale_of(language, country)))


def _basque(day: Day) -> str:
    """`azaroaren 3a, asteartea`; 11 and 31 take no article of their own."""
    month, name = (str(format_date(day, pattern, locale="eu")) for pattern in ("MMMM", "EEEE"))
    article = "" if day.day in (11, 31) else "a"
    return f"{month}ren {day.day}{article}, {name}"


@cache
def zone_of(name: str) -> ZoneInfo:
    """The IANA zone; UTC for a name that nobody knows, so that a mail is never lost for it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@cache
def country_name(code: str, language: str) -> str:
    """`Alemania` for `DE`; the code itself when it is none."""
    return str(locale_of(language).territories.get(code.upper(), code))


def day_name(weekday: int, language: str) -> str:
    """`lunes` for 0."""
    return str(locale_of(language).days["format"]["wide"][weekday])


@cache
def language_name(tag: str, language: str) -> str:
    """`alemán` for `de` in Spanish; the tag itself when it is none."""
    return str(locale_of(language).languages.get(tag.replace("_", "-").partition("-")[0], tag))


def postal(address: Address, language: str, home: str = "ES") -> tuple[str, ...]:
    """The address in its own country's order, without phone; the country in the reader's language when it is not `home`."""
    country = address.country.upper()
    last = [_joined(line, address) for line in LAST_LINES.get(country, PLAIN).split("\n")]
    abroad = country_name(country, language) if country and country != home.upper() else ""
    lines = (address.name, address.company, address.street, address.street2, *last, abroad)
    return tuple(line.strip() for line in lines if line.strip())


def _joined(pattern: str, address: Address) -> str:
    """A pattern with the parts that there are; the brackets and commas of missing or repeated ones go."""
    province = "" if address.province.casefold() == address.city.casefold() else address.province
    code = address.province_code or address.province
    text = pattern.format(postcode=address.postcode, city=address.city, province=province, province_code=code)
    return " ".join(text.replace("()", "").strip(" ,-").replace(" , ", ", ").split())
