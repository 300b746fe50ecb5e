"""The machine's clock is set three days ahead while the service runs, and back again."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from postventa.followups.guards import next_opening
from tests.faults.conftest import Stand
from tests.faults.stories import lately, placed
from tests.pipeline.stories import DAY, HOUR, WooOrder
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA

MADRID = ZoneInfo("Europe/Madrid")


def set_clock(service: Service, ahead: timedelta) -> None:
    (service.failpoints / "clock.shift").write_text(str(ahead.total_seconds()), encoding="utf-8")


@scenario("F20", budget=120)
def test_a_clock_that_jumps_sends_nothing_early_nothing_late_and_nothing_twice(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service(recovery={"lease": 30, "sweep_every": 0.5, "watch_every": 0.5, "doubt_after": 1.5}).start()
    jon = f"jon.{order_ref}@cliente.example"
    asked_in_two_days = WooOrder(order_ref, lately() - 6 * DAY, jon).tell("order.created").tell(after=DAY - HOUR, status="entregado")
    service.play(ALBA, asked_in_two_days.sent)
    service.rest()
    for ahead in (3 * DAY, timedelta(0), -3 * DAY, timedelta(0)):
        set_clock(service, ahead)
        expected = {"clock-jumped"} if ahead else set()
        service.until(lambda wanted=expected: service.alarms() == wanted, 20, "noticed")  # type: ignore[misc]
        ref = order_ref + 1_000_000 + int(time.monotonic() * 100)
        email = f"{ref}@cliente.example"
        service.play(ALBA, placed(ref, email).sent)
        stand.sink.wait(email)
        service.rest()
        assert stand.sink.followups(email) == ["order_received"], "fresh news is news, whatever the machine's clock says"
    assert stand.sink.to(jon) == [], "two days are not over"
    (asked,) = service.effects(str(order_ref), followup="review_request")
    assert asked["state"] == "planned"


@scenario("F20", budget=60)
@pytest.mark.parametrize(
    ("local", "opens"),
    [
        ("2026-03-28T23:30", "2026-03-29T09:00"),  # the night that has no half past two
        ("2026-03-29T02:30", "2026-03-29T09:00"),
        ("2026-10-24T23:30", "2026-10-25T09:00"),  # the night that has it twice
        ("2026-10-25T02:30", "2026-10-25T09:00"),
        ("2026-12-31T23:59:59", "2027-01-01T09:00"),  # where a leap second would be
    ],
)
def test_quiet_hours_end_at_nine_by_the_customers_clock_on_the_days_when_clocks_change(local: str, opens: str) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=MADRID).astimezone(UTC)
    found = next_opening(moment, "Europe/Madrid", "21:00", "09:00")
    assert found is not None
    assert found.astimezone(MADRID).replace(tzinfo=None) == datetime.fromisoformat(opens)


@scenario("F20", budget=60)
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_every_minute_of_a_day_when_clocks_change_is_quiet_or_not_as_the_wall_says(day: date) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=MADRID).astimezone(UTC)
    for minute in range(25 * 60):
        moment = start + timedelta(minutes=minute)
        quiet = not 9 <= moment.astimezone(MADRID).hour < 21
        opens = next_opening(moment, "Europe/Madrid", "21:00", "09:00")
        assert (opens is not None) is quiet
        assert opens is None or moment < opens <= moment + timedelta(hours=13)
