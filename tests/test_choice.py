"""How a person says which deliveries are meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postventa.choice import Choice, parse_moment, parse_range
from tests.conftest import TestClock


def test_numbers_and_ranges_are_understood() -> None:
    assert parse_range("17") == (17, 17)
    assert parse_range("17-42") == (17, 42)
    assert Choice(ranges=((17, 17), (20, 30))).numbered == {17}


@pytest.mark.parametrize("text", ["", "x", "-3", "3-", "17-x", "42-17", "1.5", "9" * 30])
def test_what_is_no_range_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a number|ends before"):
        parse_range(text)


def test_times_are_said_as_people_say_them(clock: TestClock) -> None:
    clock.set(datetime(2026, 3, 10, 12, 0, tzinfo=UTC))
    assert parse_moment("90m") == datetime(2026, 3, 10, 10, 30, tzinfo=UTC)
    assert parse_moment("3d") == datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
    assert parse_moment("2026-03-09T03:00") == datetime(2026, 3, 9, 3, 0, tzinfo=UTC)
    assert parse_moment("2026-03-09T03:00+01:00") == datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="expected 90m"):
        parse_moment("yesterday")


def test_saying_nothing_is_no_choice() -> None:
    assert not Choice()
    assert Choice(unreadable=True)
