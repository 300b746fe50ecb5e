"""When a carrier is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from postventa.tracking.polling import Facts, after_failure, end, is_told, next_look
from postventa.tracking.predict import DateRange

SEVILLE = ZoneInfo("Europe/Madrid")
TEN = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
"""A Wednesday, ten o'clock in Seville."""
TODAY, TOMORROW = date(2026, 11, 4), date(2026, 11, 5)
TRAVELS = Facts("in_transit", TEN - timedelta(hours=20))
MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)

CASES = {
    "the courier has it": (replace(TRAVELS, out_for_delivery_at=TEN - HOURS), 15 * MINUTES),
    "the carrier says today": (replace(TRAVELS, expected_on=TODAY), 15 * MINUTES),
    "half of the others came on this day": (replace(TRAVELS, usual_on=TODAY), 15 * MINUTES),
    "it may come today": (replace(TRAVELS, usual_on=date(2026, 11, 3), predicted=DateRange(TODAY, TOMORROW)), HOURS),
    "the carrier knows better than the others": (replace(TRAVELS, expected_on=TOMORROW, usual_on=TODAY), 2 * HOURS),
    "news of yesterday": (TRAVELS, 2 * HOURS),
    "news of three days ago": (replace(TRAVELS, since=TEN - timedelta(days=3)), 4 * HOURS),
    "news of last week": (replace(TRAVELS, since=TEN - timedelta(days=7)), 8 * HOURS),
    "news of last fortnight": (replace(TRAVELS, since=TEN - timedelta(days=14)), 24 * HOURS),
    "it waits to be fetched": (replace(TRAVELS, status="ready_for_pickup", expected_on=TODAY), 6 * HOURS),
    "nobody knows the number": (replace(TRAVELS, status="", known=False, usual_on=TODAY), 4 * HOURS),
    "the courier rang in vain": (replace(TRAVELS, status="attempted_delivery", out_for_delivery_at=TEN - HOURS), 2 * HOURS),
}


@pytest.mark.parametrize("case", CASES)
def test_often_on_the_day_and_seldom_otherwise(case: str) -> None:
    facts, pause = CASES[case]
    assert next_look(facts, TEN, SEVILLE) - TEN == pause


@pytest.mark.parametrize(
    ("pause", "rarer"), [(15 * MINUTES, HOURS), (HOURS, 4 * HOURS), (2 * HOURS, 8 * HOURS), (8 * HOURS, 8 * HOURS), (24 * HOURS, 24 * HOURS)]
)
def test_what_a_carrier_tells_by_itself_is_asked_about_more_rarely_and_asked_about(pause: timedelta, rarer: timedelta) -> None:
    facts = next(facts for facts, usual in CASES.values() if usual == pause)
    assert next_look(replace(facts, told=True), TEN, SEVILLE) - TEN == rarer


def test_it_tells_until_something_is_heard_long_after_it_by_asking() -> None:
    assert not is_told(None, TEN)
    assert is_told(TEN, None)
    assert is_told(TEN, TEN + 59 * MINUTES)
    assert not is_told(TEN, TEN + 2 * HOURS)


def test_at_night_nobody_delivers() -> None:
    late = TEN + 13 * HOURS
    assert next_look(replace(TRAVELS, usual_on=TODAY), late, SEVILLE).astimezone(SEVILLE).hour == 7


def test_parcels_of_one_morning_are_not_asked_about_in_one_second() -> None:
    assert len({next_look(TRAVELS, TEN, SEVILLE, number) for number in range(60)}) == 60


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (TRAVELS, ""),
        (replace(TRAVELS, status="delivered"), "delivered"),
        (replace(TRAVELS, status="returned_to_sender"), "returned"),
        (replace(TRAVELS, status="cancelled"), "void"),
        (replace(TRAVELS, status="unknown", since=TEN - timedelta(days=30)), "silent"),
    ],
)
def test_it_has_an_end(facts: Facts, why: str) -> None:
    assert end(facts, TEN) == why


def test_a_silent_parcel_costs_some_seventy_questions_and_no_more() -> None:
    at, asked = TEN, 0
    facts = Facts("", TEN, known=False)
    while not end(facts, at):
        at, asked = next_look(facts, at, SEVILLE), asked + 1
    assert 60 <= asked <= 75


def test_failures_of_one_parcel_wait_longer_each_time() -> None:
    waits = [after_failure(failures, TEN) - TEN for failures in (1, 2, 3, 50)]
    assert waits == [15 * MINUTES, 30 * MINUTES, 60 * MINUTES, 12 * HOURS]
    assert after_failure(1, TEN, 7200.0) - TEN == 2 * HOURS
