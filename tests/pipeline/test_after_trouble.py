"""Trouble on the way ends nothing: the journey goes on, and what had to wait is still asked."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import DAY, HOUR, NOON, ShopifyOrder, WooOrder
from tests.pipeline.test_journeys import live, names


def test_a_parcel_that_was_late_is_announced_again_when_it_is_in_the_van(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR).fulfil(902, 12, after=timedelta(0))
    order.scan(901, "delayed", after=2 * DAY).scan(901, "attempted_delivery", after=DAY).scan(901, "out_for_delivery", after=DAY)
    live(house, "shopify", order.scan(902, "ready_for_pickup", after=HOUR).sent)
    house.until(house.clock.now() + HOUR)
    assert names(house) == ["shipped", "delayed", "delivery_failed", "out_for_delivery", "ready_for_pickup"]


def test_an_old_scan_does_not_follow_the_news_of_a_later_delay(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    order = (
        ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR).scan(901, "out_for_delivery", after=HOUR).scan(901, "delayed", after=HOUR)
    )
    *before, van, late = order.sent
    live(house, "shopify", [*before, late])
    house.until(house.clock.now() + HOUR)
    live(house, "shopify", [van])
    house.until(house.clock.now() + HOUR)
    assert "delayed" in names(house)
    assert "out_for_delivery" not in names(house)


def test_a_review_that_waits_for_a_long_return_is_asked_when_the_return_is_settled(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR).scan(901, "delivered", after=DAY)
    live(house, "shopify", order.sent)
    told = {"id": 31, "admin_graphql_api_id": "gid://shopify/Return/31", "order": {"id": 5001}, "return_line_items": []}
    order.sent.clear()
    order.at += 6 * DAY
    order._send("returns/request", told)
    order.at += 6 * DAY
    order._send("returns/cancel", told)
    live(house, "shopify", order.sent)
    house.until(house.clock.now() + 2 * DAY)
    assert names(house).count("review_request") == 1


def test_a_review_waits_while_the_return_is_open(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba())
    live(house, "woocommerce", WooOrder().tell("order.created").tell(after=DAY, status="entregado").tell(after=DAY, status="devolucion").sent)
    house.until(NOON + 40 * DAY)
    assert "review_request" not in names(house)


def test_trouble_is_told_at_most_once_in_three_days(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR)
    for day in range(5):
        order.scan(901, "delayed", after=DAY if day else HOUR)
    live(house, "shopify", order.sent)
    house.until(order.at + HOUR)
    assert [(e.subject_ref, e.state) for e in house.effects(followup="delayed")] == [("901", "done"), ("901@2026-11-06", "done")]
