"""Parcels that are late although nobody says so: every few hours those on the way are held against how long others took."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from connectors.shops.base import Reading
from jobs import queue
from jobs.ask import ask_soon
from jobs.process_inbound import absorb
from jobs.world import World, current
from postventa import dossier
from postventa.clock import now
from postventa.dossier import Dossier
from postventa.events import ShipmentDelayed
from postventa.followups.load import view
from postventa.followups.view import ParcelFacts
from postventa.models import Effect, Order, Parcel, Tracking
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, everyone, find
from postventa.tracking.delays import AGAIN, MOST, Evidence, late, tells
from postventa.tracking.journeys import delivered, stands_in, zone_of
from postventa.tracking.lane import Lane
from postventa.tracking.learnt import lane_of, lanes_of
from postventa.tracking.ways import Way

log = logging.getLogger("postventa.carriers")

EARLIEST, LATEST = 9, 20
"""Hours of the shop's day in which customers hear of it: nobody is woken for a parcel."""
WINDOW = timedelta(days=45), timedelta(days=15)
"""Parcels that left then must have arrived by now: of how many did the shop tell?"""
ENOUGH = 500
"""Of so many, the newest, it is asked whether they were told."""
SOONEST = timedelta(days=2)
"""Nothing is late that left after that."""
TOGETHER = 100
"""Orders that are looked at, and locked, at a time."""


def look_all(world: World) -> None:
    """Have every shop's parcels looked at, one job each."""
    ids = [shop.id for shop in everyone(world.engine, world.settings, world.secret) if not shop.disconnected]
    try:
        queue.enqueue(world.redis, queue.LATER, "find_delays.find_delays", ids)
    except RedisError as error:
        log.warning("Redis is away (%s): late parcels are looked for at the next turn", type(error).__name__)


def find_delays(shop_id: int) -> None:
    """Tell of the late parcels of one shop. Never of what was imported, nor twice within a week."""
    world = current()
    with reading(world.engine) as session:
        shop = find(session, shop_id, world.settings, world.secret)
        if not EARLIEST <= now().astimezone(ZoneInfo(shop.settings.timezone)).hour < LATEST:
            return
        told = shop_tells(session, shop)
        if not told and not shop.settings.carriers.asked:
            return  # nobody would tell us of a delivery, so silence says nothing
        learnt, orders = lanes_of(session, shop.id), _travelling(session, shop)
    for begin in range(0, len(orders), TOGETHER):
        with transaction(world.engine) as session:
            soon = _tell(session, world, shop, orders[begin : begin + TOGETHER], learnt, told)
        ask_soon(world, soon)


def shop_tells(session: Session, shop: ConnectedShop) -> bool:
    """Whether the shop, or a carrier, has told of nearly all deliveries of late."""
    whole, instant = aliased(Parcel), now()
    query = select(delivered(whole).is_not(None)).join(Order, Order.id == Parcel.order_id).outerjoin(whole, stands_in(whole))
    between = (Parcel.dispatched_at >= instant - WINDOW[0], Parcel.dispatched_at < instant - WINDOW[1])
    newest = query.where(Parcel.shop_id == shop.id, Parcel.cancelled == 0, Order.imported == 0, *between).order_by(Parcel.dispatched_at.desc())
    told = list(session.scalars(newest.limit(ENOUGH)))
    return tells(len(told), sum(map(bool, told)))


def _travelling(session: Session, shop: ConnectedShop) -> list[int]:
    instant = now()
    on_the_way = (Parcel.delivered_at.is_(None), Parcel.dispatched_at.is_not(None), Parcel.dispatched_at > instant - MOST)
    live = (Order.imported == 0, Order.test == 0, Order.erased_at.is_(None), Parcel.cancelled == 0, Parcel.ready_for_pickup_at.is_(None))
    query = select(Parcel.order_id).join(Order, Order.id == Parcel.order_id)
    untold = [column.is_(None) | (column <= instant - AGAIN) for column in (Parcel.delayed_at, Parcel.failed_at)]
    found = query.where(Parcel.shop_id == shop.id, *on_the_way, Parcel.dispatched_at < instant - SOONEST, *live, *untold)
    return list(session.scalars(found.distinct().order_by(Parcel.order_id)))


def _tell(session: Session, world: World, shop: ConnectedShop, ids: Sequence[int], learnt: dict[Way, Lane], told: bool) -> list[Effect]:
    orders = session.scalars(select(Order).where(Order.id.in_(ids)).order_by(Order.id).with_for_update()).all()
    asked = {row.parcel_id: row for row in session.scalars(select(Tracking).where(Tracking.order_id.in_(ids)))}
    soon: list[Effect] = []
    for one in dossier.load(session, orders):
        for parcel, why in _late(session, shop, one, asked, learnt, told):
            log.info("a parcel is late: %s", why, extra={"shop": shop.id, "order": one.order.ref})
            soon += absorb(session, world, shop, Reading((ShipmentDelayed(one.order.ref, now(), parcel.ref),)), None)[0]
    return soon


def _late(
    session: Session, shop: ConnectedShop, one: Dossier, asked: dict[int, Tracking], learnt: dict[Way, Lane], told: bool
) -> Iterator[tuple[Parcel, str]]:
    seen, zone = view(one, shop.settings), zone_of(one.order.timezone, shop)
    if seen.cancelled or seen.trashed or seen.fully_refunded:
        return
    rows = {parcel.ref: parcel for parcel in one.parcels}
    for facts in seen.parcels:
        parcel = rows[facts.ref]
        evidence = _evidence(asked.get(parcel.id), facts, told)
        why = late(facts, facts.delayed, lane_of(session, shop, one.order, parcel, learnt), evidence, now(), zone)
        if why:
            yield parcel, why


def _evidence(row: Tracking | None, parcel: ParcelFacts, told: bool) -> Evidence:
    """The shop's promise stands above the carrier's, and what the carrier says now above what the shop does."""
    if row is None:
        return Evidence(asked=False, shop_tells=told, expected_on=parcel.estimated, promised_on=parcel.promised)
    fresh = row.asked_at is not None and row.asked_at > _lately()
    expected, promised = _day(row.expected_on) or parcel.estimated, parcel.promised or _day(row.promised_on)
    return Evidence(fresh and row.heard_at is not None, told, expected, promised)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _lately() -> datetime:
    """A carrier that could not be asked for a day proves nothing."""
    return now() - timedelta(days=1, hours=6)
