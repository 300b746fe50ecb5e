"""Orders that a shop deleted without a word: nothing more goes out for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from jobs import gone
from jobs.reconcile import reconcile as compare
from postventa.models import Order, Shop
from postventa.models.db import reading, transaction
from postventa.shops import find
from tests.conftest import TestClock
from tests.jobs.test_import_history import KEYS, house_of
from tests.peers.shop import BROKEN, Call, Reply
from tests.peers.shopify import ShopifyPeer, order_document
from tests.peers.woocommerce import PREFIX, WooCommercePeer
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import DAY, HOUR, NOON, ShopifyOrder, WooOrder, tracked


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer) -> House:
    """Two orders that were delivered: each customer is asked how it was a week later."""
    made = house_of(engine, clock, tmp_path, alba(url=shop.url, **KEYS))
    for ref in (4001, 4002):
        order = WooOrder(ref, NOON, f"{ref}@cliente.example").tell("order.created")
        order.tell(after=HOUR, status="enviado", meta_data=tracked((f"PK{ref}", NOON + HOUR))).tell(after=DAY, status="entregado")
        shop.orders[ref] = order.body
        for sent in order.sent:
            clock.set(max(sent.at, clock.now()))
            made.deliver("woocommerce", sent)
            made.run()
    return made


def requests(house: House) -> dict[str, str]:
    with reading(house.engine) as session:
        refs = {row_id: ref for row_id, ref in session.execute(select(Order.id, Order.ref))}  # noqa: C416  (rows are no pairs to mypy)
    return {refs[effect.order_id]: effect.state for effect in house.effects(followup="review_request") if effect.order_id}


def row(house: House) -> Shop:
    with reading(house.engine) as session:
        return session.scalars(select(Shop)).one()


@pytest.mark.parametrize("how", ["deleted", "binned"])
def test_an_order_that_is_gone_is_found_and_its_customer_is_left_in_peace(house: House, shop: WooCommercePeer, how: str) -> None:
    if how == "deleted":
        del shop.orders[4001]
    else:
        shop.orders[4001] = {**shop.orders[4001], "status": "trash"}
    compare(house.shops["woocommerce"])
    house.until(NOON + 40 * DAY)
    assert requests(house) == {"4001": "suppressed", "4002": "done"}
    assert row(house).found_by_poll == 1


class Hiding(WooCommercePeer):
    """A shop with a plugin that hides orders from lists."""

    def answer(self, call: Call) -> Reply:
        return Reply(document=[]) if call.path == f"{PREFIX}orders" and "include" in call.query else super().answer(call)


def test_an_order_that_a_list_hides_is_not_taken_for_gone(house: House, shop: WooCommercePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop, "__class__", Hiding)
    compare(house.shops["woocommerce"])
    assert {call.path for call in shop.calls} >= {f"{PREFIX}orders/4001", f"{PREFIX}orders/4002"}, "each was asked for by itself"
    assert requests(house) == {"4001": "planned", "4002": "planned"}
    assert row(house).found_by_poll == 0


def test_it_is_not_asked_with_every_comparison(house: House, shop: WooCommercePeer) -> None:
    compare(house.shops["woocommerce"])
    asked = len(shop.calls)
    compare(house.shops["woocommerce"])
    assert len(shop.calls) == asked + 1, "only what changed"
    with transaction(house.engine) as session:
        found = session.scalars(select(Shop)).one()
        assert found.gone_checked_at is not None
        found.gone_checked_at -= gone.EVERY + timedelta(seconds=1)
    compare(house.shops["woocommerce"])
    assert len(shop.calls) == asked + 3


def test_a_shop_in_trouble_loses_no_order(house: House, shop: WooCommercePeer) -> None:
    shop.orders.clear()
    shop.trouble = BROKEN
    with transaction(house.engine) as session:
        found = find(session, house.shops["woocommerce"], house.world.settings, house.world.secret)
    gone.look_for_gone(house.world, found)
    assert requests(house) == {"4001": "planned", "4002": "planned"}
    assert row(house).gone_checked_at is None, "it is asked again at the next comparison"
    assert row(house).api_paused_until is not None


def test_shopify_tells_with_an_empty_node(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer()
    with peer.open():
        house = house_of(engine, clock, tmp_path, lola(url=peer.url, access_token="shpat_lola"))
        for ref in (5001, 5002):
            order = ShopifyOrder(ref).tell("orders/create").fulfil(ref * 10, 11, after=HOUR).scan(ref * 10, "delivered", after=HOUR)
            peer.orders[f"gid://shopify/Order/{ref}"] = order_document(order.body)
            for sent in order.sent:
                house.deliver("shopify", sent)
        del peer.orders["gid://shopify/Order/5001"]
        compare(house.shops["shopify"])
        assert requests(house)["5001"] == "suppressed"
        assert requests(house)["5002"] == "planned"
