"""A shop's webhooks are looked at every hour, put right, and what they did not tell is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, select, update

from connectors.shops.shopify.subscriptions import DISPUTES, RIGHTS, enum_of
from connectors.shops.woocommerce.subscriptions import WANTED
from jobs import queue, reconcile, subscriptions
from postventa import alarms
from postventa.clock import real_now
from postventa.config import Settings, ShopSettings
from postventa.models import Inbound, Shop
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.peers.shop import BROKEN, REVOKED, Call, Reply
from tests.peers.shopify import ShopifyPeer, order_document
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import NOON, ShopifyOrder, WooOrder

PUBLIC = "https://posventa.example"
OURS = f"{PUBLIC}/webhooks/woocommerce/alba-0123456789abcdef"
LOLAS = f"{PUBLIC}/webhooks/shopify/lola-0123456789abcdef"
OTHERS = "https://erp.example/hook"
KEYS = {"consumer_key": "ck_alba", "consumer_secret": "cs"}
SCOPES = ("read_orders", "read_returns", "read_fulfillments", "read_customers")


@dataclass
class Moody(WooCommercePeer):
    """A shop that breaks at its `patience`-th change of a webhook."""

    patience: int = 99

    def answer(self, call: Call) -> Reply:
        return BROKEN if call.method != "GET" and self.asked_webhooks("POST", "PUT", "DELETE") > self.patience else super().answer(call)


@dataclass
class Stage:
    """A house beside a shop."""

    engine: Engine
    clock: TestClock
    folder: Path
    redis_url: str

    def house(self, shop: ShopSettings, **reconcile: Any) -> House:
        self.clock.set(NOON)
        made = House(self.engine, self.clock, self.folder, shop, redis_url=self.redis_url)
        document = made.settings.model_dump() | {"source": made.settings.source}
        document["server"]["public_url"] = reconcile.pop("public_url", PUBLIC)
        document["security"]["allow_private_hosts"] = ["127.0.0.1"]
        document["reconcile"].update(reconcile)
        made.settings = made.world.settings = Settings.model_validate(document)
        return made


@pytest.fixture
def stage(engine: Engine, clock: TestClock, tmp_path: Path, redis_url: str, redis: Redis) -> Stage:
    return Stage(engine, clock, tmp_path, redis_url)


@pytest.fixture
def shop() -> Iterator[Moody]:
    peer = Moody()
    with peer.open():
        yield peer


@pytest.fixture
def shopify() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(scopes=SCOPES)
    with peer.open():
        yield peer


@pytest.fixture
def house(stage: Stage, shop: Moody) -> House:
    """Alba's, all of whose webhooks are there."""
    for topic in WANTED:
        shop.webhook(topic, OURS)
    return stage.house(alba(url=shop.url, **KEYS))


def look(house: House) -> None:
    subscriptions.look_after(row(house).id)


def an_hour_passes(house: House) -> None:
    """Nothing rests any more, and the next look is due; everything that is known happened an hour earlier."""
    hour = timedelta(hours=1)
    with transaction(house.engine) as session:
        for known in session.scalars(select(Shop)):
            known.api_paused_until = known.api_paused_until and known.api_paused_until - hour
            known.subscriptions_checked_at = known.subscriptions_checked_at and known.subscriptions_checked_at - hour
            known.subscriptions_well_at = known.subscriptions_well_at and known.subscriptions_well_at - hour


def row(house: House) -> Shop:
    with reading(house.engine) as session:
        return session.scalars(select(Shop)).one()


def opened(house: House) -> dict[str, str]:
    with reading(house.engine) as session:
        return {alarm.name: alarm.message for alarm in alarms.open_alarms(session)}


def compared(house: House, redis: Redis, since: datetime | None) -> bool:
    """Whether the shop is to be compared at once, from then on at the latest."""
    asked = f"reconcile-{row(house).id}-again" in queue._queue(redis, queue.LATER).get_job_ids()
    return asked and since is not None and row(house).polled_until == since


def test_where_all_is_well_nothing_is_written_and_the_next_look_is_in_an_hour(house: House, shop: Moody) -> None:
    before = real_now()
    look(house)
    assert (row(house).subscriptions_well_at or before) >= before
    look(house)
    subscriptions.look_after_all(house.world)
    assert (shop.asked_webhooks("GET"), shop.asked_webhooks("POST", "PUT", "DELETE")) == (1, 0)
    an_hour_passes(house)
    look(house)
    assert shop.asked_webhooks("GET") == 2
    assert opened(house) == {}


def test_what_is_wrong_is_put_right_once_and_told_and_the_gap_is_looked_for(house: House, shop: Moody, redis: Redis) -> None:
    look(house)
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(polled_until=real_now() + timedelta(seconds=5)))
    an_hour_passes(house)
    since = row(house).subscriptions_well_at
    created, updated, deleted, _ = WANTED
    by_topic = {hook["topic"]: ident for ident, hook in shop.webhooks.items()}
    shop.webhooks[by_topic[created]]["status"] = "disabled"
    shop.webhooks[by_topic[updated]]["delivery_url"] = OURS.replace(PUBLIC, "https://old.example")
    del shop.webhooks[by_topic[deleted]]
    double = shop.webhook(created, OURS, "paused")
    theirs = [shop.webhook(created, OTHERS, "disabled"), shop.webhook("product.updated", OURS, "paused")]
    kept = [dict(shop.webhooks[ident]) for ident in theirs]
    look(house)
    ours = {hook["topic"]: (hook["status"], hook["delivery_url"]) for ident, hook in shop.webhooks.items() if ident not in theirs}
    assert ours == dict.fromkeys(WANTED, ("active", OURS))
    assert [shop.webhooks[ident] for ident in theirs] == kept, "other programs' are not touched"
    assert double not in shop.webhooks
    assert len(shop.webhooks) == len(WANTED) + len(theirs)
    assert set(shop.secrets.values()) == {"secreto-de-alba"}
    told = opened(house)["webhooks-restored"]
    for words in (f"{created} was switched off", f"{updated} led to https://old.example", f"{deleted} was missing", f"{since:%Y-%m-%d %H:%M} UTC"):
        assert words in told
    assert "alba-0123456789abcdef" not in told
    assert compared(house, redis, since)
    an_hour_passes(house)
    changes = shop.asked_webhooks("POST", "PUT", "DELETE")
    look(house)
    assert shop.asked_webhooks("POST", "PUT", "DELETE") == changes == 4


def test_a_new_shops_webhooks_are_made_without_an_alarm(stage: Stage, shop: Moody, redis: Redis) -> None:
    house = stage.house(alba(url=shop.url, **KEYS))
    look(house)
    assert sorted(hook["topic"] for hook in shop.webhooks.values()) == sorted(WANTED)
    assert opened(house) == {}
    assert not queue._queue(redis, queue.LATER).get_job_ids(), "what happened before it was connected is not ours to tell"


def test_a_loss_before_the_first_look_counts_from_the_last_delivery(stage: Stage, shop: Moody, redis: Redis) -> None:
    house = stage.house(alba(url=shop.url, **KEYS))
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(polled_until=real_now()))
        came = session.scalars(select(Inbound.stored_at)).one()
    look(house)
    assert "order.updated was missing" in opened(house)["webhooks-restored"]
    assert compared(house, redis, came)


def test_a_key_that_only_reads_is_one_alarm_that_names_the_right_and_no_storm(house: House, shop: Moody) -> None:
    shop.writes = False
    for hook in shop.webhooks.values():
        hook["status"] = "disabled"
    look(house)
    look(house)
    assert (shop.asked_webhooks("GET"), shop.asked_webhooks("POST", "PUT", "DELETE")) == (1, 1)
    assert set(opened(house)) == {"webhooks-not-restored"}
    assert " was switched off" in opened(house)["webhooks-not-restored"]
    assert "Lectura/Escritura" in opened(house)["webhooks-not-restored"]
    assert (row(house).api_paused_until, row(house).api_failures) == (None, 0), "everything else goes on"
    assert row(house).subscriptions_well_at is None
    shop.writes = True
    an_hour_passes(house)
    look(house)
    assert set(opened(house)) == set(), "it never was well before, and no delivery ever came"
    assert {hook["status"] for hook in shop.webhooks.values()} == {"active"}


def test_a_user_who_may_not_see_webhooks_is_one_alarm_and_stops_nothing_else(house: House, shop: Moody) -> None:
    shop.manages = False
    look(house)
    look(house)
    assert shop.asked_webhooks("GET") == 1
    assert "manage_woocommerce" in opened(house)["webhooks-not-restored"]
    assert row(house).api_paused_until is None


@pytest.mark.parametrize(("trouble", "alarm"), [(BROKEN, set()), (REVOKED, {"shop-refuses-us"})], ids=["503", "401"])
def test_an_api_in_trouble_is_asked_again_when_that_is_over(house: House, shop: Moody, trouble: Reply, alarm: set[str]) -> None:
    shop.trouble = trouble
    look(house)
    look(house)
    assert len(shop.calls) == 1
    assert set(opened(house)) == alarm
    shop.trouble = None
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(api_paused_until=real_now()))
    look(house)
    assert (len(shop.calls), opened(house), row(house).api_failures) == (2, {}, 0)


def test_trouble_in_the_middle_leaves_the_rest_for_the_next_look(house: House, shop: Moody) -> None:
    look(house)
    an_hour_passes(house)
    for hook in shop.webhooks.values():
        hook["status"] = "disabled"
    shop.patience = 1
    look(house)
    assert sorted(hook["status"] for hook in shop.webhooks.values()) == ["active", "disabled", "disabled", "disabled"]
    assert opened(house)["webhooks-restored"].count("was switched off") == 1
    assert row(house).api_failures == 1
    shop.patience = 99
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(api_paused_until=real_now()))
    look(house)
    assert {hook["status"] for hook in shop.webhooks.values()} == {"active"}
    assert opened(house)["webhooks-restored"].count("was switched off") == 3


def test_a_shop_that_answers_slowly_keeps_no_worker_for_long(house: House, shop: Moody, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.webhooks.clear()
    monkeypatch.setattr(subscriptions, "LONGEST", -1.0)
    look(house)
    assert (shop.webhooks, row(house).api_failures, row(house).subscriptions_checked_at) == ({}, 1, None)


def test_two_workers_that_look_at_once_make_nothing_twice(house: House, shop: Moody, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.webhooks.clear()
    honest = shop.answer

    def answer(call: Call) -> Reply:
        if call.method == "GET" and shop.asked_webhooks("GET") == 1:
            look(house)  # the other worker, while the first one waits for its answer
        return honest(call)

    monkeypatch.setattr(shop, "answer", answer)
    look(house)
    assert sorted(hook["topic"] for hook in shop.webhooks.values()) == sorted(WANTED)
    assert shop.asked_webhooks("GET") == 1


@pytest.mark.parametrize(
    ("changes", "settings"),
    [
        ({"consumer_key": ""}, {}),
        ({"webhooks": "leave"}, {}),
        ({}, {"public_url": ""}),
        ({}, {"public_url": "http://posventa.example"}),
        ({}, {"public_url": "https://localhost:8000"}),
    ],
    ids=["no keys", "leave", "no address", "no TLS", "this machine"],
)
def test_who_cannot_or_does_not_want_to_be_looked_after_is_not_asked(
    stage: Stage, shop: Moody, redis: Redis, changes: dict[str, str], settings: dict[str, str]
) -> None:
    house = stage.house(alba(**{"url": shop.url, **KEYS, **changes}), **settings)
    subscriptions.look_after_all(house.world)
    look(house)
    assert (shop.calls, opened(house), queue._queue(redis, queue.LATER).count) == ([], {}, 0)


def test_a_shop_that_uninstalled_the_app_is_not_asked(house: House, shop: Moody) -> None:
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(disconnected_at=real_now()))
    look(house)
    assert shop.calls == []


def test_a_developer_may_have_plain_http(stage: Stage, shop: Moody) -> None:
    house = stage.house(alba(url=shop.url, **KEYS), public_url="http://127.0.0.1:8000", plain_http=True)
    look(house)
    assert {hook["delivery_url"] for hook in shop.webhooks.values()} == {"http://127.0.0.1:8000/webhooks/woocommerce/alba-0123456789abcdef"}


def test_every_shop_whose_hour_has_come_is_asked_for_once(house: House, redis: Redis) -> None:
    for _ in range(2):
        subscriptions.look_after_all(house.world)
    assert queue._queue(redis, queue.LATER).get_job_ids() == [f"look_after-{row(house).id}"]


WISHES = {topic for topic, right in RIGHTS.items() if right != DISPUTES}


def subscribed(shopify: ShopifyPeer) -> set[str]:
    return {hook["topic"] for hook in shopify.webhooks.values() if hook["uri"] == LOLAS}


def lolas(stage: Stage, shopify: ShopifyPeer, **changes: Any) -> House:
    return stage.house(lola(url=shopify.url, access_token="shpat_lola", **changes))


def test_a_shopify_shop_whose_own_webhooks_nobody_ever_saw_may_have_the_apps_and_is_left_alone(stage: Stage, shopify: ShopifyPeer) -> None:
    shopify.webhook("ORDERS_CREATE", OTHERS)
    house = lolas(stage, shopify)
    house.deliver("shopify", ShopifyOrder(5001).tell("orders/create").sent[0])
    look(house)
    assert (len(shopify.webhooks), opened(house), row(house).subscriptions_well_at) == (1, {}, None)
    look(house)
    assert shopify.asked.count("webhookSubscriptions") == 1


def test_a_shopify_shop_with_webhooks_of_its_own_gets_all_and_gets_them_back(stage: Stage, shopify: ShopifyPeer, redis: Redis) -> None:
    shopify.webhook("ORDERS_CREATE", LOLAS)
    other = shopify.webhook("ORDERS_CREATE", OTHERS)
    house = lolas(stage, shopify)
    look(house)
    assert subscribed(shopify) == {enum_of(topic) for topic in WISHES}
    an_hour_passes(house)
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(polled_until=real_now()))
    since = row(house).subscriptions_well_at
    shopify.webhooks = {other: shopify.webhooks[other]}
    look(house)
    assert subscribed(shopify) == {enum_of(topic) for topic in WISHES}
    assert len(shopify.webhooks) == len(WISHES) + 1
    assert "orders/create was missing" in opened(house)["webhooks-restored"]
    assert compared(house, redis, since)


def test_a_shopify_shop_may_ask_for_webhooks_of_its_own(stage: Stage, shopify: ShopifyPeer) -> None:
    house = lolas(stage, shopify, webhooks="keep")
    look(house)
    assert subscribed(shopify) == {enum_of(topic) for topic in WISHES}
    assert opened(house) == {}


def test_a_right_that_the_app_lacks_is_named_and_everything_else_is_subscribed_to(stage: Stage, shopify: ShopifyPeer) -> None:
    shopify.scopes = ("read_orders", "read_fulfillments", "read_customers")
    house = lolas(stage, shopify, webhooks="keep")
    look(house)
    assert 'without the right "read_returns" it does not tell of returns/request' in opened(house)["webhooks-not-restored"]
    assert subscribed(shopify) == {enum_of(topic) for topic in WISHES if RIGHTS[topic] != "read_returns"}
    shopify.scopes = SCOPES
    an_hour_passes(house)
    look(house)
    assert "webhooks-not-restored" not in opened(house)


def test_orders_of_the_gap_are_found_however_long_it_was(stage: Stage, shopify: ShopifyPeer) -> None:
    house = lolas(stage, shopify)
    long_ago = real_now() - timedelta(days=9)
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(created_at=long_ago - timedelta(days=9), polled_until=real_now() - timedelta(days=1)))
    order = ShopifyOrder(5001, (long_ago + timedelta(days=1)).replace(microsecond=0)).tell("orders/create")
    shopify.orders["gid://shopify/Order/5001"] = order_document(order.body)
    reconcile.reconcile(row(house).id)
    assert house.effects(followup="fetch_order") == [], "the nightly look goes 48 hours back"
    with transaction(house.engine) as session:
        reconcile.look_back(session, row(house).id, long_ago)
    reconcile.reconcile(row(house).id)
    assert [effect.subject_ref for effect in house.effects(followup="fetch_order")] == ["5001"]
    assert (row(house).polled_until or long_ago) > real_now() - timedelta(minutes=1)


def test_a_comparison_that_is_at_work_does_not_undo_a_look_back(house: House, shop: Moody, monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = real_now() - timedelta(days=3)
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(polled_until=real_now()))

    honest = shop.answer

    def answer(call: Call) -> Reply:
        with transaction(house.engine) as session:
            reconcile.look_back(session, row(house).id, long_ago)
        return honest(call)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(shop, "answer", answer)
        reconcile.reconcile(row(house).id)
    assert row(house).polled_until == long_ago
    reconcile.reconcile(row(house).id)
    assert (row(house).polled_until or long_ago) > long_ago
