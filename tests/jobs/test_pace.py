"""All workers together call a shop only so often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from connectors.reading import Part
from connectors.shops.shopify.admin_api import shortage
from jobs import pace, shop_api
from postventa.models import Shop
from postventa.models.db import reading
from postventa.shops import find
from tests.conftest import TestClock
from tests.jobs.test_import_history import house_of
from tests.peers.shopify import PRICE, ShopifyPeer
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House, alba, lola

NOW = datetime(2026, 11, 3, 11, 0, tzinfo=UTC)
QUARTER = timedelta(seconds=0.25)


def test_ten_calls_come_at_once_and_then_four_a_second() -> None:
    free: datetime | None = None
    waits = []
    for _ in range(14):
        turn = pace.next_turn(free, NOW, QUARTER)
        waits.append(max(0.0, (turn - NOW).total_seconds()))
        free = turn + QUARTER
    assert waits == [0.0] * 10 + [0.25, 0.5, 0.75, 1.0]


def test_after_a_rest_no_more_than_ten_may_come_at_once() -> None:
    assert pace.next_turn(NOW - timedelta(hours=1), NOW, QUARTER) == NOW - 9 * QUARTER


def test_a_clock_that_jumped_keeps_nobody_waiting() -> None:
    assert pace.next_turn(NOW + timedelta(days=3), NOW, QUARTER) <= NOW


def waited(house: House, monkeypatch: pytest.MonkeyPatch, platform: str, calls: int) -> list[float]:
    """Seconds that each of so many calls waited for its turn; the clock stands still."""
    with reading(house.engine) as session:
        found = find(session, house.shops[platform], house.world.settings, house.world.secret)
    monkeypatch.setattr(pace, "real_now", lambda: NOW)
    naps: list[float] = []
    for _ in range(calls):
        client = shop_api.client(house.world, found)
        door = client._rest._door if platform == "woocommerce" else client._door  # type: ignore[attr-defined]
        door.sleep = naps.append
        client.changed_since(NOW)
    return naps


def test_workers_share_one_bucket_for_each_shop(
    engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"url": shop.url, "consumer_key": "ck_alba", "consumer_secret": "cs"}
    house = house_of(engine, clock, tmp_path, alba(**keys), calls_per_second=4.0)
    naps = waited(house, monkeypatch, "woocommerce", 13)
    assert naps == pytest.approx([0.25, 0.5, 0.75])
    assert len(shop.calls) == 13, "each came through in the end"


def test_a_low_bucket_of_shopifys_lets_everybody_wait(engine: Engine, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(points=PRICE + 50.0)
    with peer.open():
        house = house_of(engine, clock, tmp_path, lola(url=peer.url, access_token="shpat_lola"))
        assert waited(house, monkeypatch, "shopify", 1) == []
        with reading(engine) as session:
            free = session.scalars(select(Shop.next_call_at)).one()
    assert free == NOW + timedelta(seconds=(PRICE - 50) / 100), "until the bucket holds another such query"


def test_an_answer_that_says_nothing_of_its_bucket_slows_nobody_down() -> None:
    assert shortage(Part({"data": {}})) == 0.0
    assert shortage(Part({"extensions": {"cost": {"requestedQueryCost": 9, "throttleStatus": {"currentlyAvailable": 10, "restoreRate": 1}}}})) == 0.0


def test_the_longest_rest_has_an_end(engine: Engine, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = house_of(engine, clock, tmp_path, alba())
    monkeypatch.setattr(pace, "real_now", lambda: NOW)
    door = pace.paced_door(house.world.settings, engine, house.shops["woocommerce"])
    door.ease(86400)
    assert door.turn() == pace.LONGEST
