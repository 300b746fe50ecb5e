"""Dates, weights and addresses as they are written on a parcel."""

from __future__ import annotations

from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from connectors.carriers.own.text import clean
from postventa.events import Address

PLAIN = "{postcode} {city}"
LAST_LINES = {
    **dict.fromkeys(("GB", "IE"), "{city}\n{province}\n{postcode}"),
    **dict.fromkeys(("US", "CA", "AU", "NZ"), "{city}, {province_code} {postcode}"),
    "ES": "{postcode} {city} ({province})",
    "IT": "{postcode} {city} ({province_code})",
    "BR": "{city} - {province_code}\n{postcode}",
}
"""What follows the street, by country (Universal Postal Union, addressing systems); elsewhere postcode and city."""


HOMES = {"en": "en_GB", "pt": "pt_PT"}
"""Where Babel's first choice is a country far from our shops."""


def locale_of(language: str) -> Locale:
    """Babel's locale; Spanish where the language is none that it knows."""
    try:
        return Locale.parse(HOMES.get(language, language.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        return Locale.parse("es")


def day_text(day: date, language: str) -> str:
    """`24 de diciembre de 2026`."""
    locale = locale_of(language)
    if locale.language == "eu":
        # Babel gives a bare list of parts; in Basque the parts are declined.
        month, article = format_date(day, "MMMM", locale=locale), "" if day.day in (11, 31) else "a"
        return f"{day.year}ko {month}ren {day.day}{article}"
    if locale.language == "gl":
        return str(format_date(day, "d 'de' MMMM 'de' y", locale=locale))
    return str(format_date(day, "long", locale=locale))


def short_day_text(day: date, language: str) -> str:
    """`24/12/2026`."""
    return str(format_skeleton("yMd", day, locale=locale_of(language)))


def weight_text(grams: int, language: str) -> str:
    """`1,25 kg`; light parcels in grams."""
    if grams < 1000:
        return f"{grams} g"
    return f"{format_decimal(grams / 1000, '#,##0.##', locale=locale_of(language))} kg"


def name_lines(address: Address, otherwise: str = "") -> list[str]:
    """Who: the person, then the company where it is another."""
    names = [clean(address.name), clean(address.company)]
    return list(dict.fromkeys(name for name in names if name)) or [clean(otherwise)]


def street_lines(address: Address) -> list[str]:
    """Where, above the town."""
    return [line for line in (clean(address.street), clean(address.street2)) if line]


def town_lines(address: Address) -> list[str]:
    """Postcode and town in the order that the country of the address writes them."""
    known = {part: clean(getattr(address, part)) for part in ("postcode", "city", "province", "province_code")}
    known["province_code"] = known["province_code"] or known["province"]
    if known["province"].casefold() in (known["city"].casefold(), known["province_code"].casefold()):
        known["province"] = ""
    lines = LAST_LINES.get(address.country.upper(), PLAIN).split("\n")
    filled = [" ".join(line.format(**known).replace("()", "").split()).strip(" ,-") for line in lines]
    return [line for line in filled if line]


def country_line(address: Address, language: str, elsewhere: bool) -> str:
    """The country in capitals, in the sender's language and, when the parcel crosses a border, in English too."""
    code = address.country.upper()
    if not code or code == "ZZ":
        return ""
    own, english = (str(locale_of(tag).territories.get(code, code)) for tag in (language, "en"))
    both = own if own == english or not elsewhere else f"{own} / {english}"
    return clean(both).upper()
