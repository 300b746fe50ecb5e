"""Redis is a fast road and no more: while it is away deliveries are taken as ever, and when it is back, or was emptied, nothing is missing."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from postventa.redis_address import socket_path
from tests.peers.smtp import Sink
from tests.runtime.processes import slay
from tests.servers import OwnRedis
from tests.service.running import Service, service
from tests.service.stream import Stream

_first = itertools.count(40_000, 1_000)
PROMPT = 1.0
"""Seconds: the promise for an answer (promises.md 1.5). Half of them are judged: a busy machine may keep any one waiting, and not most."""


@pytest.fixture
def orders(lasting: Service) -> Stream:
    return Stream(lasting, next(_first))


def send(orders: Stream, number: int) -> None:
    for ref in range(orders.first + len(orders.acked), orders.first + len(orders.acked) + number):
        orders.one(ref)


def test_deliveries_are_taken_while_redis_hangs_and_mailed_when_it_goes_on(lasting: Service, sink: Sink, orders: Stream) -> None:
    redis = lasting.parts["valkey-server"]
    os.kill(redis, signal.SIGSTOP)
    try:
        send(orders, 10)
        assert [sink.to(orders.email(ref)) for ref in orders.acked[1:]] == [[]] * 9, "at most one that was asked for just before"
        time.sleep(2)
        send(orders, 10)
    finally:
        os.kill(redis, signal.SIGCONT)
    assert (len(orders.acked), orders.refused) == (20, [])
    assert orders.usual < PROMPT
    lasting.rest()
    orders.account(sink)


def test_deliveries_are_taken_while_redis_is_killed_over_and_over(lasting: Service, sink: Sink, orders: Stream) -> None:
    for _ in range(6):
        slay([pid for name, pid in lasting.parts.items() if name == "valkey-server"])
        send(orders, 5)
    assert (len(orders.acked), orders.refused) == (30, [])
    assert orders.usual < PROMPT
    lasting.until(lasting.ready, 30, "ready again")
    lasting.rest(seconds=60)
    orders.account(sink)


def test_emptying_redis_in_the_middle_loses_nothing(lasting: Service, sink: Sink, orders: Stream) -> None:
    client = Redis.from_url(f"unix://{socket_path(lasting.folder / 'var')}")
    sink.slowness = 0.05
    try:
        with orders.flowing():
            for goal in (3, 6, 9, 12):
                lasting.until(lambda goal=goal: len(orders.acked) > goal, 10, "busy")  # type: ignore[misc]
                client.flushall()
        lasting.rest(seconds=40)
    finally:
        sink.slowness = 0.0
        client.close()
    orders.account(sink)
    assert all(len(sink.to(orders.email(ref))) == 1 for ref in orders.acked), "nobody died, so nothing was in doubt"


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    """A Redis that is none of the service's business."""
    with OwnRedis(tmp_path_factory.mktemp("outside")) as server:
        yield server


def test_an_outside_redis_may_be_away_for_a_while(tmp_path: Path, sink: Sink, outside: OwnRedis) -> None:
    with service(tmp_path / "up", sink, redis={"url": outside.url}) as running:
        running.start()
        assert "valkey-server" not in running.parts
        orders = Stream(running, next(_first))
        send(orders, 3)
        outside.stop()
        send(orders, 5)
        time.sleep(4)
        send(orders, 5)
        assert (len(orders.acked), orders.refused) == (13, [])
        assert orders.usual < PROMPT
        outside.start()
        running.rest(seconds=40)
        orders.account(sink)
        assert running.stop() == 0


def test_the_service_ends_in_good_order_while_its_redis_is_away(tmp_path: Path, sink: Sink, outside: OwnRedis) -> None:
    with service(tmp_path / "up", sink, redis={"url": outside.url}) as running:
        running.start()
        outside.stop()
        orders = Stream(running, next(_first))
        send(orders, 2)
        assert running.stop() == 0
        outside.start()
        running.start()
        running.rest()
        orders.account(sink)
