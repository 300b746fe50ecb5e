"""Where an order is, told from its facts: a table of what a customer may meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from postventa.followups.view import LineView, OrderView, ParcelFacts, RefundFacts
from postventa.tracking.lane import HOME
from postventa.tracking.predict import DateRange
from postventa.web.portal.track_steps import Scanned, Told
from postventa.web.portal.track_story import Story, tell

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
BOUGHT, LEFT = NOW - timedelta(days=3), NOW - timedelta(days=2)
BOOTS, SOCKS = LineView("boots", 1), LineView("socks", 2)
ORDER = OrderView("1042", placed_at=BOUGHT, lines=(BOOTS, SOCKS))
WHOLE = ParcelFacts("p1", (("boots", 1), ("socks", 2)), dispatched_at=LEFT)
HALF, REST = ParcelFacts("p1", (("boots", 1),), dispatched_at=LEFT), ParcelFacts("p2", (("socks", 2),), dispatched_at=LEFT)


def story(order: OrderView, *parcels: ParcelFacts, **told: Told) -> Story:
    return tell(replace(order, parcels=parcels), BOUGHT, {parcel.ref: HOME for parcel in parcels}, MADRID, NOW.date(), told)


def ago(**span: int) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("order", "parcels", "where"),
    [
        (ORDER, (), "placed"),
        (replace(ORDER, prepared_at=LEFT), (), "prepared"),
        (ORDER, (ParcelFacts("p1", WHOLE.lines),), "placed"),
        (ORDER, (WHOLE,), "moving"),
        (ORDER, (ParcelFacts("order", dispatched_at=LEFT),), "moving"),
        (ORDER, (HALF,), "part_moving"),
        (ORDER, (replace(WHOLE, out_for_delivery_at=ago(hours=2)),), "out"),
        (ORDER, (replace(WHOLE, out_for_delivery_at=ago(days=1)),), "moving"),
        (ORDER, (replace(WHOLE, out_for_delivery_at=ago(hours=5), failed=(ago(hours=2),)),), "failed"),
        (ORDER, (replace(WHOLE, failed=(ago(days=1),), out_for_delivery_at=ago(hours=2)),), "out"),
        (ORDER, (replace(WHOLE, delayed=(ago(days=1),)),), "delayed"),
        (ORDER, (replace(WHOLE, delayed=(ago(days=1),), out_for_delivery_at=ago(hours=1)),), "out"),
        (ORDER, (replace(WHOLE, ready_for_pickup_at=ago(hours=1)),), "pickup"),
        (ORDER, (replace(WHOLE, delivered_at=ago(hours=1), failed=(ago(minutes=1),)),), "delivered"),
        (ORDER, (replace(HALF, delivered_at=ago(hours=1)), REST), "part_delivered"),
        (ORDER, (replace(HALF, delivered_at=ago(hours=1)),), "part_delivered"),
        (ORDER, (replace(HALF, delivered_at=ago(hours=1)), replace(REST, failed=(ago(hours=1),))), "failed"),
        (replace(ORDER, cancelled=True, cancelled_at=LEFT), (), "cancelled"),
        (replace(ORDER, fully_refunded=True), (), "refunded"),
        (replace(ORDER, lines=(LineView("course", 1, requires_shipping=False),), completed_at=LEFT), (), "done"),
    ],
)  # fmt: skip
def test_the_headline_is_what_she_needs_to_know_first(order: OrderView, parcels: tuple[ParcelFacts, ...], where: str) -> None:
    assert story(order, *parcels).where == where


def test_everything_in_one_parcel_has_one_timeline() -> None:
    told = story(ORDER, WHOLE)
    assert [step.name for step in told.boxes[0].steps] == ["placed", "paid", "dispatched"]
    assert told.steps == ()


def test_several_parcels_have_a_timeline_each_and_the_order_its_own() -> None:
    told = story(ORDER, HALF, replace(REST, delivered_at=ago(hours=3)))
    assert [[step.name for step in box.steps] for box in told.boxes] == [["dispatched"], ["dispatched", "delivered"]]
    assert [step.name for step in told.steps] == ["placed", "paid"]
    assert told.several


def test_what_is_in_no_parcel_still_has_to_leave_unless_it_was_refunded() -> None:
    assert [box.items for box in story(ORDER, HALF).boxes] == [(("boots", 1),), (("socks", 2),)]
    one_back = replace(ORDER, refunds=(RefundFacts("r", LEFT, Decimal(5), (("socks", 1),)),))
    assert story(one_back, HALF).boxes[-1].items == (("socks", 1),)
    all_back = replace(ORDER, refunds=(RefundFacts("r", LEFT, Decimal(10), (("socks", 2),)),))
    assert len(story(all_back, HALF).boxes) == 1


def test_a_parcel_of_which_the_shop_names_no_items_holds_all() -> None:
    assert story(ORDER, ParcelFacts("order", dispatched_at=LEFT)).boxes[0].items == (("boots", 1), ("socks", 2))


def test_a_cancelled_order_shows_what_it_was_and_waits_for_nothing() -> None:
    (box,) = story(
        replace(ORDER, cancelled=True, cancelled_at=LEFT),
    ).boxes
    assert (box.state, box.items) == ("", (("boots", 1), ("socks", 2)))
    assert box.steps[-1].name == "cancelled"


def test_a_date_is_predicted_for_what_moves_and_not_for_what_is_late() -> None:
    assert story(ORDER, WHOLE).expected == DateRange(NOW.date(), datetime(2026, 11, 23).date())
    assert story(ORDER, replace(WHOLE, delayed=(ago(days=1),))).expected is None
    assert story(ORDER, replace(WHOLE, ready_for_pickup_at=ago(days=1))).expected is None


@pytest.mark.parametrize(
    ("parcel", "expected", "shown", "promised"),
    [
        (WHOLE, 0, 0, True),
        (WHOLE, 3, 3, True),
        (WHOLE, 1, 1, True),
        (replace(WHOLE, out_for_delivery_at=ago(hours=1)), 3, 0, True),
        (replace(WHOLE, delayed=(ago(days=1),)), 2, 2, True),
        (replace(WHOLE, delayed=(ago(hours=1),)), 0, None, True),
        (replace(WHOLE, failed=(ago(hours=1),)), 3, 3, True),
        (replace(WHOLE, ready_for_pickup_at=ago(hours=1)), 3, None, False),
        (replace(WHOLE, delivered_at=ago(hours=1)), 3, None, False),
    ],
)
def test_the_carriers_day_is_the_better_guess_unless_trouble_came_after_it(
    parcel: ParcelFacts, expected: int, shown: int | None, promised: bool
) -> None:
    day, first = NOW.date() + timedelta(days=expected), NOW.date() + timedelta(days=1)
    (box,) = story(ORDER, parcel, p1=Told((), day, first)).boxes
    assert box.expected == (None if shown is None else DateRange(NOW.date() + timedelta(days=shown), NOW.date() + timedelta(days=shown)))
    assert box.promised == (first if promised else None)


def test_a_day_of_the_carriers_that_is_over_says_nothing_and_the_lane_answers() -> None:
    assert story(ORDER, WHOLE, p1=Told((), NOW.date() - timedelta(days=1))).expected == story(ORDER, WHOLE).expected


def test_scans_stand_in_the_timeline_and_one_that_turns_round_is_what_she_needs_to_know() -> None:
    scans = (Scanned(ago(hours=30), "in_transit"), Scanned(ago(hours=20), "in_transit", "at-customs"))
    told = story(ORDER, WHOLE, p1=Told(scans))
    assert (told.where, [step.name for step in told.boxes[0].steps][2:]) == ("moving", ["dispatched", "collected", "customs"])
    back = story(ORDER, WHOLE, p1=Told((*scans, Scanned(ago(hours=2), "returned_to_sender"))))
    assert (back.where, back.since, back.expected) == ("back", ago(hours=2), None)
