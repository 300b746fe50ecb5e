"""When a parcel is late although nobody says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from postventa.followups.view import ParcelFacts
from postventa.tracking.delays import Evidence, late, tells
from postventa.tracking.lane import Lane

SEVILLE = ZoneInfo("Europe/Madrid")
LEFT = datetime(2026, 11, 3, 11, 0, tzinfo=UTC)
"""A Tuesday."""
DAY = timedelta(days=1)
PARCEL = ParcelFacts("p1", dispatched_at=LEFT)
ASKED, TOLD, NOTHING = Evidence(asked=True, shop_tells=False), Evidence(asked=False, shop_tells=True), Evidence(asked=False, shop_tells=False)
HOME = Lane(1, 3)


def judged(parcel: ParcelFacts = PARCEL, after: int = 7, evidence: Evidence = ASKED, lane: Lane | None = HOME) -> str:
    return late(parcel, parcel.delayed, lane, evidence, LEFT + after * DAY, SEVILLE)


def test_it_is_late_when_nine_of_ten_would_be_there_and_a_day_went_by() -> None:
    assert [bool(judged(after=days)) for days in range(2, 9)] == [False, False, False, False, False, True, True]
    assert judged(after=7) == "5 business days on the way, of ten parcels nine take 3"


@pytest.mark.parametrize("evidence", [ASKED, TOLD])
def test_silence_means_something_only_where_a_delivery_would_be_known(evidence: Evidence) -> None:
    assert judged(after=10, evidence=evidence)
    assert judged(after=10, evidence=NOTHING) == ""


def test_the_day_that_the_carrier_gives_stands_above_what_others_took() -> None:
    promised = replace(ASKED, expected_on=date(2026, 11, 12))
    assert judged(after=9, evidence=promised) == ""
    assert judged(after=11, evidence=promised) == "promised for 2026-11-12"


def test_a_promise_is_broken_however_often_the_day_is_moved_and_told_of_once() -> None:
    moved = replace(ASKED, promised_on=date(2026, 11, 6), expected_on=date(2026, 11, 20))
    assert [bool(judged(after=days, evidence=moved)) for days in (6, 7)] == [False, True]
    assert judged(after=7, evidence=moved) == "promised for 2026-11-06"
    told = replace(PARCEL, delayed=(LEFT + 4 * DAY,))
    assert judged(told, after=14, evidence=moved) == "", "she knows, and the new day is ahead"
    assert judged(told, after=21, evidence=moved) == "promised for 2026-11-20"
    assert judged(after=10, evidence=replace(NOTHING, promised_on=date(2026, 11, 6))) == "", "nobody would tell of its delivery"
    assert judged(after=10, evidence=replace(TOLD, promised_on=date(2026, 11, 20))) == "", "more time was promised than others took"


QUIET = {
    "delivered": replace(PARCEL, delivered_at=LEFT + DAY),
    "it waits to be fetched": replace(PARCEL, ready_for_pickup_at=LEFT + DAY),
    "in the van today": replace(PARCEL, out_for_delivery_at=LEFT + 10 * DAY),
    "told the day before": replace(PARCEL, delayed=(LEFT + 2 * DAY, LEFT + 9 * DAY)),
    "the courier rang in vain": replace(PARCEL, failed=(LEFT + 8 * DAY,)),
    "it never left": ParcelFacts("p1"),
}


@pytest.mark.parametrize("case", QUIET)
def test_nobody_is_told(case: str) -> None:
    assert judged(after=10)
    assert judged(QUIET[case], after=10) == ""


def test_silence_is_told_of_again_after_a_week_and_not_for_ever() -> None:
    told = replace(PARCEL, delayed=(LEFT + 8 * DAY,))
    assert judged(told, after=14) == ""
    assert judged(told, after=15)
    assert judged(told, after=31) == ""


def test_a_way_that_nobody_knows_is_never_late() -> None:
    assert judged(after=20, lane=None) == ""


def test_a_shop_tells_of_its_deliveries_once_nearly_all_of_many_are_told() -> None:
    assert [tells(20, 18), tells(20, 17), tells(19, 19), tells(0, 0)] == [True, False, False, False]
