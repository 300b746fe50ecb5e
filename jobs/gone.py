"""Orders that we still have something to say about and that their shop deleted without a word: they are found, and nothing more goes out for them.

WooCommerce tells of the bin and of nothing else: an order that is deleted for good, by hand or by a plugin, sends no webhook.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Refused
from connectors.shops.base import Reading
from jobs import shop_api
from jobs.ask import ask_soon
from jobs.world import World
from postventa.clock import now, real_now
from postventa.events import OrderTrashed
from postventa.models import Effect, Order, Shop
from postventa.models.db import transaction
from postventa.models.types import word
from postventa.shops import ConnectedShop

log = logging.getLogger("postventa.reconcile")

EVERY = timedelta(hours=6)
MOST = 500
"""Orders in one look: those come first that wait longest for their mail."""


def look_for_gone(world: World, shop: ConnectedShop) -> None:
    """Ask whether the orders are there for which a mail or label is planned. Its API in trouble is no error: the next comparison asks again."""
    with transaction(world.engine) as session:
        row = session.get_one(Shop, shop.id)
        if row.gone_checked_at is not None and row.gone_checked_at > real_now() - EVERY:
            return
        refs = _awaited(session, shop.id)
        row.gone_checked_at = real_now()
    if not refs:
        return
    try:
        gone = shop_api.client(world, shop).gone(refs)
    except ConnectorError as error:
        _failed(world, shop, error)
        return
    if gone:
        _take(world, shop, sorted(gone))


def _awaited(session: Session, shop_id: int) -> list[str]:
    planned = (Effect.shop_id == shop_id, Effect.state == word("planned"), Effect.kind.in_(("mail", "label")))
    there = select(Order.ref, Effect.due_at).join(Effect, Effect.order_id == Order.id).where(*planned, Order.erased_at.is_(None))
    found = session.execute(there.order_by(Effect.due_at, Effect.id).limit(MOST))
    return list(dict.fromkeys(ref for ref, _ in found))


def _take(world: World, shop: ConnectedShop, refs: list[str]) -> None:
    from jobs.process_inbound import absorb

    soon: list[Effect] = []
    with transaction(world.engine) as session:
        for ref in refs:
            news, _ = absorb(session, world, shop, Reading((OrderTrashed(ref, now()),)), None)
            soon += news
        session.get_one(Shop, shop.id).found_by_poll += len(refs)
    log.warning("orders are gone from the shop that it did not tell of", extra={"shop": shop.id, "orders": len(refs)})
    ask_soon(world, soon)


def _failed(world: World, shop: ConnectedShop, error: ConnectorError) -> None:
    with transaction(world.engine) as session:
        if isinstance(error, Refused) or not error.permanent:
            shop_api.failed(session, world, shop, error)
            session.get_one(Shop, shop.id).gone_checked_at = None
    log.warning("it could not be asked which orders are gone: %s", error, extra={"shop": shop.id})
