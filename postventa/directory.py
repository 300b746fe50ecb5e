"""Which shop an address belongs to, kept in memory and read again every few seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.directory")

FRESH_FOR = 5.0


class Shops:
    """All connected shops, by key, by Shopify domain and by their own names for customer pages."""

    def __init__(self, shops: Sequence[ConnectedShop] = ()) -> None:
        self.everyone = tuple(shops)
        self._by_key = {(shop.platform, shop.key): shop for shop in shops}
        self._with_carrier = {shop.key: shop for shop in shops}
        ours = sorted((shop for shop in shops if shop.platform == "shopify" and shop.settings.domain), key=lambda shop: shop.disconnected)
        self._by_domain = {shop.settings.domain.lower(): shop for shop in reversed(ours)}  # a shop may have been connected another way before
        named = sorted((shop for shop in shops if shop.settings.pages_host), key=lambda shop: shop.disconnected)
        self._by_pages_host = {shop.settings.pages_host: shop for shop in reversed(named)}

    def by_key(self, platform: str, key: str) -> ConnectedShop | None:
        """The shop behind `/webhooks/<platform>/<key>`."""
        return self._by_key.get((platform, key))

    def with_carrier(self, key: str) -> ConnectedShop | None:
        """The shop behind `/webhooks/<carrier>/<key>`: a carrier's webhooks come in under the same key as the shop's own."""
        return self._with_carrier.get(key)

    def by_domain(self, domain: str) -> ConnectedShop | None:
        """The Shopify shop of that `*.myshopify.com` domain, for the one address that an app has for all its shops."""
        return self._by_domain.get(domain.strip().lower())

    def by_pages_host(self, name: str) -> ConnectedShop | None:
        """The shop whose customers ask for that name (in small letters, without a port)."""
        return self._by_pages_host.get(name)


class Directory:
    """The shops as they were a few seconds ago. `at_worst`: those to go by while `load` fails and nothing is known from before."""

    def __init__(self, load: Callable[[], list[ConnectedShop]], at_worst: Callable[[], list[ConnectedShop]] = list) -> None:
        self._load, self._at_worst = load, at_worst
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self.known: Shops | None = None
        """What was read last; None: nothing yet."""

    def fresh(self) -> Shops:
        """One request reads them again; others use what is known meanwhile, and so does everybody while the database is away."""
        if self.stale and self._lock.acquire(blocking=self.known is None):
            try:
                if self.stale:
                    self._read()
            finally:
                self._lock.release()
        return self.known or Shops()

    @property
    def stale(self) -> bool:
        """Whether it is time to read them again."""
        return time.monotonic() - self._read_at > FRESH_FOR

    def _read(self) -> None:
        try:
            self.known = Shops(self._load())
        except SQLAlchemyError as error:
            if self.known is None:
                shops = self._at_worst()
                if not shops:
                    raise
                self.known = Shops(shops)
            log.warning("the shops cannot be read again (%s): those known last are used", type(error).__name__)
        self._read_at = time.monotonic()
