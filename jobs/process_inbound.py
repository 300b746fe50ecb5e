"""One stored delivery: raw -> events -> state -> plan, all in one transaction; then a nudge for what is due at once."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Unreadable
from connectors.shops import SHOPS
from connectors.shops.base import Reading, ShopContext
from jobs import breaker, privacy, refetch
from jobs.ask import ask_soon
from jobs.world import World, current
from postventa import failpoints, state
from postventa.clock import now, real_now
from postventa.effects import BACKOFF, backoff
from postventa.followups.schedule import replan
from postventa.models import Effect, Inbound, Order
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.inbound")


TURNS = 7031
"""PostgreSQL's advisory locks of this class, one for each shop: who reads its deliveries. SQLite lets one transaction write at a time anyway."""
SKEW = timedelta(seconds=2)
"""Clocks of several machines differ a little: what was stored by a faster one is read all the same."""


def process_inbound(inbound_id: int, *, in_turn: bool = False) -> bool:
    """Read one delivery; an error is written on its row, and the next one is not kept waiting. Running it twice is harmless.

    `in_turn`: only if nobody else reads this shop's deliveries just now, so that they are read in the order in which they came; False then.
    """
    world = current()
    tried = _Try()
    try:
        with transaction(world.engine) as session:
            soon = _process(session, world, inbound_id, tried, in_turn=in_turn)
            failpoints.hit("read.before_commit")
        failpoints.hit("read.after_commit")
    except _Busy:
        return False
    except Unreadable as error:
        _finish(world, inbound_id, "poison", str(error))
        return True
    except Exception as error:  # noqa: BLE001  (it stands on the row with its traceback, and is tried again)
        _failed(world, inbound_id, error, tried)
        return True
    ask_soon(world, soon)
    return True


class _Busy(Exception):
    """Another worker reads this shop's deliveries."""


@dataclass
class _Try:
    """What was learnt about a delivery before it failed. `attempts`: how often it had failed when this try began."""

    attempts: int | None = None
    order_ref: str = ""


def _process(session: Session, world: World, inbound_id: int, tried: _Try, *, in_turn: bool) -> list[Effect]:
    if in_turn and session.get_bind().dialect.name == "postgresql":
        shop_of = select(cast(Inbound.shop_id, Integer)).where(Inbound.id == inbound_id)
        if not session.scalar(select(func.pg_try_advisory_xact_lock(TURNS, shop_of.scalar_subquery()))):
            raise _Busy
    mine = [Inbound.id == inbound_id, Inbound.state == "new"]
    if in_turn:
        mine.append(Inbound.not_before <= real_now() + SKEW)  # another worker may have tried it since it was found
    row = session.scalars(select(Inbound).where(*mine).with_for_update(skip_locked=True)).first()
    if row is None:
        return []
    tried.attempts = row.attempts
    shop = find(session, row.shop_id, world.settings, world.secret)
    failpoints.hit("read.body", row.body or b"")
    reading = SHOPS[shop.platform].normalise(row.topic, row.body or b"", context_of(shop, row))
    row.order_ref = next((event.order_ref for event in reading.events if event.order_ref), "")
    tried.order_ref = row.order_ref
    soon, news = absorb(session, world, shop, reading, row.id, imported=row.source == "import")
    row.state, row.reason = outcome(reading, news)
    row.done_at, row.error, row.trace, row.failure, row.failed_at = now(), "", "", "", None
    privacy.heed(session, shop, row, reading.events)
    return soon


def absorb(
    session: Session, world: World, shop: ConnectedShop, reading: Reading, inbound_id: int | None, *, imported: bool = False
) -> tuple[list[Effect], bool]:
    """Facts into state, and the plan of every order that they touch. Returns what is due within moments, and whether anything was news."""
    touched, news = state.apply(session, shop, reading.events, inbound_id, imported=imported)
    rules = world.rules(shop)
    soon = [effect for order_id in sorted(touched) for effect in replan(session, session.get_one(Order, order_id), shop, rules)]
    refetch.plan(session, shop, reading.refetch)
    return soon, news


def context_of(shop: ConnectedShop, row: Inbound) -> ShopContext:
    """What reading a delivery of this shop needs to know."""
    own = shop.settings
    return ShopContext(own.domain or own.url, own.locale, own.timezone, own.country, own.currency, own.status_map, row.received_at)


def outcome(reading: Reading, news: bool) -> tuple[str, str]:
    """The state in which a delivery ends that could be read, and the reason for it."""
    if reading.ignored:
        return "ignored", reading.ignored
    if reading.events and not news:
        return "superseded", "nothing in it is newer than what is known"
    return "done", ""


def _finish(world: World, inbound_id: int, outcome: str, error: str) -> None:
    with transaction(world.engine) as session:
        row = session.get_one(Inbound, inbound_id, with_for_update=True)
        if row.state != "new":
            return  # another worker came to the same end in the same moment
        row.state, row.error, row.done_at, row.attempts = outcome, error[:2000], now(), row.attempts + 1
    log.warning("delivery %s kept as %s", inbound_id, outcome, extra={"inbound": inbound_id})


def _failed(world: World, inbound_id: int, error: Exception, tried: _Try) -> None:
    """Tried again later, or dead when it failed too often: never forgotten, and never in the way of other orders.

    While many fail alike the fault is not theirs: then they wait without a try being counted (`jobs/breaker.py`).
    """
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.error("delivery %s not read", inbound_id, exc_info=error, extra={"inbound": inbound_id})
    with transaction(world.engine) as session:
        row = session.get_one(Inbound, inbound_id, with_for_update=True)
        if row.state != "new" or tried.attempts not in (None, row.attempts):
            return  # another worker was at it in the same moment: its word stands, and one try is counted once
        row.order_ref = row.order_ref or tried.order_ref
        row.failure, row.failed_at = f"{type(error).__name__} in {where.name}", real_now()
        row.error = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"[:2000]
        row.trace = "".join(traceback.format_exception(error))[-8000:]
        permanent = isinstance(error, ConnectorError) and error.permanent
        if not permanent and (paused_until := breaker.count(session, row)):
            row.not_before = paused_until
            return
        row.attempts += 1
        dead = row.attempts > len(BACKOFF) or permanent
        row.state = "dead" if dead else "new"
        row.not_before = real_now() + (timedelta(0) if dead else backoff(row.attempts))
        row.done_at = now() if dead else None
