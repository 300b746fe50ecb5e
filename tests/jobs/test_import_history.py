"""The past of a shop that was just connected is read in small steps, told to nobody, and read once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, func, select

from connectors.shops.woocommerce import past
from jobs import import_history, queue
from postventa import alarms, imports, leases
from postventa.clock import real_now
from postventa.config import Settings, ShopSettings
from postventa.models import Customer, Effect, Order, Shop, ShopImport
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.peers.shop import BROKEN, LOGIN_PAGE, REVOKED, SLOW_DOWN, Call, Reply
from tests.peers.shopify import ShopifyPeer, order_document
from tests.peers.woocommerce import PREFIX, WooCommercePeer
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import DAY, HOUR, MINUTE, NOON, ShopifyOrder, WooOrder, tracked

KEYS = {"consumer_key": "ck_alba", "consumer_secret": "cs"}


def house_of(engine: Engine, clock: TestClock, folder: Path, *shops: ShopSettings, redis_url: str = "redis://127.0.0.1:1/0", **changes: Any) -> House:
    clock.set(NOON)
    made = House(engine, clock, folder, *shops, redis_url=redis_url)
    document = made.settings.model_dump() | {"source": made.settings.source}
    document["security"]["allow_private_hosts"] = ["127.0.0.1"]
    document["reconcile"].update({"calls_per_second": 100.0, **changes})
    made.settings = made.world.settings = Settings.model_validate(document)
    return made


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer) -> House:
    return house_of(engine, clock, tmp_path, alba(url=shop.url, **KEYS))


def sell(shop: WooCommercePeer, count: int, first: int = 4001) -> None:
    """Orders of the last weeks: each was paid, sent and delivered long before anybody connected the shop."""
    for number in range(count):
        order = WooOrder(first + number, NOON - 50 * DAY + number * HOUR, f"c{number}@cliente.example").tell("order.created")
        shop.orders[first + number] = order.tell(after=DAY, status="completed").body


def run(house: House, steps: int = 100, platform: str = "woocommerce") -> int:
    """Steps that were taken until the import was finished, or `steps`."""
    import_history.begin_all(house.world)
    for number in range(steps):
        if told(house, platform).finished:
            return number
        import_history.step(house.shops[platform])
    return steps


def told(house: House, platform: str = "woocommerce") -> imports.Progress:
    with reading(house.engine) as session:
        progress = imports.progress(session, house.shops[platform])
    assert progress is not None
    return progress


def orders(house: House) -> list[Order]:
    with reading(house.engine) as session:
        return list(session.scalars(select(Order).order_by(Order.ref)))


def count(house: House, table: type[Effect]) -> int:
    with reading(house.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def rested(house: House) -> None:
    """As if the pause after trouble were over."""
    with transaction(house.engine) as session:
        session.scalars(select(Shop)).one().api_paused_until = None


def test_the_past_is_read_in_pieces_and_nobody_hears_of_it(house: House, shop: WooCommercePeer, clock: TestClock) -> None:
    sell(shop, past.PIECE + 5)
    old = WooOrder(3001, NOON - 61 * DAY).tell("order.created")
    shop.orders[3001] = old.body
    shop.orders[3002] = WooOrder(3002, NOON - DAY).tell("order.created", status="checkout-draft").body
    assert run(house) == 2
    progress = told(house)
    assert (progress.done, progress.total, progress.share, progress.trouble) == (past.PIECE + 6, past.PIECE + 6, 1.0, "")
    assert {order.ref for order in orders(house)} == {str(4001 + number) for number in range(past.PIECE + 5)}, "no cart, and nothing too old"
    assert all(order.imported for order in orders(house))
    house.until(NOON + 40 * DAY)
    assert house.postman.mails == []
    assert count(house, Effect) == 0, "nothing is planned, and so nothing can be sent"


def test_what_moves_on_afterwards_is_told_and_what_had_happened_is_not(house: House, shop: WooCommercePeer, clock: TestClock) -> None:
    order = WooOrder(4001, NOON - HOUR).tell("order.created")
    shop.orders[4001] = order.body
    run(house)

    left = order.at + 2 * HOUR
    clock.set(left)
    house.deliver("woocommerce", order.tell(after=2 * HOUR, status="enviado", meta_data=tracked(("PK1", left))).sent[-1], left)
    house.until(NOON + 2 * HOUR)
    assert [str(mail["X-Postventa-Followup"]) for mail in house.postman.mails] == ["shipped"]
    received = house.effects(followup="order_received")
    assert [(effect.state, effect.reason) for effect in received] == [
        ("suppressed", "imported history: nothing is sent for what happened before the shop was connected")
    ]


def test_a_review_of_what_was_delivered_before_is_not_asked_for(house: House, shop: WooCommercePeer, clock: TestClock) -> None:
    order = WooOrder(4001, NOON - 5 * DAY).tell("order.created")
    order.tell(after=DAY, status="enviado", meta_data=tracked(("PK1", NOON - 4 * DAY))).tell(after=DAY, status="entregado")
    shop.orders[4001] = order.body
    run(house)
    house.deliver("woocommerce", order.tell(after=4 * DAY, customer_note="gracias").sent[-1], NOON + DAY)
    house.until(NOON + 40 * DAY)
    assert house.postman.mails == []


def test_an_order_that_its_webhook_told_first_stays_ours_to_write_about(house: House, shop: WooCommercePeer) -> None:
    order = WooOrder(4001, NOON - MINUTE).tell("order.created")
    shop.orders[4001] = order.body
    house.deliver("woocommerce", order.sent[0])
    run(house)
    house.until(NOON + HOUR)
    assert [str(mail["X-Postventa-Followup"]) for mail in house.postman.mails] == ["order_received"]
    assert [order.imported for order in orders(house)] == [False]


def test_parcels_are_asked_for_of_orders_that_came_with_it_and_of_no_others(house: House, shop: WooCommercePeer) -> None:
    fulfilled = [{"id": 1, "key": "_fulfillment_status", "value": "fulfilled"}]
    for ref in (4001, 4002):
        shop.orders[ref] = WooOrder(ref, NOON - DAY).tell("order.created", meta_data=fulfilled).body
    house.deliver("woocommerce", WooOrder(4001, NOON - DAY).tell("order.created").sent[0])
    run(house)
    assert [effect.subject_ref for effect in house.effects(followup="fetch_parcels")] == ["4002"]


def test_new_keys_do_not_begin_it_again(house: House, shop: WooCommercePeer) -> None:
    sell(shop, 3)
    run(house)
    calls = len(shop.calls)
    import_history.begin_all(house.world)
    import_history.step(house.shops["woocommerce"])
    assert len(shop.calls) == calls
    with reading(house.engine) as session:
        assert len(session.scalars(select(ShopImport)).all()) == 1


def test_a_shop_without_keys_has_no_past_to_read_and_begins_when_it_gets_some(
    engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer
) -> None:
    bare = house_of(engine, clock, tmp_path, alba(url=shop.url))
    import_history.begin_all(bare.world)
    with reading(engine) as session:
        assert imports.progress(session, bare.shops["woocommerce"]) is None
    sell(shop, 2)
    keyed = house_of(engine, clock, tmp_path, alba(url=shop.url, **KEYS))
    run(keyed)
    assert len(orders(keyed)) == 2


def test_it_can_be_switched_off(engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer) -> None:
    house = house_of(engine, clock, tmp_path, alba(url=shop.url, **KEYS), history=0)
    import_history.begin_all(house.world)
    with reading(engine) as session:
        assert imports.progress(session, house.shops["woocommerce"]) is None


@pytest.mark.parametrize("place", ["import.after_answer", "import.before_place"])
def test_a_worker_that_dies_costs_one_step_and_nothing_is_read_wrong(
    house: House, shop: WooCommercePeer, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(shop, past.PIECE + 3)

    def die(name: str, *_: Any) -> None:
        if name == place:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("postventa.failpoints.hit", die)
        with pytest.raises(KeyboardInterrupt):
            run(house, 1)
    assert (told(house).done, told(house).finished) == (0, False)
    run(house)
    assert told(house).done == past.PIECE + 3
    assert len(orders(house)) == past.PIECE + 3
    assert all(order.imported for order in orders(house))


def test_two_workers_do_not_read_one_piece(house: House, shop: WooCommercePeer) -> None:
    sell(shop, 2)
    import_history.begin_all(house.world)
    with transaction(house.engine) as session:
        assert leases.take(session, f"import:{house.shops['woocommerce']}", house.world.owner, 60) is not None
    import_history.step(house.shops["woocommerce"])
    assert shop.calls == []


TROUBLE = [
    pytest.param(BROKEN, "trouble of its own: 503", id="500"),
    pytest.param(SLOW_DOWN, "asks us to slow down", id="429"),
    pytest.param(LOGIN_PAGE, "something else than a list of orders", id="html"),
    pytest.param(Reply(document={"orders": 7}), "something else than a list of orders", id="no-list"),
    pytest.param(Reply(302, headers=(("Location", "http://169.254.169.254/latest/meta-data"),)), "sends us on to another address", id="redirect"),
    pytest.param(REVOKED, "does not accept the API key", id="401"),
]


@pytest.mark.parametrize(("reply", "said"), TROUBLE)
def test_trouble_is_said_harms_nobody_and_ends(house: House, shop: WooCommercePeer, reply: Reply, said: str) -> None:
    sell(shop, 3)
    shop.trouble = reply
    run(house, 1)
    assert said in told(house).trouble
    assert "169.254" not in told(house).trouble
    import_history.step(house.shops["woocommerce"])
    assert len(shop.calls) == 1, "it rests with all other work of that shop"
    for _ in range(import_history.STUCK):
        rested(house)
        import_history.step(house.shops["woocommerce"])
    with reading(house.engine) as session:
        assert "import-stuck" in {alarm.name for alarm in alarms.open_alarms(session)}
    assert [effect.recipient for effect in house.effects(followup="import_stuck")] == ["mara@ceramica-alba.example"], "the merchant reads of it once"
    shop.trouble = None
    rested(house)
    run(house)
    assert (told(house).done, told(house).trouble) == (3, "")
    with reading(house.engine) as session:
        assert "import-stuck" not in {alarm.name for alarm in alarms.open_alarms(session)}


class Heavy(WooCommercePeer):
    """A shop that cannot list more than three whole orders at a time."""

    def answer(self, call: Call) -> Reply:
        heavy = call.path == f"{PREFIX}orders" and int(call.query.get("per_page", 10)) > 3
        return Reply(500, {"code": "internal_server_error"}) if heavy else super().answer(call)


def test_a_piece_that_a_shop_cannot_bear_is_asked_for_in_smaller_ones(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    peer = Heavy()
    with peer.open():
        house = house_of(engine, clock, tmp_path, alba(url=peer.url, **KEYS))
        sell(peer, 4)
        import_history.begin_all(house.world)
        for _ in range(5):
            rested(house)
            import_history.step(house.shops["woocommerce"])
        assert [order.ref for order in orders(house)] == ["4001", "4002", "4003"]


def test_orders_of_one_second_are_all_read(house: House, shop: WooCommercePeer) -> None:
    for number in range(past.PIECE * 2 + 1):
        shop.orders[4001 + number] = WooOrder(4001 + number, NOON - DAY).tell("order.created").body
    assert run(house) == 3
    assert len(orders(house)) == past.PIECE * 2 + 1


def test_shopify_orders_are_listed_and_asked_for_by_themselves(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(scopes=("read_orders", "read_customers", "read_products"))
    with peer.open():
        house = house_of(engine, clock, tmp_path, lola(url=peer.url, access_token="shpat_lola"))
        for number in range(7):
            order = ShopifyOrder(5001 + number, NOON - 20 * DAY + number * HOUR).tell("orders/create")
            document = order_document(order.body)
            document["customer"] |= {"locale": "ca", "defaultEmailAddress": consent(number)}
            peer.orders[document["id"]] = document
        assert run(house, platform="shopify") == 2
        assert (told(house, "shopify").done, told(house, "shopify").total) == (7, 7)
        assert len(orders(house)) == 7
    house.until(NOON + 40 * DAY)
    assert house.postman.mails == []
    with reading(engine) as session:
        said = {row.email: (row.marketing, row.locale) for row in session.scalars(select(Customer))}
    assert (said["c0@cliente.example"][0], said["c1@cliente.example"][0]) == (True, False), "what webhooks do not carry any more"


def consent(number: int) -> dict[str, Any]:
    since = (NOON - 30 * DAY).isoformat()
    return {"emailAddress": f"c{number}@cliente.example", "marketingState": "UNSUBSCRIBED" if number else "SUBSCRIBED", "marketingUpdatedAt": since}


def test_steps_are_asked_for_while_the_queue_is_short_and_two_shops_at_a_time(
    engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer, redis_url: str, redis: Redis
) -> None:
    keys = ("alba-0123456789abcdef", "otto-0123456789abcdef", "jon-00123456789abcdef")
    house = house_of(engine, clock, tmp_path, *(alba(key=key, name=key[:4], url=shop.url, **KEYS) for key in keys), redis_url=redis_url)
    import_history.begin_all(house.world)
    import_history.go_on(house.world)
    assert queue.depth(redis)[queue.LATER] == import_history.AT_ONCE
    import_history.go_on(house.world)
    assert queue.depth(redis)[queue.LATER] == import_history.AT_ONCE, "asked twice is asked once"
    queue.enqueue(redis, queue.LATER, "reconcile.reconcile", range(1, import_history.SHORT + 1))
    redis.delete(*redis.keys("rq:job:step-*"))
    import_history.go_on(house.world)
    assert redis.keys("rq:job:step-*") == [], "other work goes first"


def test_a_shop_in_trouble_keeps_no_other_from_its_turn(engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer) -> None:
    keys = ("alba-0123456789abcdef", "otto-0123456789abcdef", "jon-00123456789abcdef")
    house = house_of(engine, clock, tmp_path, *(alba(key=key, name=key[:4], url=shop.url, **KEYS) for key in keys))
    import_history.begin_all(house.world)
    with transaction(engine) as session:
        first, second, third = session.scalars(select(Shop).order_by(Shop.id)).all()
        first.api_paused_until = real_now() + timedelta(minutes=15)
        wanted = [second.id, third.id]
    with reading(engine) as session:
        assert imports.waiting(session, 2) == wanted
