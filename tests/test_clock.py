"""The service's time follows the machine's clock in small steps, and not when it jumps."""

from __future__ import annotations

import time

import pytest

from postventa import clock

DAY = 86_400.0


@pytest.fixture
def shift(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How far the machine's clock is off: its one element."""
    off = [0.0]
    monkeypatch.setattr(clock, "_wall", lambda: time.time() + off[0])
    monkeypatch.setattr(clock, "_anchor", clock._anchor)  # put back afterwards
    return off


def test_a_jump_of_days_is_not_followed_and_is_told(shift: list[float]) -> None:
    before = clock.real_now()
    for days in (3, -3, 400):
        shift[0] = days * DAY
        assert abs((clock.real_now() - before).total_seconds()) < DAY / 24
        assert abs((clock.now() - before).total_seconds()) < DAY / 24
        assert clock.jump() == pytest.approx(days * DAY, abs=5)
    shift[0] = 0.0
    assert clock.jump() == 0.0


def test_small_corrections_are_followed_however_many(shift: list[float]) -> None:
    before, began = clock.real_now(), time.monotonic()
    for second in range(1, 121):
        shift[0] = float(second)
        clock.steady()
    assert (clock.real_now() - before).total_seconds() == pytest.approx(120 + time.monotonic() - began, abs=5)
    assert clock.jump() == 0.0


def test_it_is_the_machines_time_as_long_as_nothing_happens() -> None:
    before, told, after = time.time(), clock.steady(), time.time()
    assert before - 0.5 <= told <= after + 0.5
