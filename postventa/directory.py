"""Which shop an address belongs to, kept in memory and read again every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from postventa.shops import ConnectedShop

FRESH_FOR = 5.0


class Directory:
    """Shops by key and by Shopify domain."""

    def __init__(self, load: Callable[[], list[ConnectedShop]]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._shops: list[ConnectedShop] = []

    def by_key(self, platform: str, key: str) -> ConnectedShop | None:
        """The shop behind `/webhooks/<platform>/<key>`."""
        return next((shop for shop in self._fresh() if shop.key == key and shop.platform == platform), None)

    def by_domain(self, domain: str) -> ConnectedShop | None:
        """The Shopify shop of that `*.myshopify.com` domain, for the one address that an app has for all its shops."""
        wanted = domain.strip().lower()
        return next((s for s in self._fresh() if s.platform == "shopify" and wanted and s.settings.domain.lower() == wanted), None)

    def everyone(self) -> list[ConnectedShop]:
        """All connected shops."""
        return self._fresh()

    def _fresh(self) -> list[ConnectedShop]:
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_FOR:
                self._shops, self._read_at = self._load(), time.monotonic()
            return self._shops
