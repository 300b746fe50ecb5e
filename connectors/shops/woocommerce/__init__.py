"""WooCommerce: see README.md beside this file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connectors.http import Door
from connectors.shops.base import NativeMail, ShopClient
from connectors.shops.woocommerce.mails import NATIVE_MAILS
from connectors.shops.woocommerce.normalise import TOPICS, normalise
from connectors.shops.woocommerce.verify import delivery, ping, verify
from connectors.shops.writes import Write


class WooCommerce:
    """What `SHOPS` holds for WooCommerce."""

    name = "woocommerce"
    topics = TOPICS
    native_mails: tuple[NativeMail, ...] = NATIVE_MAILS
    lists_all = True
    shared_path = ""
    verify = staticmethod(verify)
    delivery = staticmethod(delivery)
    ping = staticmethod(ping)
    normalise = staticmethod(normalise)

    def takes(self, kind: type[Write], scopes: Collection[str] | None) -> bool:
        """A key may read and write, or only read, which it does not say."""
        from connectors.shops.woocommerce.writes import KINDS

        return kind in KINDS

    def client(self, settings: Any, allow_private_hosts: list[str], door: Door | None = None) -> ShopClient:
        """The API client; the vendor's library is only loaded where it is needed."""
        from connectors.shops.woocommerce.client import WooCommerceClient

        return WooCommerceClient(settings, allow_private_hosts, door)
