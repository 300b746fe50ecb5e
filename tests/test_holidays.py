"""Working days in the 27 countries of the Union."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from postventa.holidays import easter, holidays, next_working_day, orthodox_easter
from postventa.national_holidays import ACTS, EASTER, FIXED, IF_FRIDAY, MIDSUMMER, MONDAYS, ORTHODOX, REPLACED

UNION = re.findall(r"[A-Z]+", "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK")


def test_every_country_of_the_union_is_known_with_its_act() -> None:
    assert list(FIXED) == list(ACTS) == UNION
    assert set(EASTER) | set(ORTHODOX) == set(UNION)
    assert {*IF_FRIDAY, *MIDSUMMER, *MONDAYS, *REPLACED} <= set(UNION)
    assert holidays("XX", 2026) == frozenset()


@pytest.mark.parametrize(
    ("year", "ours", "theirs"), [(2025, "04-20", "04-20"), (2026, "04-05", "04-12"), (2027, "03-28", "05-02"), (2030, "04-21", "04-28")]
)
def test_the_two_easters(year: int, ours: str, theirs: str) -> None:
    assert (easter(year), orthodox_easter(year)) == (date.fromisoformat(f"{year}-{ours}"), date.fromisoformat(f"{year}-{theirs}"))


@pytest.mark.parametrize(
    ("country", "day", "what"),
    [
        ("GR", "2026-02-23", "Clean Monday"),
        ("RO", "2026-06-01", "the Orthodox Monday after Whitsun, and Children's Day"),
        ("CY", "2026-04-13", "the Orthodox Easter Monday"),
        ("BG", "2026-04-10", "the Orthodox Good Friday"),
        ("BG", "2026-05-25", "instead of Sunday the 24th"),
        ("BG", "2026-12-28", "instead of Saturday the 26th"),
        ("LV", "2028-11-20", "instead of Saturday the 18th"),
        ("SE", "2026-06-19", "Midsummer Eve"),
        ("FI", "2027-06-25", "Midsummer Eve"),
        ("NL", "2026-04-27", "King's Day"),
        ("PL", "2026-06-04", "Corpus Christi"),
        ("IE", "2030-02-01", "Saint Brigid's Day, a Friday"),
        ("DK", "2026-04-02", "Maundy Thursday"),
        ("PT", "2026-06-04", "Corpus Christi"),
    ],
)
def test_a_holiday_that_moves(country: str, day: str, what: str) -> None:
    assert date.fromisoformat(day) in holidays(country, int(day[:4])), what


def test_a_period_ends_on_a_working_day_of_the_customers_country() -> None:
    assert next_working_day(date(2026, 5, 1), "gr") == date(2026, 5, 4)
    assert next_working_day(date(2026, 5, 25), "bg") == date(2026, 5, 26)
    assert next_working_day(date(2026, 5, 25), "es") == date(2026, 5, 25)
    for country in UNION:
        day = next_working_day(date(2026, 12, 25), country)
        assert day - date(2026, 12, 25) <= timedelta(days=4), country
