"""A delivery that a shop signed and that names another shop: somebody should know, and the sender need not wait for it."""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from postventa import alarms
from postventa.models.db import transaction
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.webhooks")

EVERY = 60.0
"""Seconds between two notes of one shop, however many such deliveries come."""


class WrongShop:
    """Raises the alarm `wrong-shop`, at most once a minute for each shop, in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._lock = engine, threading.Lock()
        self._noted: dict[int, float] = {}

    def note(self, shop: ConnectedShop, named: str) -> None:
        """`named`: the domain in the delivery's headers, which nobody signed."""
        with self._lock:
            if time.monotonic() - self._noted.get(shop.id, float("-inf")) < EVERY:
                return
            self._noted[shop.id] = time.monotonic()
        log.warning("delivery refused: signed for another shop domain", extra={"shop": shop.id})
        threading.Thread(target=self._raise, args=(shop.settings.name, named), name="wrong-shop", daemon=True).start()

    def _raise(self, name: str, named: str) -> None:
        message = f"{name}: a delivery with its signature says that it is of {named[:100]!r}; it was refused"
        try:
            with transaction(self._engine) as session:
                alarms.raise_alarm(session, "wrong-shop", name, "warn", message)
        except SQLAlchemyError as error:  # the next such delivery tries again
            log.error("the alarm wrong-shop could not be kept: %s", type(error).__name__)
