"""Deliveries that were kept in the spool while the database was damaged go into the inbox, as if their shops sent them now.

Under the same hash as ever, so that doing it twice, or a delivery that its shop repeated meanwhile, changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import queue
from jobs.world import World
from postventa.clock import real_now
from postventa.effects import insert_once
from postventa.models import Inbound, Shop
from postventa.models.db import transaction
from postventa.spool import Spool, Spooled

log = logging.getLogger("postventa.spool")

TURN = 2.0
"""Seconds for which the clock does nothing else; the rest goes in at the next turn."""


def take_in(world: World) -> None:
    """What waits there, for one turn."""
    spool, woken = Spool(world.settings.spool), set[int]()
    if spool.empty():
        return

    def insert(deliveries: list[Spooled]) -> list[Spooled]:
        with transaction(world.engine) as session:
            shops, left = _stored(session, deliveries)
        woken.update(shops)
        return left

    stored = spool.take(insert, TURN)
    if stored:
        log.warning("deliveries that were kept while the database was damaged are in the inbox", extra={"deliveries": stored})
    queue.wake_readers(world.redis, woken)


def _stored(session: Session, deliveries: Sequence[Spooled]) -> tuple[set[int], list[Spooled]]:
    """Whose deliveries were stored, and those whose shop the database does not know: it was connected after the backup."""
    wanted = {delivery.shop_key for delivery in deliveries}
    ids = {key: row_id for key, row_id in session.execute(select(Shop.key, Shop.id).where(Shop.key.in_(wanted)))}  # noqa: C416  (rows are no pairs to mypy)
    ours = [delivery for delivery in deliveries if delivery.shop_key in ids]
    if ours:
        values = [_values(delivery, ids[delivery.shop_key]) for delivery in ours]
        session.execute(insert_once(session, Inbound, values, ["shop_id", "dedupe"]))
    return {ids[delivery.shop_key] for delivery in ours}, [delivery for delivery in deliveries if delivery.shop_key not in ids]


def _values(delivery: Spooled, shop_id: int) -> dict[str, Any]:
    names = ("platform", "topic", "delivery_id", "dedupe", "headers", "body", "secret_index", "received_at")
    return {**{name: getattr(delivery, name) for name in names}, "shop_id": shop_id, "stored_at": real_now(), "not_before": real_now()}
