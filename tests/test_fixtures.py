"""What the other tests stand on."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from postventa.clock import now
from postventa.models import Base
from postventa.models.db import connect
from tests.conftest import TestClock
from tests.ports import free_port


def test_a_stranger_cannot_be_reached() -> None:
    with socket.socket() as sock, pytest.raises(RuntimeError, match="only this machine"):
        sock.connect(("192.0.2.1", 80))


def test_a_port_that_was_found_free_is_nobody_elses_until_the_server_it_is_for_listens_there() -> None:
    place = ("127.0.0.1", free_port())
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(place)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place, 60)
    with socket.create_server(place), socket.create_connection(place, 60) as line:
        assert line.getpeername() == place


def test_each_database_starts_empty(database_url: str) -> None:
    engine = connect(database_url)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE left_behind (id INTEGER)"))
        connection.commit()
    engine.dispose()


@pytest.mark.parametrize("again", [1, 2])
def test_each_engine_has_all_tables_and_no_rows(engine: Engine, again: int) -> None:
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            assert connection.execute(text(f"SELECT count(*) FROM {table.name}")).scalar() == 0
        connection.execute(text("INSERT INTO lease (name, owner, fence, expires_at) VALUES ('x', '', 0, '2026-01-01')"))


@pytest.mark.parametrize("again", [1, 2])
def test_redis_is_real_and_empty(redis: Redis, again: int) -> None:
    assert redis.dbsize() == 0
    assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    redis.set("left", "behind")


def test_the_clock_stands_still_until_it_is_moved(clock: TestClock) -> None:
    assert now() == datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
    clock.advance(days=2, hours=1)
    assert now() == datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
