"""Whole journeys, delivery by delivery, at their own time."""

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from jobs import open_return
from postventa.models import Parcel
from postventa.models.db import reading, transaction
from postventa.shops import find
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    Sent,
    ShopifyOrder,
    WooOrder,
    shopify_journey,
    woo_block_checkout,
    woo_cancelled,
    woo_journey,
)


def live(house: House, platform: str, story: list[Sent]) -> None:
    for sent in story:
        house.until(max(sent.at, house.clock.now()))
        house.deliver(platform, sent)
        house.run()


def names(house: House) -> list[str]:
    return [str(m["X-Postventa-Followup"]) for m in house.postman.mails]


def test_a_woocommerce_order_is_followed_from_thanks_to_review(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(care_tips={"SKU-1": "Lávala a mano."}, pages_host="ayuda.alba.example"))
    live(house, "woocommerce", woo_journey())
    house.until(NOON + 40 * DAY)
    assert names(house) == [
        "order_received",
        "order_prepared",
        "shipped",
        "shipped",
        "delivered",
        "refunded",
        "care_tips",
        "review_request",
        "review_reminder",
    ]
    asked = next(mail for mail in house.postman.mails if mail["X-Postventa-Followup"] == "review_request")
    assert str(asked["List-Unsubscribe"]).startswith("<http://ayuda.alba.example:8000/unsubscribe/")
    body = asked.get_body(("plain",))
    assert body is not None
    assert "http://ayuda.alba.example:8000/review/" in body.get_content(), "its customers' pages are under its own name"
    done = {e.followup: e for e in house.effects(state="done")}
    delivered = NOON + MINUTE + HOUR + 2 * DAY
    assert done["care_tips"].done_at == delivered + 2 * DAY
    assert done["review_request"].done_at == delivered + 7 * DAY
    assert done["review_reminder"].done_at == delivered + 14 * DAY, "five days later would break the budget of one message in seven days"


def test_a_shopify_order_with_two_fulfilments_gets_a_mail_for_each_and_reviews_item_by_item(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    live(house, "shopify", shopify_journey())
    house.until(NOON + 40 * DAY)
    assert house.sent() == {
        ("shipped", "901"): 1,
        ("shipped", "902"): 1,
        ("out_for_delivery", "901"): 1,
        ("out_for_delivery", "902"): 1,
        ("delivered", ""): 1,
        ("review_request", "901"): 1,
        ("review_request", "902"): 1,
        ("review_reminder", "901"): 1,
    }
    received = house.effects(followup="order_received")
    assert [(e.state, "itself" in e.reason) for e in received] == [("suppressed", True)]
    with reading(engine) as session:
        promised = {row.ref: row.promised_on for row in session.scalars(select(Parcel))}
    assert promised == {"901": f"{NOON + 2 * HOUR + 2 * DAY:%Y-%m-%d}", "902": ""}, "the first day that was given, whatever was said of it later"


def test_an_order_on_hold_that_is_cancelled_gets_its_thanks_and_its_farewell(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba())
    live(house, "woocommerce", woo_cancelled())
    house.until(NOON + 40 * DAY)
    assert names(house) == ["order_received", "order_cancelled"]


def test_the_draft_of_a_block_checkout_is_no_order_and_its_creation_after_the_update_is_no_second_one(
    engine: Engine, clock: TestClock, tmp_path: Path
) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba())
    draft, *placed = woo_block_checkout()
    live(house, "woocommerce", [draft])
    assert house.effects() == []
    live(house, "woocommerce", placed)
    assert names(house) == ["order_received"]


def test_a_mapped_status_makes_a_label_as_a_job_and_mails_it(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba())
    live(house, "woocommerce", WooOrder().tell("order.created").tell(after=DAY, status="entregado").tell(after=DAY, status="devolucion").sent)
    house.until(NOON + 40 * DAY)
    assert names(house) == ["order_received", "delivered", "return_label"]
    (label,) = house.postman.mails[-1].iter_attachments()
    assert label.get_content_type() == "application/pdf"
    assert bytes(label.get_content()).startswith(b"%PDF-")
    waiting = house.effects(followup="review_request")
    assert [e.state for e in waiting] == ["suppressed"], "all of it goes back: nothing is left to rate"


def test_an_order_in_the_bin_gets_nothing_more(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba())
    order = WooOrder().tell("order.created").tell(after=DAY, status="entregado")
    live(house, "woocommerce", order.sent)
    house.until(order.at + HOUR)
    house.deliver("woocommerce", Sent("order.deleted", b'{"id":4001}', clock.now(), "deleted"))
    house.until(NOON + 40 * DAY)
    assert names(house) == ["order_received", "delivered"]
    assert {e.reason for e in house.effects(followup="review_request")} == {"the shop threw the order away"}


def test_a_test_order_never_writes_to_anybody(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola(on=["order_received"]))
    live(house, "shopify", ShopifyOrder().tell("orders/create", test=True).fulfil(901, 11, after=HOUR).sent)
    house.until(NOON + 2 * DAY)
    assert names(house) == []


def test_a_held_shop_sends_nothing_until_it_is_let_go(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(hold=True))
    live(house, "woocommerce", WooOrder().tell("order.created").sent)
    house.until(NOON + timedelta(minutes=20))
    assert names(house) == []
    assert [e.reason for e in house.effects()] == ["on hold: the merchant holds the shop"]


def test_quiet_hours_are_the_customers_own(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    late = NOON + timedelta(hours=10, minutes=30)
    clock.set(late)
    house = House(engine, clock, tmp_path, alba())
    order = WooOrder(at=late)
    order.body["shipping"] = {**order.body["shipping"], "state": "GC", "postcode": "35001"}
    live(house, "woocommerce", order.tell("order.created").tell(after=MINUTE, status="entregado").sent)
    house.until(late + 10 * DAY)
    asked = house.effects(followup="review_request")[0]
    assert asked.done_at is not None
    assert asked.done_at.isoformat() == "2026-11-11T09:00:00+00:00", "nine o'clock in Las Palmas, not in Madrid"


def test_nothing_is_asked_while_a_return_is_open(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR).scan(901, "delivered", after=DAY)
    live(house, "shopify", order.sent)
    back = {
        "id": 31,
        "admin_graphql_api_id": "gid://shopify/Return/31",
        "status": "requested",
        "order": {"id": 5001},
        "name": "#5001-R1",
        "return_line_items": [],
        "total_return_line_items": 1,
    }
    house.until(order.at + 3 * DAY)
    house.deliver("shopify", Sent("returns/request", json.dumps(back).encode(), clock.now(), "return"))
    house.until(order.at + 12 * DAY)
    assert "review_request" not in names(house)
    assert ["nothing to rate" in e.reason for e in house.effects(followup="review_request")] == [True], "no line is named: all of it may go back"


def test_a_request_for_the_rest_waits_until_the_return_is_settled(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(api_keys=["k" * 24]))
    order = WooOrder().tell("order.created").tell(after=DAY, status="entregado")
    live(house, "woocommerce", order.sent)
    house.until(order.at + 6 * DAY)
    with transaction(engine) as session:
        shop = find(session, house.shops["woocommerce"], house.settings, house.world.secret)
        found = open_return.find_order(session, shop, "4001")
        open_return.open_return(session, house.settings, shop, found, [("SKU-1", 1)], "no me cabe", "cli", "caso-1", actor="cli:jon@test")
    house.until(order.at + 10 * DAY)
    assert [e.reason for e in house.effects(followup="review_request")] == ["waits: a return is open"]
    with transaction(engine) as session:
        shop = find(session, house.shops["woocommerce"], house.settings, house.world.secret)
        open_return.void(session, house.settings, shop, house.returns()[0].number, "se lo queda", actor="cli:jon@test")
    house.until(order.at + 12 * DAY)
    assert "review_request" in names(house)
