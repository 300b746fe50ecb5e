"""Shopify: see README.md beside this file."""

from __future__ import annotations

from typing import Any

from connectors.http import Door
from connectors.shops.base import NativeMail, ShopClient
from connectors.shops.shopify.mails import NATIVE_MAILS
from connectors.shops.shopify.normalise import TOPICS, normalise
from connectors.shops.shopify.verify import delivery, ping, verify


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

    def client(self, settings: Any, allow_private_hosts: list[str], door: Door | None = None) -> ShopClient:
        """The API client; the vendor's library is only loaded where it is needed."""
        from connectors.shops.shopify.client import ShopifyClient

        return ShopifyClient(settings, allow_private_hosts, door)
