"""What the demonstration plays is whole, honest and fits together."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import BadSignature, Unreadable
from connectors.shops import SHOPS
from connectors.shops.base import Reading, ShopContext
from postventa.demo import data, sender, words
from postventa.demo.data import Delivery
from postventa.events import OrderSeen, Step
from postventa.followups import FOLLOWUPS
from postventa.locale import choose

DELIVERIES = data.deliveries()
SIGNED = [delivery for delivery in DELIVERIES if delivery.sender not in ("ping", "stranger")]
READ = [delivery for delivery in SIGNED if delivery.ends != "poison"]
STATUS_MAP = {"preparando": Step.PREPARED, "enviado": Step.SHIPPED, "en-reparto": Step.OUT_FOR_DELIVERY, "entregado": Step.DELIVERED}


def name(delivery: Delivery) -> str:
    return f"{delivery.at:%m-%d %H:%M:%S} {delivery.file}"


def reading(delivery: Delivery) -> Reading:
    context = ShopContext(status_map=STATUS_MAP | {"devolucion": Step.RETURN_REQUESTED}, received_at=delivery.at)
    return SHOPS[sender.PLATFORMS[delivery.shop]].normalise(delivery.topic, delivery.body, context)


def test_every_body_is_played_and_every_played_body_is_there() -> None:
    there = {str(file.relative_to(data.HERE / "bodies")) for file in (data.HERE / "bodies").rglob("*.*")}
    assert there == {delivery.file for delivery in DELIVERIES if delivery.file}


def test_the_deliveries_stand_in_the_order_of_time_within_the_forty_days() -> None:
    moments = [delivery.at for delivery in DELIVERIES]
    assert moments == sorted(moments)
    assert moments[0] > data.FIRST
    assert moments[-1] < data.LAST
    assert data.day_of(data.LAST) == data.DAYS == 40


@pytest.mark.parametrize("delivery", SIGNED, ids=name)
def test_a_shop_signs_as_its_platform_does(delivery: Delivery) -> None:
    platform, secret = SHOPS[sender.PLATFORMS[delivery.shop]], "la clave de la tienda"
    sent = sender.headers(delivery, secret)
    assert platform.verify(delivery.body, sent, [secret]) == 0
    seen = platform.delivery(delivery.body, sent)
    assert (seen.topic, seen.delivery_id) == (delivery.topic, delivery.delivery_id)
    with pytest.raises(BadSignature):
        platform.verify(delivery.body + b" ", sent, [secret])


def test_a_stranger_is_not_believed() -> None:
    stranger = next(delivery for delivery in DELIVERIES if delivery.sender == "stranger")
    with pytest.raises(BadSignature):
        SHOPS["woocommerce"].verify(stranger.body, sender.headers(stranger, "la clave de la tienda"), ["la clave de la tienda"])


def test_the_greeting_is_woocommerces_own() -> None:
    ping = next(delivery for delivery in DELIVERIES if delivery.sender == "ping")
    assert SHOPS["woocommerce"].ping(ping.body, sender.headers(ping, "la clave de la tienda"))


@pytest.mark.parametrize("delivery", READ, ids=name)
def test_a_delivery_is_read_or_left_alone_as_the_timeline_says(delivery: Delivery) -> None:
    found = reading(delivery)
    assert bool(found.ignored) == (delivery.ends == "ignored"), found.ignored
    assert bool(found.events) == (delivery.ends != "ignored")


@pytest.mark.parametrize("delivery", READ, ids=name)
def test_no_body_knows_the_future_and_none_is_older_than_shops_deliver(delivery: Delivery) -> None:
    times = [event.at for event in reading(delivery).events if event.kind in ("OrderSeen", "ParcelSeen")]
    assert all(at <= delivery.at for at in times)
    assert not times or delivery.at - max(times) < timedelta(days=4)


def test_the_one_delivery_that_cannot_be_read_is_properly_signed_nonsense() -> None:
    (nonsense,) = [delivery for delivery in DELIVERIES if delivery.ends == "poison"]
    with pytest.raises(Unreadable):
        reading(nonsense)


def test_the_oddities_of_real_shops_are_all_there() -> None:
    ends = {delivery.ends for delivery in DELIVERIES}
    assert ends == {"read", "ignored", "poison", "repeated", "refused", "greeted"}
    assert {delivery.sender for delivery in DELIVERIES} == {"shop", "shop-new", "ping", "stranger"}
    by_id: dict[str, set[bytes]] = {}
    for delivery in DELIVERIES:
        by_id.setdefault(delivery.delivery_id, set()).add(delivery.body)
    assert any(len(bodies) > 1 for key, bodies in by_id.items() if key), "one Delivery-ID for two orders"
    first = {(d.shop, event.order_ref): event.kind for d in reversed(READ) for event in reversed(reading(d).events)}
    assert first["lola", "6100000001047"] != "OrderSeen", "a fulfilment before its order"
    statuses = [json.loads(d.body)["status"] for d in DELIVERIES if d.file.startswith("alba/2302")]
    assert statuses[0] == "checkout-draft"


def test_a_repetition_repeats_something() -> None:
    for index, delivery in enumerate(DELIVERIES):
        before = {(d.shop, d.topic, d.delivery_id, d.body) for d in DELIVERIES[:index]}
        known = (delivery.shop, delivery.topic, delivery.delivery_id, delivery.body) in before
        assert known == (delivery.ends == "repeated"), name(delivery)


def test_every_order_that_comes_in_has_its_story_and_the_other_way_round() -> None:
    seen = {(d.shop, event.order.number) for d in READ for event in reading(d).events if isinstance(event, OrderSeen)}
    assert seen == set(data.stories())


def test_every_story_but_the_test_orders_says_what_must_come_of_it() -> None:
    expected = data.expected()
    assert {(one.shop, one.order) for one in expected} == set(data.stories()) - {("lola", "#1046")}
    assert len(expected) == len(set(expected))
    assert {one.followup for one in expected} <= set(FOLLOWUPS) | {"low_rating"}
    assert {one.state for one in expected} <= {"done", "suppressed", "cancelled"}
    assert all(1 <= one.day <= data.DAYS for one in expected)


def test_the_whole_journey_is_shown() -> None:
    shown = {one.followup for one in data.expected() if one.state == "done"}
    assert set(FOLLOWUPS) - shown == {
        "return_approved", "return_changed", "return_credited", "return_declined", "return_cancelled", "return_pickup", "return_pickup_again",
        "return_exchange", "return_proof", "order_link", "code",
    }  # fmt: skip


def test_all_nine_languages_are_spoken() -> None:
    spoken = {story.language for story in data.stories().values()}
    assert spoken == {"es", "ca", "gl", "eu", "en", "pt", "fr", "de", "it"}
    assert {choose(language) for language in spoken} == spoken


def test_customers_only_open_mails_that_they_must_have_by_then() -> None:
    done = {(one.shop, one.order, one.followup, one.day) for one in data.expected() if one.state == "done"}
    for visit in data.visits():
        assert any((visit.shop, visit.order, visit.followup, day) in done for day in range(1, data.day_of(visit.at) + 1))


def test_nobody_in_it_is_real() -> None:
    text = "".join(delivery.body.decode() for delivery in DELIVERIES)
    addresses = set(re.findall(r"[\w.+-]+@[\w.-]+", text))
    assert addresses
    assert {address.rpartition(".")[2] for address in addresses} == {"example"}
    hosts = set(re.findall(r'https?:\\?/\\?/([^/\\"?]+)', text))
    known = {"ceramica-alba.example", "zapateria-lola.myshopify.com"}
    assert {host for host in hosts if not host.endswith(".example")} <= known | {"maps.example"}


def test_every_follow_up_has_words_for_the_screen() -> None:
    assert set(FOLLOWUPS) | {"low_rating"} <= set(words.FOLLOWUPS)
    assert words.clock(datetime(2026, 10, 28, 11, 20, tzinfo=UTC)) == "mié 28 oct 12:20"
    assert words.reason("the customer does not want it: unsubscribed on 2026-10-20") == "se dio de baja el 20/10"
    assert words.reason("a reason that nobody translated") == "a reason that nobody translated"
