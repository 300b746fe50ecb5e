"""What the front door notices about signed deliveries and a person should know; the sender need not wait for it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from postventa import alarms
from postventa.clock import real_now
from postventa.models import Inbound
from postventa.models.db import transaction
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.webhooks")

EVERY = 60.0
"""Seconds between two notes of one kind about one shop, however many deliveries come."""
TOO_LONG, LOOKED_BACK = timedelta(hours=48), timedelta(days=7)
"""A previous secret that was in use so long ago, and still is; uses longer ago belong to another change of the secret."""


class Noticed:
    """Raises alarms, at most once a minute for each shop, in a thread of their own."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._lock = engine, threading.Lock()
        self._at: dict[tuple[int, str], float] = {}

    def wrong_shop(self, shop: ConnectedShop, named: str) -> None:
        """`named`: the domain in the delivery's headers, which nobody signed."""
        name = shop.settings.name
        message = f"{name}: a delivery with its signature says that it is of {named[:100]!r}; it was refused"
        if self._do(shop, "wrong-shop", lambda session: alarms.raise_alarm(session, "wrong-shop", name, "warn", message)):
            log.warning("delivery refused: signed for another shop domain", extra={"shop": shop.id})

    def previous_secret(self, shop: ConnectedShop, sender: str) -> None:
        """A change of the secret takes a while; after two days it was forgotten somewhere. `sender`: the platform, or a carrier."""
        self._do(shop, f"previous-secret-used by {sender}", lambda session: _still_used(session, shop, sender))

    def _do(self, shop: ConnectedShop, kind: str, work: Callable[[Session], object]) -> bool:
        with self._lock:
            if time.monotonic() - self._at.get((shop.id, kind), float("-inf")) < EVERY:
                return False
            self._at[shop.id, kind] = time.monotonic()
        threading.Thread(target=self._write, args=(kind, work), name="noticed", daemon=True).start()
        return True

    def _write(self, kind: str, work: Callable[[Session], object]) -> None:
        try:
            with transaction(self._engine) as session:
                work(session)
        except SQLAlchemyError as error:  # the next such delivery tries again
            log.error("the alarm %s could not be kept: %s", kind, type(error).__name__)


def _still_used(session: Session, shop: ConnectedShop, sender: str) -> None:
    before, after = real_now() - TOO_LONG, real_now() - LOOKED_BACK
    used = (Inbound.shop_id == shop.id, Inbound.platform == sender, Inbound.secret_index > 0, Inbound.stored_at.between(after, before))
    if session.scalars(select(Inbound.id).where(*used).limit(1)).first() is None:
        return
    name = shop.settings.name if sender == shop.platform else f"{shop.settings.name}, {sender}"
    message = f"{name}: deliveries are still signed with the previous secret, for more than two days now"
    alarms.raise_alarm(session, "previous-secret-used", name, "warn", message)
