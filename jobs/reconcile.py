"""Finds what a shop's webhooks did not tell: every few minutes its orders are compared with ours by their times of change.

What is missing or older here is asked for like anything that a delivery only names (`jobs.refetch`), so it takes the same road, at the same
pace, and what is known already changes nothing. Orders that came by this road are counted: a rising figure means that webhooks are lost.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError
from connectors.shops.base import Changed, Refetch
from jobs import gone, queue, refetch, shop_api
from jobs.world import World, current
from postventa import alarms
from postventa.clock import real_now
from postventa.effects import OPEN
from postventa.models import Effect, Order, Shop
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, everyone, find

log = logging.getLogger("postventa.reconcile")

OVERLAP = timedelta(minutes=10)
"""How far before the last look each look begins: clocks differ, and shops write in transactions."""
NIGHTLY = timedelta(hours=48)
"""How far the first look of each day goes back (promises.md 1.10)."""


def reconcile_all(world: World) -> None:
    """Have every shop that gave us keys compared, one job each; nothing is asked in here."""
    ids = [shop.id for shop in everyone(world.engine, world.settings, world.secret) if shop.settings.has_api_keys and not shop.disconnected]
    try:
        queue.enqueue(world.redis, queue.LATER, "reconcile.reconcile", ids)
    except RedisError as error:
        log.warning("Redis is away (%s): shops are compared at the next turn", type(error).__name__)


def look_back(session: Session, shop_id: int, since: datetime) -> None:
    """Have the next look begin at `since` at the latest: from then on deliveries may be missing."""
    row = session.get_one(Shop, shop_id, with_for_update={"key_share": True}, populate_existing=True)
    row.polled_until = min(row.polled_until, since) if row.polled_until else None


def ask_again(world: World, shop_id: int) -> None:
    """Have the shop compared now, beside a comparison that waits or is at work. Best effort: the next turn does the same."""
    try:
        queue.enqueue(world.redis, queue.LATER, "reconcile.reconcile", [shop_id], "-again")
    except RedisError as error:
        log.warning("Redis is away (%s): the shop is compared at the next turn", type(error).__name__)


def reconcile(shop_id: int) -> None:
    """Compare one shop. Its API in trouble is no error: the next look begins where the last good one did."""
    world = current()
    with transaction(world.engine) as session:
        shop = find(session, shop_id, world.settings, world.secret)
        if shop_api.resting(session, world, shop) is not None:
            return
        row = session.get_one(Shop, shop_id)
        before, since = row.polled_until, _since(row)
    began = real_now()
    try:
        changes = shop_api.client(world, shop).changed_since(since)
    except ConnectorError as error:
        with transaction(world.engine) as session:
            shop_api.failed(session, world, shop, error)
        log.warning("the shop could not be compared: %s", error, extra={"shop": shop_id})
        return
    with transaction(world.engine) as session:
        shop_api.answered(session, shop)
        _take(session, shop, changes, began - timedelta(seconds=world.settings.reconcile.grace))
        row = session.get_one(Shop, shop_id)
        if row.polled_until == before:  # else the next look has to go further back than this one did (`look_back`)
            row.polled_until = began
    gone.look_for_gone(world, shop)


def _since(row: Shop) -> datetime:
    """A shop that was never compared begins when it was connected: its history is not ours to tell."""
    if row.polled_until is None:
        return row.created_at
    nightly = row.polled_until.astimezone(UTC).date() != real_now().date()
    since = row.polled_until - OVERLAP
    return max(row.created_at, min(since, real_now() - NIGHTLY) if nightly else since)


def _take(session: Session, shop: ConnectedShop, changes: Iterable[Changed], settled: datetime) -> None:
    """`settled`: what changed after that is still on its way by webhook, and is looked at the next time."""
    old = [change for change in changes if change.at <= settled]
    ours = select(Order.ref, Order.updated_at).where(Order.shop_id == shop.id, Order.ref.in_([change.order_ref for change in old]))
    known = {ref: at for ref, at in session.execute(ours)}  # noqa: C416  (rows are no pairs to mypy)
    asked = set(
        session.scalars(select(Effect.subject_ref).where(Effect.shop_id == shop.id, Effect.followup == "fetch_order", Effect.state.in_(OPEN)))
    )
    newer = [change for change in old if change.order_ref not in known or (known[change.order_ref] or change.at) < change.at]
    missed = [change for change in newer if change.order_ref not in asked]
    refetch.plan(session, shop, [Refetch("order", change.order_ref, change.order_ref) for change in missed])
    if not missed:
        return
    row = session.get_one(Shop, shop.id)
    row.found_by_poll += len(missed)
    told = f"{row.name}: {len(missed)} orders were found by comparing and not told by webhook ({row.found_by_poll} so far): look at its webhooks"
    alarms.raise_alarm(session, "orders-found-by-poll", row.name, "warn", told)
    log.warning("orders found by comparing", extra={"shop": shop.id, "orders": len(missed)})
