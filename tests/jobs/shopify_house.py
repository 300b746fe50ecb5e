"""A house with our Shopify app, the shops that install it, and everything that must never be seen of their tokens."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update

from connectors.http import Door
from jobs import process_inbound, shopify_install, world
from jobs.shopify_install import Opened
from jobs.shopify_tokens import StoredTokens
from postventa import shop_tokens, shops
from postventa.clock import now, real_now
from postventa.config import Settings
from postventa.models import Shop, ShopToken
from postventa.models.db import reading, transaction
from postventa.shop_tokens import Held
from postventa.shops import ConnectedShop
from tests.conftest import TestClock
from tests.peers.shopify import Detour, ShopifyPeer
from tests.peers.shopify_oauth import id_token
from tests.pipeline.house import INBOXES, House
from webhooks.inbox import Inbox, Raw

APP, SECRET = "f3a1c0ffee0123456789abcdef012345", "shpss_0123456789abcdef0123456789abcdef"
SCOPES = ("read_customers", "read_fulfillments", "read_orders", "read_returns")
LOLA, OTTO = "zapateria-lola.myshopify.com", "tes-de-otto.myshopify.com"


def peer(domain: str = LOLA, scopes: tuple[str, ...] = SCOPES) -> ShopifyPeer:
    """A shop at Shopify whose merchant may install the app."""
    return ShopifyPeer(domain=domain, tokens=set(), apps={APP: SECRET}, scopes=scopes)


@dataclass
class AppHouse:
    """`house` as jobs know it, and what pages would call."""

    house: House
    peers: dict[str, ShopifyPeer] = field(default_factory=dict)

    @classmethod
    def build(cls, engine: Engine, clock: TestClock, folder: Path, *peers: ShopifyPeer, **app: Any) -> AppHouse:
        house = House(engine, clock, folder)
        settings = {
            **house.settings.model_dump(),
            "source": folder / "config.toml",
            "server": {"public_url": "https://posventa.example"},
            "security": {"allow_private_hosts": ["127.0.0.1"]},
            "shopify": {"client_id": APP, "client_secret": SECRET, **app},
        }
        house.settings = house.world.settings = Settings.model_validate(settings)
        return cls(house, {one.domain: one for one in peers})

    @property
    def world(self) -> world.World:
        return self.house.world

    @property
    def engine(self) -> Engine:
        return self.house.engine

    def door(self) -> Detour:
        return Detour(*self.peers.values())

    def open(self, domain: str = LOLA) -> Opened:
        """The merchant opens the app in the admin."""
        opened = shopify_install.open_app(self.world, id_token(domain, APP, SECRET), self.door())
        self._lead_to_the_peer(opened)
        return opened

    def _lead_to_the_peer(self, opened: Opened) -> None:
        """Calls of jobs go to the shop's address; in a development shop that is its `url`."""
        with transaction(self.engine) as session:
            row = session.get_one(Shop, opened.shop_id)
            row.settings = {**row.settings, "url": self.peers[opened.domain].url}
        self.house.shops["shopify"] = opened.shop_id

    def shop(self, domain: str = LOLA) -> ConnectedShop:
        with reading(self.engine) as session:
            row = session.scalars(select(Shop).where(Shop.domain == domain)).one()
            return shops.find(session, row.id, self.world.settings, self.world.secret)

    def row(self, domain: str = LOLA) -> Shop:
        with reading(self.engine) as session:
            return session.scalars(select(Shop).where(Shop.domain == domain)).one()

    def held(self, domain: str = LOLA) -> Held | None:
        with reading(self.engine) as session:
            row = session.scalars(select(Shop).where(Shop.domain == domain)).one()
            return shop_tokens.held(session, self.world.secret, row.id)

    def tokens(self, domain: str = LOLA) -> StoredTokens:
        return StoredTokens(self.world, self.shop(domain), Door(["127.0.0.1"], tries=1))

    def ends_in(self, seconds: float, refresh_days: float = 90, domain: str = LOLA) -> None:
        """The access token ends then, and the refresh token; for us only."""
        with transaction(self.engine) as session:
            session.execute(
                update(ShopToken)
                .where(ShopToken.shop_id == self.row(domain).id)
                .values(expires_at=real_now() + timedelta(seconds=seconds), refresh_expires_at=real_now() + timedelta(days=refresh_days))
            )

    def deliver(self, topic: str, body: dict[str, Any], headers: dict[str, str] | None = None, domain: str = LOLA) -> int | None:
        """A signed delivery that was stored with these headers, read by a worker."""
        inbox = INBOXES.setdefault(id(self.engine), Inbox(self.engine, lambda shops: None))
        raw = Raw(self.row(domain).id, "shopify", topic, f"w-{time.monotonic_ns()}", headers or {}, json.dumps(body).encode(), received_at=now())
        inbox.store(raw)
        row_id = self.house.unread(raw)
        if row_id is not None:
            process_inbound.process_inbound(row_id)
        return row_id


def uninstalled(domain: str = LOLA) -> dict[str, Any]:
    return {"id": 1, "name": "Zapatería Lola", "shop_owner": "Lola", "plan_name": "basic", "myshopify_domain": domain}
