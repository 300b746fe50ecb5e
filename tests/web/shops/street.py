"""Mara's service at an https address, and the WooCommerce shop that she connects to it; both on this machine."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select

from connectors.http import Door
from jobs import connect_woocommerce, look_at_shop, queue, shop_api, world
from jobs.world import World
from postventa.accounts import sessions
from postventa.app import create_app
from postventa.clock import real_now
from postventa.config import Settings
from postventa.connecting import visits
from postventa.models import Account, Shop
from postventa.models.db import reading, transaction
from tests.accounts.visits import Office, Person, hidden
from tests.connectors import certificates
from tests.peers.woocommerce_site import WordPressSite

HOST = "postventa.example"
HOME = f"https://{HOST}"


def settings(folder: Path, database: str, redis: str, public_url: str = HOME) -> Settings:
    sections = {"database": {"url": database}, "redis": {"url": redis}, "server": {"public_url": public_url}}
    return Settings.model_validate({"source": folder / "config.toml", **sections, "security": {"allow_private_hosts": ["tienda.test"]}})


@contextmanager
def shop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WordPressSite]:
    """The shop behind TLS, and doors that find `tienda.test` on this machine and trust its authority; all their other rules are the usual ones."""
    served = certificates.make(folder)
    door = Door(["tienda.test"], served.trusted, tries=1, resolver=lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(connect_woocommerce, "_door", lambda settings: door)
    for module in (shop_api, look_at_shop):
        monkeypatch.setattr(module, "Door", lambda allowed, tries: door)
    monkeypatch.setattr(shop_api, "paced_door", lambda settings, engine, shop_id: door)
    with WordPressSite().open(served.context) as opened:
        yield opened


def to_ours(port: int) -> Callable[[str, bytes], int]:
    """How the shop reaches `HOST`, which no name server knows: over TLS, on this machine."""
    context = ssl._create_unverified_context()

    def send(url: str, body: bytes) -> int:
        assert url.startswith(f"{HOME}/")
        connection = HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
        connection.request("POST", urlsplit(url).path, body, {"Host": HOST, "Content-Type": "application/json;charset=UTF-8"})
        try:
            return connection.getresponse().status
        finally:
            connection.close()

    return send


class Street(Office):
    """The office at its public address, with the workers beside it."""

    def __init__(self, chosen: Settings) -> None:
        super().__init__(create_app(chosen))
        self.world = world.install(World(chosen))

    def sit(self, person: Person) -> FlaskClient:
        """A browser in which that person is signed in, at the https address."""
        browser = self.browser()
        with transaction(self.engine) as session:
            token = sessions.begin(session, session.get_one(Account, person.id), real_now())
        browser.set_cookie("__Host-postventa", token, secure=True, domain=HOST)
        return browser

    def work(self) -> int:
        """Do what visits wait for; how many there were."""
        waiting = visits.unanswered(self.engine)
        for number in waiting:
            look_at_shop.look_at_shop(number)
        return len(waiting)

    def work_queue(self) -> None:
        """What a worker does with all that Redis was told."""
        redis = Redis.from_url(self.world.settings.redis_url)
        queue.worker(redis, queue.LATER).work(burst=True, logging_level="WARNING")
        redis.close()

    def shops(self) -> list[Shop]:
        with reading(self.engine) as session:
            return list(session.scalars(select(Shop).order_by(Shop.id)))

    def close(self) -> None:
        self.app.extensions["postventa"].redis().close()
        for thing in (self.world.engine, self.engine):
            thing.dispose()
        self.world.redis.close()


def open_page(browser: FlaskClient, path: str) -> tuple[int, str]:
    """Status and text, at the https address."""
    answer = browser.get(path, base_url=HOME)
    return answer.status_code, answer.get_data(as_text=True)


def press(browser: FlaskClient, page: str, to: str, **fields: object) -> tuple[int, str, str]:
    """Send a form of a page: status, where it leads with its query, the text."""
    csrf = hidden(open_page(browser, page)[1])["csrf"]
    answer = browser.post(to, data={"csrf": csrf, **fields}, base_url=HOME)
    return answer.status_code, answer.headers.get("Location", ""), answer.get_data(as_text=True)


def words(page: str) -> str:
    """What stands on a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


__all__ = ["HOME", "HOST", "Flask", "Street", "open_page", "press", "settings", "shop", "to_ours", "words"]
