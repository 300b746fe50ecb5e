"""Money, dates and addresses as the reader writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postventa.config import LANGUAGES
from postventa.emails.facts import given_name
from postventa.events import Address
from postventa.locale import formats
from postventa.locale.formats import clock, country_name, date, locale_of, money, postal, weekday

LATE = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "country", "said"),
    [
        ("1234.5", "EUR", "es", "ES", "1.234,50 €"),
        ("1234.5", "EUR", "de", "DE", "1.234,50 €"),
        ("1234.5", "EUR", "fr", "FR", "1 234,50 €"),
        ("1234.5", "GBP", "en", "GB", "£1,234.50"),
        ("1234.5", "EUR", "en", "ES", "€1,234.50"),
        ("12", "USD", "en", "US", "$12.00"),
        ("12", "EUR", "pt", "PT", "12,00 €"),
        ("12", "BRL", "pt", "BR", "R$ 12,00"),
        ("12", "CHF", "de", "CH", "CHF 12.00"),
        ("5", "JPY", "es", "ES", "5 JPY"),
        ("5", "XQZ", "es", "ES", "5,00 XQZ"),
        ("5", "", "es", "ES", "5,00"),
        ("0", "EUR", "it", "IT", "0,00 €"),
    ],
)
def test_money(amount: str, currency: str, language: str, country: str, said: str) -> None:
    plain = money(Decimal(amount), currency, language, country).replace("\u00a0", " ").replace("\u202f", " ")
    assert plain == said


@settings(max_examples=300, deadline=None)
@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=None)
    | st.decimals(places=2, min_value=0, max_value=99999),
    st.sampled_from(["EUR", "GBP", "JPY", "KWD", "CHF", "XQZ", ""]),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["", "ES", "US", "CH", "IN", "PT", "BR", "MX", "AT"]),
)
def test_sums_by_hand_are_written_as_babel_writes_them(amount: Decimal, currency: str, language: str, country: str) -> None:
    assert money(amount, currency, language, country) == formats._by_babel(amount, currency, language, country)


def test_babel_is_asked_once_for_each_way_of_writing() -> None:
    assert formats._habit("EUR", "es", "ES") == formats.Habit("", "\u00a0€", ",.2f", {ord(","): ".", ord("."): ","})
    assert formats._habit("INR", "en", "IN") is None


def test_days_are_the_readers_own() -> None:
    assert weekday(LATE, "Europe/Madrid", "es") == "miércoles, 4 de noviembre"
    assert weekday(LATE, "Atlantic/Canary", "es") == "martes, 3 de noviembre"
    assert clock(LATE, "Europe/Madrid", "es") == "0:30"


@pytest.mark.parametrize(
    ("language", "day", "whole"),
    [
        ("es", "miércoles, 4 de noviembre", "4 de noviembre de 2026"),
        ("ca", "dimecres, 4 de novembre", "4 de novembre del 2026"),
        ("gl", "mércores, 4 de novembro", "4 de novembro de 2026"),
        ("eu", "azaroaren 4a, asteazkena", "2026ko azaroaren 4a"),
        ("en", "Wednesday 4 November", "4 November 2026"),
        ("pt", "quarta-feira, 4 de novembro", "4 de novembro de 2026"),
        ("fr", "mercredi 4 novembre", "4 novembre 2026"),
        ("de", "Mittwoch, 4. November", "4. November 2026"),
        ("it", "mercoledì 4 novembre", "4 novembre 2026"),
    ],
)
def test_dates_in_every_language(language: str, day: str, whole: str) -> None:
    assert weekday(LATE, "Europe/Madrid", language) == day
    assert date(LATE, "Europe/Madrid", language) == whole


def test_a_french_month_begins_with_its_first_and_no_other_day_does() -> None:
    first, eleventh, last = (datetime(2027, 1, day, 12, tzinfo=UTC) for day in (1, 11, 31))
    assert [date(day, "UTC", "fr") for day in (first, eleventh, last)] == ["1er janvier 2027", "11 janvier 2027", "31 janvier 2027"]
    assert [weekday(day, "UTC", "fr") for day in (first, eleventh)] == ["vendredi 1er janvier", "lundi 11 janvier"]
    assert date(first, "UTC", "pt") == "1 de janeiro de 2027"


def test_americans_read_the_month_first() -> None:
    assert weekday(LATE, "America/New_York", "en", "US") == "Tuesday, November 3"


def test_a_zone_that_nobody_knows_is_greenwich() -> None:
    assert clock(LATE, "Europe/Atlantis", "es") == "23:30"


def test_every_language_has_a_home() -> None:
    assert all(locale_of(language).territory for language in LANGUAGES)
    assert locale_of("en", "ES").territory == "GB"
    assert locale_of("en", "US").territory == "US"
    assert locale_of("ca", "ES").territory == "ES"


PARTS = {"name": "Ana", "street": "Calle 1", "postcode": "PC", "city": "Ciudad", "province": "Provincia", "province_code": "PR"}


@pytest.mark.parametrize(
    ("country", "last"),
    [
        ("ES", ("PC Ciudad (Provincia)",)),
        ("PT", ("PC Ciudad",)),
        ("FR", ("PC Ciudad",)),
        ("DE", ("PC Ciudad",)),
        ("IT", ("PC Ciudad (PR)",)),
        ("GB", ("Ciudad", "Provincia", "PC")),
        ("US", ("Ciudad, PR PC",)),
        ("MX", ("PC Ciudad, Provincia",)),
        ("XX", ("PC Ciudad",)),
        ("", ("PC Ciudad",)),
    ],
)
def test_addresses_follow_the_country_they_go_to(country: str, last: tuple[str, ...]) -> None:
    assert postal(Address(**PARTS, country=country), "es", home=country) == ("Ana", "Calle 1", *last)


def test_missing_parts_leave_no_signs_behind() -> None:
    assert postal(Address(city="Sevilla", province="Sevilla", country="ES"), "es") == ("Sevilla",)
    assert postal(Address(city="New York", country="US"), "es", "US") == ("New York",)
    assert postal(Address(postcode="28001", country="IT"), "es", "IT") == ("28001",)
    assert postal(Address(), "es") == ()
    assert postal(Address(street="{city}", city="{name}", country="ES"), "es") == ("{city}", "{name}")


def test_countries_are_named_in_the_readers_language() -> None:
    assert [country_name("DE", language) for language in ("es", "en", "de", "eu")] == ["Alemania", "Germany", "Deutschland", "Alemania"]
    assert country_name("QQ", "es") == "QQ"


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("ANA MARÍA", "Ana María"),
        ("ana", "Ana"),
        ("JP", "JP"),
        ("Ana", "Ana"),
        ("McCoy", "McCoy"),
        ("JEAN-LUC", "Jean-Luc"),
        ("", None),
        ("  ", None),
        ("x1", "x1"),
    ],
)
def test_names_get_their_capitals(written: str, called: str | None) -> None:
    assert given_name(written) == called
