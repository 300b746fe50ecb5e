"""The same on PostgreSQL and an outside Redis: two settings, and nothing else is different."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import create_engine, text

from tests.peers.smtp import Sink, smtp_sink
from tests.pipeline.stories import HOUR, MINUTE, Sent, ShopifyOrder, WooOrder, tracked
from tests.servers import OwnRedis
from tests.service.running import Service, service
from tests.service.shops import ALBA, LOLA
from tests.service.stream import Stream


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, sink: Sink, postgres_uri: str) -> Iterator[Service]:
    name = f"service_{os.getpid()}"
    admin = create_engine(postgres_uri.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    with OwnRedis(tmp_path_factory.mktemp("redis")) as redis:
        settings = {"database": {"url": postgres_uri.format(name=name)}, "redis": {"url": redis.url}}
        with service(tmp_path_factory.mktemp("up"), sink, **settings) as running:
            yield running.start()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def lately() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - 3 * HOUR


def test_nothing_is_embedded(lasting: Service) -> None:
    assert set(lasting.parts) == {"pv-web-1", "pv-worker-now-1", "pv-worker-now-2", "pv-worker-later", "pv-clock"}
    assert not list((lasting.folder / "var").glob("*.db*"))


def test_the_main_path_is_the_same(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    woo = WooOrder(order_ref, lately(), ana).tell("order.created").tell(after=MINUTE, status="preparando")
    woo.tell(after=HOUR, status="enviado", meta_data=tracked(("PK1", woo.at + HOUR))).tell(after=HOUR, status="entregado").tell(status="devolucion")
    jon = f"jon.{order_ref}@cliente.example"
    shopify = ShopifyOrder(order_ref, lately(), jon).tell("orders/create").fulfil(order_ref * 10, 11, after=HOUR)
    shopify.fulfil(order_ref * 10 + 1, 12, after=30 * MINUTE).scan(order_ref * 10, "out_for_delivery", after=MINUTE)
    for shop, story in ((ALBA, woo.sent), (LOLA, shopify.sent)):
        lasting.play(shop, story)
        lasting.play(shop, story)
    lasting.rest()
    assert [name for name in sink.followups(ana) if name != "return_label"] == ["order_received", "order_prepared", "shipped", "delivered"]
    assert sink.followups(ana).count("return_label") == 1
    assert sorted(sink.followups(jon)) == ["out_for_delivery", "shipped", "shipped"]
    effects = {effect["id"]: effect for effect in lasting.json("ledger", "--order", str(order_ref))["effects"]}
    assert all(effects[mail.effect]["message_id"] == mail.message_id for mail in sink.to(ana) + sink.to(jon))
    asked = [effect for effect in effects.values() if effect["followup"] == "review_request"]
    assert [(effect["state"], effect["reason"]) for effect in asked if effect["shop"] == "Cerámica Alba"] != [("planned", "")]


def test_nonsense_and_strangers_are_the_same(lasting: Service) -> None:
    poison = Sent("order.updated", b'{"id": "\\u0000", "status": "\\u0000"', lately(), "poison")
    nul = Sent("order.updated", b'{"id": "7\\u0000", "status": "proce\\u0000ssing", "billing": {"first_name": "A\\u0000"}}', lately(), "nul")
    assert [lasting.deliver(ALBA, sent).status for sent in (poison, nul)] == [200, 200]
    assert lasting.deliver(ALBA, poison, signature="A" * 44, delivery_id="stranger").status == 401
    lasting.rest()
    shown = {row["delivery_id"]: row["state"] for row in lasting.json("inbox", "list", "--limit", "0")["deliveries"]}
    assert shown["poison"] == "poison"
    assert shown["nul"] in ("done", "poison")
    assert "stranger" not in shown


@pytest.mark.parametrize("part", ["pv-web-1", "pv-worker-now-1", "pv-clock"])
def test_a_killed_process_loses_nothing_here_either(lasting: Service, sink: Sink, part: str) -> None:
    victim = lasting.parts[part]
    first = 80_000 + 1_000 * sorted(lasting.parts).index(part)
    with Stream(lasting, first).flowing() as orders:
        lasting.until(lambda: len(orders.acked) > 5, 10, "busy")
        os.kill(victim, signal.SIGKILL)
        lasting.until(lambda: lasting.parts.get(part, victim) != victim, 5, f"{part} again")
        lasting.until(lasting.ready, 10, "ready again")
    lasting.rest()
    orders.account(sink)


def test_an_emptied_redis_loses_nothing_here_either(lasting: Service, sink: Sink) -> None:
    client = Redis.from_url(lasting.sections["redis"]["url"])
    with Stream(lasting, 90_000).flowing() as orders:
        for goal in (8, 16, 24):
            lasting.until(lambda goal=goal: len(orders.acked) > goal, 10, "busy")  # type: ignore[misc]
            client.flushall()
    client.close()
    lasting.rest()
    orders.account(sink)


def test_a_second_start_finds_everything_here_too(lasting: Service, sink: Sink, order_ref: int, ana: str) -> None:
    story = WooOrder(order_ref, lately(), ana).tell("order.created").tell(after=HOUR, status="entregado").sent
    lasting.play(ALBA, story)
    lasting.rest(str(order_ref))
    before = lasting.json("ledger")
    assert lasting.stop() == 0
    lasting.start()
    lasting.play(ALBA, story)
    lasting.rest()
    assert lasting.json("ledger") == before


def test_the_cheaper_half_works_alone(tmp_path: Path, redis_server: OwnRedis) -> None:
    """An outside Redis with SQLite: each setting stands for itself."""
    with smtp_sink() as sink, service(tmp_path / "up", sink, redis={"url": redis_server.url}) as running:
        running.start()
        running.play(ALBA, WooOrder(1, lately(), "ana@cliente.example").tell("order.created").sent)
        sink.wait("ana@cliente.example")
        assert running.stop() == 0
