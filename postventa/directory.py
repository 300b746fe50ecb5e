"""Which shop an address belongs to, kept in memory and read again every few seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.directory")

FRESH_FOR = 5.0


class Directory:
    """Shops by key and by Shopify domain. `at_worst`: those to go by while `load` fails and nothing is known from before."""

    def __init__(self, load: Callable[[], list[ConnectedShop]], at_worst: Callable[[], list[ConnectedShop]] = list) -> None:
        self._load, self._at_worst = load, at_worst
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
        """One request reads them again; others use what is known meanwhile, and so does everybody while the database is away."""
        if self._stale and self._lock.acquire(blocking=not self._shops):
            try:
                if self._stale:
                    self._read()
            finally:
                self._lock.release()
        return self._shops

    @property
    def _stale(self) -> bool:
        return time.monotonic() - self._read_at > FRESH_FOR

    def _read(self) -> None:
        try:
            self._shops = self._load()
        except SQLAlchemyError as error:
            self._shops = self._shops or self._at_worst()
            if not self._shops:
                raise
            log.warning("the shops cannot be read again (%s): those known last are used", type(error).__name__)
        self._read_at = time.monotonic()
