"""How long parcels take, and when one will be there: dates by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from postventa.tracking.lane import CANARY, EUROPE, HOME, NEIGHBOUR, UNION, WORLD, Lane, business_days, business_days_between, fallback
from postventa.tracking.predict import DateRange, predict

MADRID, CANARIES = ZoneInfo("Europe/Madrid"), ZoneInfo("Atlantic/Canary")
MONDAY, TUESDAY, THURSDAY, FRIDAY, SATURDAY = (date(2026, 11, day) for day in (16, 17, 19, 20, 21))


@dataclass(frozen=True)
class Parcel:
    dispatched_at: datetime | None = None
    out_for_delivery_at: datetime | None = None
    ready_for_pickup_at: datetime | None = None
    delivered_at: datetime | None = None
    failed: tuple[datetime, ...] = ()


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [(MONDAY, 0, MONDAY), (MONDAY, 1, TUESDAY), (FRIDAY, 1, date(2026, 11, 23)), (SATURDAY, 0, date(2026, 11, 23)), (SATURDAY, 1, date(2026, 11, 23)),
     (THURSDAY, 7, date(2026, 11, 30))],
)  # fmt: skip
def test_business_days_skip_weekends(start: date, count: int, end: date) -> None:
    assert business_days(start, count) == end


def test_days_between_are_those_that_were_added() -> None:
    for count in range(1, 30):
        assert business_days_between(THURSDAY, business_days(THURSDAY, count)) == count
    assert business_days_between(FRIDAY, MONDAY) == 0


@pytest.mark.parametrize(
    ("origin", "destination", "postcode", "lane"),
    [("ES", "es", "41003", HOME), ("ES", "ES", "35001", CANARY), ("ES", "PT", "", NEIGHBOUR), ("PT", "ES", "38001", EUROPE), ("ES", "SE", "", UNION),
     ("ES", "GB", "", EUROPE), ("ES", "US", "", WORLD), ("", "ES", "", None), ("ES", "", "", None)],
)  # fmt: skip
def test_every_pair_of_countries_has_a_lane(origin: str, destination: str, postcode: str, lane: Lane | None) -> None:
    assert fallback(origin, destination, postcode) == lane


def test_a_parcel_that_left_comes_between_the_half_and_nine_of_ten() -> None:
    assert predict(Parcel(noon(MONDAY)), Lane(1, 3), MADRID, MONDAY) == DateRange(TUESDAY, THURSDAY)


def test_days_that_are_over_are_promised_to_nobody() -> None:
    assert predict(Parcel(noon(MONDAY)), Lane(1, 3), MADRID, THURSDAY) == DateRange(THURSDAY, THURSDAY)
    assert predict(Parcel(noon(MONDAY)), Lane(1, 3), MADRID, FRIDAY) is None
    assert predict(Parcel(noon(FRIDAY)), Lane(1, 3), MADRID, SATURDAY) == DateRange(date(2026, 11, 23), date(2026, 11, 25))


def test_the_day_is_the_recipients() -> None:
    midnight = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)  # Tuesday in Madrid, Monday on the islands
    assert predict(Parcel(midnight), Lane(1, 1), MADRID, TUESDAY) == DateRange(date(2026, 11, 18), date(2026, 11, 18))
    assert predict(Parcel(midnight), Lane(1, 1), CANARIES, MONDAY) == DateRange(TUESDAY, TUESDAY)


def test_out_for_delivery_means_today_and_only_on_that_day() -> None:
    out = Parcel(noon(MONDAY), noon(TUESDAY))
    assert predict(out, Lane(1, 3), MADRID, TUESDAY) == DateRange(TUESDAY, TUESDAY)
    assert predict(out, Lane(1, 3), MADRID, THURSDAY) == DateRange(THURSDAY, THURSDAY)


@pytest.mark.parametrize(
    "parcel",
    [Parcel(), Parcel(noon(MONDAY), delivered_at=noon(TUESDAY)), Parcel(noon(MONDAY), ready_for_pickup_at=noon(TUESDAY)),
     Parcel(noon(MONDAY), noon(MONDAY), failed=(noon(TUESDAY),))],
    ids=["not sent", "delivered", "to be fetched", "failed"],
)  # fmt: skip
def test_nothing_is_said_where_nothing_can_be_known(parcel: Parcel) -> None:
    assert predict(parcel, HOME, MADRID, TUESDAY) is None


def test_without_a_lane_only_the_last_leg_is_known() -> None:
    assert predict(Parcel(noon(MONDAY)), None, MADRID, MONDAY) is None
    assert predict(Parcel(noon(MONDAY), noon(TUESDAY)), None, MADRID, TUESDAY) == DateRange(TUESDAY, TUESDAY)
