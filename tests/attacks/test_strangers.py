"""What the front door remembers of those who could not prove who they are."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from postventa import migrations
from postventa.app import create_app
from postventa.config import Settings
from tests.attacks.tenants import mara
from tests.scenarios import scenario
from webhooks import strangers
from webhooks.strangers import BURST, RATE, Strangers, network


class Seconds:
    """A clock to turn."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def app(tmp_path: Path, redis_url: str) -> Iterator[Flask]:
    """One proxy in front, and Mara's shop behind."""
    server = {"trusted_proxies": 1}
    settings = Settings.model_validate({"source": tmp_path / "config.toml", "redis": {"url": redis_url}, "server": server, "shops": [mara().config]})
    migrations.upgrade(settings)
    made = create_app(settings)
    yield made
    made.extensions["postventa"].engine.dispose()


@scenario("S1", budget=10)
def test_each_sender_is_written_down_once_a_minute_with_how_often(caplog: pytest.LogCaptureFixture) -> None:
    clock = Seconds()
    seen = Strangers(clock)
    with caplog.at_level(logging.WARNING, "postventa.webhooks"):
        for second in range(121):
            clock.now = 1000.0 + second
            for _ in range(10):
                seen.refused("203.0.113.9")
            seen.refused("198.51.100.7")
    said = [(record.__dict__["ip"], record.__dict__["count"]) for record in caplog.records]
    assert said == [("203.0.113.9", 1), ("198.51.100.7", 1), ("203.0.113.9", 600), ("198.51.100.7", 60), ("203.0.113.9", 600), ("198.51.100.7", 60)]


@scenario("S4", budget=10)
def test_only_a_lasting_flood_of_one_sender_is_too_much() -> None:
    clock = Seconds()
    seen = Strangers(clock)
    assert [seen.refused("203.0.113.9") for _ in range(int(BURST) + 1)] == [False] * int(BURST) + [True]
    assert not seen.refused("198.51.100.7"), "nobody else is concerned"
    clock.now += 1
    assert [seen.refused("203.0.113.9") for _ in range(int(RATE) + 1)] == [False] * int(RATE) + [True]
    clock.now += 3600
    assert not seen.refused("203.0.113.9")


@scenario("S4", budget=10)
def test_a_million_addresses_take_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "REMEMBERED", 100)
    monkeypatch.setattr(strangers.log, "disabled", True)
    seen = Strangers(Seconds())
    for number in range(10_000):
        seen.refused(f"10.1.{number // 256}.{number % 256}")
    assert len(seen._senders) == 100


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("\r\nforged", "unknown"),
        (None, "unknown"),
    ],
)
def test_one_subscriber_is_one_sender(address: str | None, name: str) -> None:
    assert network(address) == name


@scenario("S4", budget=10)
def test_behind_the_proxy_each_client_counts_for_itself_and_what_it_claims_for_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "RATE", 0.0)  # on a busy machine what one may do a second is as much as is asked
    browser = app.test_client(use_cookies=False)
    path = f"/webhooks/shopify/{mara().key}"

    def ask(forwarded: str) -> int:
        return browser.post(path, data=b"{}", headers={"X-Forwarded-For": forwarded}).status_code

    answers = [ask(f"10.9.9.{number % 250}, 203.0.113.9") for number in range(int(BURST) * 3)]
    assert answers[0] == 401
    assert answers[-1] == 429, "the left-most addresses are invented, the last one is the proxy's word"
    assert ask("198.51.100.7") == 401
    signed = browser.post(path, data=b"{}", headers={**mara().signed(b"{}"), "X-Forwarded-For": "203.0.113.9"})
    assert signed.status_code == 200


@scenario("S4", budget=60)
def test_a_wrong_signature_takes_as_long_as_an_unknown_address(app: Flask) -> None:
    browser, body = app.test_client(use_cookies=False), b'{"id": 1}' * 1000
    took: dict[str, list[float]] = {"shop": [], "nowhere": []}
    for number in range(300):
        for kind, key in (("shop", mara().key), ("nowhere", "nobody-0000000000000000")):
            headers = {**mara().signed(b"other"), "X-Forwarded-For": f"10.2.{number // 250}.{number % 250}"}
            began = time.thread_time()
            assert browser.post(f"/webhooks/shopify/{key}", data=body, headers=headers).status_code == 401
            took[kind].append(time.thread_time() - began)
    assert abs(statistics.median(took["shop"]) - statistics.median(took["nowhere"])) < 0.001
