"""Shopify: see README.md beside this file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connectors.http import Door
from connectors.shops.base import NativeMail, ShopClient
from connectors.shops.shopify.mails import NATIVE_MAILS
from connectors.shops.shopify.normalise import TOPICS, normalise
from connectors.shops.shopify.subscriptions import granted
from connectors.shops.shopify.verify import delivery, ping, verify
from connectors.shops.writes import Write


class Shopify:
    """What `SHOPS` holds for Shopify."""

    name = "shopify"
    topics = TOPICS
    native_mails: tuple[NativeMail, ...] = NATIVE_MAILS
    lists_all = False
    shared_path = "/webhooks/shopify"
    verify = staticmethod(verify)
    delivery = staticmethod(delivery)
    ping = staticmethod(ping)
    normalise = staticmethod(normalise)

    def takes(self, kind: type[Write], scopes: Collection[str] | None) -> bool:
        """Each kind takes a scope of its own."""
        from connectors.shops.shopify.writes import KINDS, RIGHTS

        return kind in KINDS and granted(RIGHTS[kind], scopes)

    def client(self, settings: Any, allow_private_hosts: list[str], door: Door | None = None) -> ShopClient:
        """The API client; the vendor's library is only loaded where it is needed."""
        from connectors.shops.shopify.client import ShopifyClient

        return ShopifyClient(settings, allow_private_hosts, door)
