"""The past of a shop that was just connected: its orders of the last weeks are read, and nothing is sent for what they tell.

In steps of seconds, each of which writes down where the next one begins: a worker that is killed costs one step, which may be read twice without
harm. Steps wait until the queue is short and few shops take them at a time, so that other shops' work goes first. What is read this way is told to
nobody, as nothing is planned for it (`history`); an order that moves on later is planned like any other, but for what had happened by then
(`postventa/followups/plan.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Refused, SentOn
from connectors.shops.base import Past, ShopClient
from jobs import queue, refetch, shop_api, tell_merchant
from jobs.world import World, current
from postventa import alarms, failpoints, imports, leases, state
from postventa.clock import now
from postventa.events import Event
from postventa.models import Order, Shop, ShopImport
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, connected

log = logging.getLogger("postventa.import")

AT_ONCE = 2
"""Shops whose past is read at the same time."""
SHORT = 20
"""Jobs in the queue beside which a step may wait: behind more it would be one more."""
LEASE = 300.0
"""Seconds for one step: more than all its questions may take."""
TOGETHER = 10
"""Orders that are written in one transaction: others want to write, too."""
STUCK = 4
"""Steps that fail one after the other before somebody is told: some ten minutes."""
AHEAD = timedelta(minutes=10)
"""How far a shop's clock may be before ours; what it tells of a later future is not believed."""


@dataclass(frozen=True)
class Told:
    """What one step was told. `left_out`: orders that were listed and could not be read."""

    orders: Sequence[tuple[Event, ...]]
    left_out: int
    asked_at: datetime
    past: Past


def begin_all(world: World) -> None:
    """Write down which shops' past is to be read: all that gave us keys, each once."""
    days = world.settings.reconcile.history
    if not days:
        return
    with reading(world.engine) as session:
        new = [row.id for row in imports.without(session) if _can_be_asked(connected(row, world.settings, world.secret))]
    if new:
        with transaction(world.engine) as session:
            for shop_id in new:
                imports.begin(session, session.get_one(Shop, shop_id), days)


def go_on(world: World) -> None:
    """Have the next steps taken while the workers have little else to do."""
    if not world.settings.reconcile.history:
        return
    with reading(world.engine) as session:
        ids = imports.waiting(session, AT_ONCE)
    try:
        if ids and queue.depth(world.redis)[queue.LATER] < SHORT:
            queue.enqueue(world.redis, queue.LATER, "import_history.step", ids)
    except RedisError as error:
        log.warning("Redis is away (%s): imports go on at the next turn", type(error).__name__)


def _can_be_asked(shop: ConnectedShop | None) -> bool:
    return shop is not None and shop.settings.has_api_keys and not shop.disconnected


def step(shop_id: int) -> None:
    """Read one piece of a shop's past. Its API in trouble is no error: the same piece is asked for again when that is over."""
    world = current()
    with _alone(world, shop_id) as at_work:
        if at_work:
            _step(world, shop_id)


@contextmanager
def _alone(world: World, shop_id: int) -> Iterator[bool]:
    """Two workers would read the same piece; a dead one's lease is nobody's."""
    with transaction(world.engine) as session:
        lease = leases.take(session, f"import:{shop_id}", world.owner, LEASE)
    try:
        yield lease is not None
    finally:
        if lease is not None:
            with transaction(world.engine) as session:
                leases.give_back(session, lease)


def _step(world: World, shop_id: int) -> None:
    with transaction(world.engine) as session:
        row = imports.unfinished(session, shop_id)
        if row is None:
            return
        shop = _shop(session, world, shop_id)
        if shop is None or shop_api.resting(session, world, shop) is not None:
            imports.passed_over(row)
            return
        since, until, place, failures = row.since, row.until, row.place, row.failures
    try:
        told = _ask(shop_api.client(world, shop), since, until, place, failures)
    except ConnectorError as error:
        _failed(world, shop, error)
        return
    failpoints.hit("import.after_answer")
    for begin in range(0, len(told.orders), TOGETHER):
        _write(world, shop, told.orders[begin : begin + TOGETHER], told.asked_at)
    failpoints.hit("import.before_place")
    with transaction(world.engine) as session:
        _settle(session, shop, imports.unfinished(session, shop_id), told)


def _shop(session: Session, world: World, shop_id: int) -> ConnectedShop | None:
    """None: it left the configuration, gave up its keys or uninstalled the app, and its import waits until it is back."""
    shop = connected(session.get_one(Shop, shop_id), world.settings, world.secret)
    return shop if _can_be_asked(shop) else None


def _ask(client: ShopClient, since: datetime, until: datetime, place: str, failures: int) -> Told:
    """A piece that the shop could not bear is asked for again in smaller ones. Raises `ConnectorError`."""
    asked_at, orders, left_out = now(), list[tuple[Event, ...]](), 0
    past = client.history(since, until, place, 1.0 / 2**failures)
    for ref in past.refs:
        try:
            orders.append(past.told[ref] if ref in past.told else client.order(ref))
        except ConnectorError as error:
            if isinstance(error, Refused | SentOn) or not error.permanent:
                raise
            left_out += 1
            log.warning("an order of the past could not be read: %s", error)
    return Told(orders, left_out + past.unreadable, asked_at, past)


def _failed(world: World, shop: ConnectedShop, error: ConnectorError) -> None:
    with transaction(world.engine) as session:
        shop_api.failed(session, world, shop, error)
        row = imports.unfinished(session, shop.id)
        if row is not None:
            imports.stumbled(row, str(error))
            if row.failures >= STUCK:
                name = session.get_one(Shop, shop.id).name
                tell_merchant.raise_alarm(session, "import-stuck", shop, "warn", f"{name}: its orders of before cannot be read: {error}")
    log.warning("the shop's past could not be read: %s", error, extra={"shop": shop.id})


def _write(world: World, shop: ConnectedShop, orders: Sequence[tuple[Event, ...]], asked_at: datetime) -> None:
    try:
        with transaction(world.engine) as session:
            history(session, shop, orders, asked_at)
    except IntegrityError:  # a delivery made the same row in the same moment: now it is there
        with transaction(world.engine) as session:
            history(session, shop, orders, asked_at)


def history(session: Session, shop: ConnectedShop, orders: Sequence[tuple[Event, ...]], asked_at: datetime) -> None:
    """Facts of the past into state, and no plan. Orders that are new with it remember up to when their story was told to nobody."""
    state.apply(session, shop, [state.Telling(events, None, imported=True) for events in orders])
    session.flush()
    _told_to_nobody(session, shop, {event.order_ref for events in orders for event in events}, asked_at, asked_at)
    for events in orders:
        latest = max((event.at for event in events), default=asked_at)
        if latest > asked_at:  # its clock is before ours
            _told_to_nobody(session, shop, {event.order_ref for event in events}, asked_at, min(latest, asked_at + AHEAD))


def _told_to_nobody(session: Session, shop: ConnectedShop, refs: set[str], asked_at: datetime, until: datetime) -> None:
    new = (Order.shop_id == shop.id, Order.ref.in_(refs), Order.imported.in_((True,)), Order.seen_at >= asked_at)
    session.execute(update(Order).where(*new).values(seen_at=until).execution_options(synchronize_session=False))


def _settle(session: Session, shop: ConnectedShop, row: ShopImport | None, told: Told) -> None:
    shop_api.answered(session, shop)
    if row is None:
        return
    imports.stepped(row, told.past.place, done=told.past.listed - told.left_out, left_out=told.left_out, total=told.past.total)
    _ask_further(session, shop, told.past)
    alarms.clear(session, "import-stuck", session.get_one(Shop, shop.id).name)
    if row.finished_at is not None:
        log.info("the shop's past is read: %s orders", row.done, extra={"shop": shop.id})


def _ask_further(session: Session, shop: ConnectedShop, past: Past) -> None:
    """What the list only names, of orders that came with it: the parcels of others were asked for when a delivery told of them."""
    refs = {item.order_ref for item in past.refetch}
    ours = set(session.scalars(select(Order.ref).where(Order.shop_id == shop.id, Order.ref.in_(refs), Order.imported.in_((True,)))))
    refetch.plan(session, shop, [item for item in past.refetch if item.order_ref in ours])
