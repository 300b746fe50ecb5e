"""The whole application with its Shopify app, Shopify as a peer on this machine, and the addresses under which it opens our pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from connectors.shops.shopify.signed_query import signature
from jobs import world
from postventa.app import create_app
from postventa.config import Settings
from postventa.models import AuditEntry, Shop
from postventa.models.db import reading
from postventa.web.shopify.service import DOOR
from tests.jobs.shopify_house import APP, LOLA, SECRET
from tests.peers.shopify import Detour, ShopifyPeer
from tests.peers.shopify_oauth import id_token

SITE = "https://posventa.example"
HOST = "YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvemFwYXRlcmlhLWxvbGE"


@dataclass
class Front:
    """`app` with its database. Whatever it asks Shopify goes to the peers."""

    app: Flask
    engine: Engine
    settings: Settings
    peers: tuple[ShopifyPeer, ...] = field(default_factory=tuple)

    def door(self) -> Detour:
        return Detour(*self.peers)

    def lead_to(self, *peers: Any) -> None:
        """Other shops that there are at Shopify, too."""
        self.peers += peers
        self.app.extensions[DOOR] = self.door()

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def get(self, path: str, browser: FlaskClient | None = None, **headers: str) -> TestResponse:
        return (browser or self.browser()).get(path, base_url=SITE, headers={"Accept-Language": "es", **headers})

    def open(self, token: str = "", locale: str = "es") -> TestResponse:
        """What the app page's script asks."""
        headers = {"Authorization": f"Bearer {token or id_token(LOLA, APP, SECRET)}"}
        return self.browser().post(f"/shopify/app/session?locale={locale}", base_url=SITE, headers=headers)

    def shops(self) -> list[Shop]:
        with reading(self.engine) as session:
            return list(session.scalars(select(Shop).order_by(Shop.id)))

    def said(self) -> list[tuple[str, str]]:
        """(actor, action) of the audit log."""
        with reading(self.engine) as session:
            return [(row.actor, row.action) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


@contextmanager
def front(engine: Engine, folder: Path, *peers: ShopifyPeer, public_url: str = SITE, **app: Any) -> Iterator[Front]:
    """`app`: other words of `[shopify]`."""
    told = {"database": {"url": engine.url.render_as_string(hide_password=False)}, "redis": {"url": "redis://127.0.0.1:1/0"}}
    server = {"server": {"public_url": public_url}} if public_url else {}
    shopify = {"shopify": {"client_id": APP, "client_secret": SECRET, **app}}
    settings = Settings.model_validate({"source": folder / "config.toml", **told, **server, **shopify})
    made = create_app(settings)
    here = Front(made, made.extensions["postventa"].engine, settings, peers)
    made.extensions[DOOR] = here.door()
    here_world = world.install(world.World(settings))
    yield here
    here_world.engine.dispose()
    here.engine.dispose()
    made.extensions["postventa"].redis().close()


def signed(at: float = 0.0, /, secret: str = SECRET, **values: str) -> str:
    """The query of an address as Shopify signs it."""
    pairs = sorted({"shop": LOLA, "timestamp": str(int(at or time.time())), **values}.items())
    return urlencode([*pairs, ("hmac", signature(urlencode(pairs).encode(), secret).decode())])


def opened(at: float = 0.0, /, secret: str = SECRET, **values: str) -> str:
    """The address of the app page as the admin opens it."""
    now = at or time.time()
    own = {"embedded": "1", "host": HOST, "id_token": id_token(LOLA, APP, secret, now), "locale": "es-ES", "session": "5e55"}
    return f"/shopify/app?{signed(now, secret, **{**own, **values})}"
