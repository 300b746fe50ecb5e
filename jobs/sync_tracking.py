"""Carriers are asked where parcels are: when each is due, a few at a time, and in the turn of its shop's account.

All due times stand in SQL, so nothing is lost with Redis; after an outage the oldest come first, at the usual pace. What a carrier tells takes the
same road as what a shop tells: events that add up, and the plan of the order anew.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Select, Update, exists, select, update
from sqlalchemy.orm import Session, aliased

from connectors.carriers.base import Carrier, Tracked
from connectors.errors import ConnectorError, Unsupported
from connectors.whom import speaks_for_all, whom
from jobs import carrier_accounts as accounts
from jobs import queue
from jobs.ask import ask_soon
from jobs.follow_returns import RETURNS
from jobs.followed import Followed
from jobs.learn_scans import learn
from jobs.world import World, current
from postventa import alarms
from postventa.clock import now, real_now
from postventa.effects import insert_once
from postventa.models import Effect, Order, Parcel, Tracking
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, everyone, find
from postventa.tracking import polling
from postventa.tracking.journeys import stands_in
from postventa.tracking.webhooks import standing

log = logging.getLogger("postventa.carriers")

PIECE = 40
"""Parcels, and labels of returns, that one job takes on."""
LONGEST = 240.0
"""Seconds that one job asks: well below what a worker is given."""
CLAIMED = timedelta(minutes=10)
ENROLLED = 200
"""New parcels that one look takes in."""
CEASED = "carrier-webhooks-ceased"
LATELY = timedelta(days=3)
"""Parcels that left since are looked for every minute, all others once an hour: a number may become known late."""


def look_all(world: World) -> None:
    """Take in parcels that left and labels of returns, and have those asked about that are due: one job for each shop with an account."""
    shops = [shop for shop in everyone(world.engine, world.settings, world.secret) if shop.settings.carriers.asked and not shop.disconnected]
    due = []
    for shop in shops:
        with transaction(world.engine) as session:
            for kind in KINDS:
                kind.enrol(session, shop)
            _miss_webhooks(session, shop)
            if any(session.scalar(select(kind.table.id).where(*_due(kind, shop.id)).limit(1)) is not None for kind in KINDS):
                due.append(shop.id)
    try:
        queue.enqueue(world.redis, queue.LATER, "sync_tracking.sync", due)
    except RedisError as error:
        log.warning("Redis is away (%s): carriers are asked at the next look", type(error).__name__)


def sync(shop_id: int) -> None:
    """Ask about the parcels of one shop that are due. A carrier in trouble is no error: its account rests, and the parcels keep their turn."""
    world = current()
    with transaction(world.engine) as session:
        shop = find(session, shop_id, world.settings, world.secret)
    for name in shop.settings.carriers.asked:
        _sync(world, shop, name)


def _miss_webhooks(session: Session, shop: ConnectedShop) -> None:
    """A carrier that told by itself and ceased: what it would have told is found by asking, hours later. Over with its next word."""
    for carrier in shop.settings.carriers.asked:
        webhooks, subject = standing(session, shop.id, carrier), f"{shop.settings.name}, {carrier}"
        if webhooks.ceased:
            since = f"{shop.settings.name}: {carrier} tells nothing any more, the last webhook came on {webhooks.last:%Y-%m-%d %H:%M} UTC"
            alarms.raise_alarm(session, CEASED, subject, "warn", f"{since}; parcels are asked about all the same")
        elif webhooks.last is not None:
            alarms.clear(session, CEASED, subject)


def _enrol(session: Session, shop: ConnectedShop) -> None:
    """Parcels of the past are none of ours: whoever bought them has been told."""
    asked, instant, query = shop.settings.carriers.asked, now(), _strangers(shop.id)
    if not speaks_for_all(asked):
        said = session.scalars(query.with_only_columns(Parcel.carrier).distinct().order_by(None).limit(None))
        query = query.where(Parcel.carrier.in_([word for word in said if whom(asked, word)]))
    for parcel_id, order_id, word in session.execute(query):
        values = {"shop_id": shop.id, "order_id": order_id, "parcel_id": parcel_id, "carrier": whom(asked, word), "next_at": instant}
        session.execute(insert_once(session, Tracking, {**values, **NOTHING_YET}, ["parcel_id"]))


NOTHING_YET = {"status": "", "promised_on": "", "expected_on": "", "failures": 0, "trouble": "", "ended": ""}


def _strangers(shop_id: int) -> Select[int, int, str]:
    whole = aliased(Parcel)
    back = polling.SILENT if real_now().minute < 2 else LATELY  # two, lest a slow round miss the only one
    mine = (Parcel.shop_id == shop_id, Parcel.delivered_at.is_(None), Parcel.dispatched_at > now() - back)
    told = exists().where(stands_in(whole), whole.delivered_at.is_not(None))
    query = (
        select(Parcel.id, Parcel.order_id, Parcel.carrier)
        .join(Order, Order.id == Parcel.order_id)
        .outerjoin(Tracking, Tracking.parcel_id == Parcel.id)
    )
    ours = (Order.imported == 0, Order.erased_at.is_(None), Parcel.tracking_number != "", Parcel.cancelled == 0, Tracking.id.is_(None), ~told)
    return query.where(*mine, *ours).order_by(Parcel.id).limit(ENROLLED)


def _learn(session: Session, world: World, shop: ConnectedShop, tracking_id: int, told: Tracked) -> list[Effect]:
    return learn(session, world, shop, tracking_id, told)


_NUMBER = select(Parcel.tracking_number).join(Tracking, Tracking.parcel_id == Parcel.id)
KINDS = (Followed(Tracking, _enrol, _NUMBER, Parcel.tracking_number, _learn), RETURNS)


def _due(kind: Followed, shop_id: int) -> tuple[ColumnElement[bool], ...]:
    row = kind.table
    free = row.claimed_until.is_(None) | (row.claimed_until < real_now())
    return row.shop_id == shop_id, row.ended_at.is_(None), row.next_at <= now(), free


def _sync(world: World, shop: ConnectedShop, name: str) -> None:
    with transaction(world.engine) as session:
        if accounts.resting(session, shop.id, name):
            return
        claimed = [(kind, number) for kind in KINDS for number in _claim(session, kind, shop.id, name)]
    try:
        carrier = accounts.carrier_of(world, shop, name)
        until = time.monotonic() + LONGEST
        while claimed and time.monotonic() < until:
            if not _ask(world, shop, carrier, *claimed.pop(0)):
                break
    finally:
        _release(world, claimed)  # one that makes us fail keeps its claim, and is in nobody's way for a while


def _claim(session: Session, kind: Followed, shop_id: int, name: str) -> list[int]:
    row = kind.table
    query = select(row.id).where(*_due(kind, shop_id), row.carrier == name).order_by(row.next_at, row.id).limit(PIECE)
    claimed = list(session.scalars(query.with_for_update(skip_locked=True)))
    if claimed:
        session.execute(_of(kind, claimed).values(claimed_until=real_now() + CLAIMED))
    return claimed


def _release(world: World, claimed: list[tuple[Followed, int]]) -> None:
    with transaction(world.engine) as session:
        for kind, number in claimed:
            session.execute(_of(kind, [number]).values(claimed_until=None))


def _of(kind: Followed, ids: list[int]) -> Update:
    return update(kind.table).where(kind.table.id.in_(ids)).execution_options(synchronize_session=False)


def _ask(world: World, shop: ConnectedShop, carrier: Carrier, kind: Followed, tracking_id: int) -> bool:
    """One parcel; whether the next one may be asked about."""
    with reading(world.engine) as session:
        number = session.scalar(kind.number.where(kind.table.id == tracking_id))
    try:
        told = carrier.track(number or "")
    except ConnectorError as error:
        return _failed(world, shop, carrier.name, kind, tracking_id, error)
    with transaction(world.engine) as session:
        accounts.answered(session, shop, carrier.name)
        soon = kind.learn(session, world, shop, tracking_id, told)
        kind.row(session, tracking_id).claimed_until = None
    ask_soon(world, soon)
    return True


def _failed(world: World, shop: ConnectedShop, name: str, kind: Followed, tracking_id: int, error: ConnectorError) -> bool:
    """The parcel waits longer each time, so that one that breaks the carrier's answers does not stand in the others' way for ever."""
    account = accounts.is_about_the_account(error) and not isinstance(error, Unsupported)
    with transaction(world.engine) as session:
        row = kind.row(session, tracking_id)
        row.failures, row.trouble, row.asked_at, row.claimed_until = row.failures + 1, str(error)[:500], now(), None
        row.next_at = polling.after_failure(row.failures, now(), error.retry_after)
        if account:
            accounts.failed(session, shop, name, error)
    log.warning("a parcel could not be asked about: %s", error, extra={"shop": shop.id, "tracking": tracking_id})
    return not account
