"""Deadlines over holidays and summer time, what is owed, and what a typed number may mean. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from jobs.withdrawals.match import numbers_in
from postventa.holidays import easter, holidays, next_working_day
from postventa.withdrawal.deadline import a_year_after, clock, in_time, last_day
from postventa.withdrawal.refund import Owed, owed

MADRID = "Europe/Madrid"
MADRIDS = ZoneInfo(MADRID)


@dataclass(frozen=True)
class Came:
    delivered_at: datetime | None
    cancelled: bool = False


@dataclass(frozen=True)
class Bought:
    ref: str
    quantity: int
    total: Decimal


def at(day: str, hour: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=MADRIDS)


@pytest.mark.parametrize(
    ("came", "country", "last"),
    [
        ("2026-11-03", "ES", "2026-11-17"),  # a Tuesday
        ("2026-11-07", "ES", "2026-11-23"),  # would end on a Saturday
        ("2026-09-28", "ES", "2026-10-13"),  # would end on the national holiday, a Monday
        ("2026-09-28", "DE", "2026-10-12"),  # which is none in Germany
        ("2026-03-20", "ES", "2026-04-06"),  # Good Friday and the weekend behind it
        ("2026-03-20", "DE", "2026-04-07"),  # where Easter Monday is one, too
        ("2026-12-11", "ES", "2026-12-28"),  # Christmas Day is a Friday
        ("2026-12-11", "XX", "2026-12-25"),  # of whose holidays nothing is known
    ],
)
def test_the_last_day_is_the_fourteenth_or_the_next_working_day(came: str, country: str, last: str) -> None:
    assert last_day([Came(at(came))], True, MADRID, country) == date.fromisoformat(last)


def test_it_counts_from_the_last_parcel_and_stays_open_while_that_is_not_known() -> None:
    first, second = at("2026-11-03"), at("2026-11-10")
    assert last_day([Came(first), Came(second)], True, MADRID, "ES") == date(2026, 11, 24)
    assert last_day([Came(first), Came(None)], True, MADRID, "ES") is None
    assert last_day([Came(first), Came(None, cancelled=True)], True, MADRID, "ES") == date(2026, 11, 17)
    assert last_day([Came(first)], False, MADRID, "ES") is None
    assert last_day([], True, MADRID, "ES") is None


def test_whoever_was_not_told_has_twelve_months_more() -> None:
    assert last_day([Came(at("2026-11-03"))], True, MADRID, "ES", informed=False) == date(2027, 11, 17)
    assert a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)


def test_days_are_the_shops_and_the_last_one_counts_to_its_end() -> None:
    last = date(2026, 11, 17)
    assert in_time(at("2026-11-17", "23:59"), last, MADRID)
    assert in_time(datetime(2026, 11, 17, 22, 59, tzinfo=UTC), last, MADRID)
    assert not in_time(datetime(2026, 11, 17, 23, 0, tzinfo=UTC), last, MADRID)
    assert in_time(at("2030-01-01"), None, MADRID)


@pytest.mark.parametrize("began", ["2026-03-20", "2026-10-17"])
def test_summer_time_makes_no_day_longer_or_shorter(began: str) -> None:
    start = at(began, "23:30")
    assert [clock(start, start + timedelta(days=n), MADRID).day for n in (0, 1)] == [0, 1]
    end = at((date.fromisoformat(began) + timedelta(days=14)).isoformat(), "23:59")
    assert (clock(start, end, MADRID).day, clock(start, end, MADRID).overdue) == (14, False)
    assert clock(start, end + timedelta(minutes=1), MADRID).overdue


@pytest.mark.parametrize(
    ("day", "told", "level"), [(6, 0, "warn"), (7, 7, "warn"), (11, 10, "warn"), (12, 12, "page"), (14, 13, "page"), (15, 15, "page")]
)
def test_the_clock_says_when_somebody_has_to_hear_of_it(day: int, told: int, level: str) -> None:
    start = at("2026-11-03")
    found = clock(start, start + timedelta(days=day), MADRID)
    assert (found.told, found.level, found.due) == (told, level, date(2026, 11, 17))


def test_holidays_are_those_of_the_year() -> None:
    assert [easter(year) for year in (2024, 2025, 2026, 2038)] == [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2038, 4, 25)]
    assert date(2026, 6, 4) in holidays("PT", 2026), "Corpus Christi"
    assert date(2026, 5, 14) in holidays("FR", 2026), "Ascension"
    assert date(2026, 10, 26) in holidays("IE", 2026), "the last Monday of October"
    assert next_working_day(date(2026, 12, 25), "de") == date(2026, 12, 28)


LINES = [Bought("bowl", 1, Decimal("30.00")), Bought("cups", 3, Decimal("20.00"))]


@pytest.mark.parametrize(
    ("chosen", "standard", "most", "expected"),
    [
        ((), None, "55.90", Owed(Decimal("55.90"), Decimal("5.90"), (("bowl", 1), ("cups", 3)))),
        ((), Decimal("3.90"), "55.90", Owed(Decimal("53.90"), Decimal("3.90"), (("bowl", 1), ("cups", 3)))),
        ((), Decimal("9.90"), "55.90", Owed(Decimal("55.90"), Decimal("5.90"), (("bowl", 1), ("cups", 3)))),
        ((("bowl", 1),), None, "55.90", Owed(Decimal("30.00"), Decimal(0), (("bowl", 1),))),
        ((("cups", 1),), None, "55.90", Owed(Decimal("6.67"), Decimal(0), (("cups", 1),))),
        ((("cups", 9),), None, "55.90", Owed(Decimal("20.00"), Decimal(0), (("cups", 3),))),
        ((("bowl", 1), ("cups", 3)), None, "55.90", Owed(Decimal("55.90"), Decimal("5.90"), (("bowl", 1), ("cups", 3)))),
        ((), None, "10.00", Owed(Decimal("10.00"), Decimal("5.90"), (("bowl", 1), ("cups", 3)))),
    ],
)
def test_what_is_owed_is_the_price_and_the_cheapest_usual_delivery(
    chosen: tuple[tuple[str, int], ...], standard: Decimal | None, most: str, expected: Owed
) -> None:
    assert owed(LINES, chosen, Decimal("5.90"), standard, Decimal(most)) == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("1042", "1042"), ("#1042", "1042"), (" nº 1042. ", "1042"), ("Pedido 1042 (mayo)", "1042"), ("mi pedido #AB-77, gracias", "AB-77")],
)
def test_a_number_is_found_in_what_people_type(typed: str, meant: str) -> None:
    assert meant in numbers_in(typed)
