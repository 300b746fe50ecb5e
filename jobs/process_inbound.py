"""Stored deliveries: raw -> events -> state -> plan, all written in one transaction; then a nudge for what is due at once.

What they come to for orders that are new is worked out before it: on SQLite nobody can store a delivery while it lasts. Those of one shop that wait
are read together, in the order in which they came: twenty cost hardly more statements than one. If anything at all goes wrong with them, each is read
by itself, so that one that fails harms no other.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Integer, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, Unreadable
from connectors.shops import SHOPS
from connectors.shops.base import Reading, ShopContext
from jobs import breaker, privacy, refetch, settle_return
from jobs.ask import ask_soon
from jobs.at_hand import AtHand
from jobs.world import World, current
from postventa import failpoints, state
from postventa.clock import now, real_now
from postventa.effects import BACKOFF, backoff
from postventa.followups import schedule
from postventa.models import Effect, Inbound
from postventa.models.db import reading, transaction
from postventa.models.many import execute_many
from postventa.models.types import word
from postventa.shops import ConnectedShop, find
from postventa.value import value

log = logging.getLogger("postventa.inbound")


TURNS = 7031
"""PostgreSQL's advisory locks of this class, one for each shop: who reads its deliveries. SQLite lets one transaction write at a time anyway."""
SKEW = timedelta(seconds=2)
"""Clocks of several machines differ a little: what was stored by a faster one is read all the same."""

_NEW = Inbound.state == word("new")
_DUE = Inbound.not_before <= bindparam("latest", type_=Inbound.not_before.type)
_STORED = select(Inbound.id, Inbound.shop_id, Inbound.topic, Inbound.body, Inbound.received_at, Inbound.source, Inbound.attempts, Inbound.platform)
_BODY = _STORED.where(Inbound.id == bindparam("id"), _NEW)
_UNREAD = (
    _STORED.where(Inbound.shop_id == bindparam("shop"), _NEW, _DUE, breaker.closed()).order_by(Inbound.id).limit(bindparam("most", type_=Integer()))
)
_STILL_NEW = select(Inbound.id, Inbound.not_before).where(Inbound.id.in_(bindparam("ids", expanding=True)), _NEW).with_for_update(skip_locked=True)
"""Asked for those that are due, SQLite would look at all that wait."""
_READ = update(Inbound).where(Inbound.id == bindparam("row")).values({
    name: bindparam(f"_{name}", type_=getattr(Inbound, name).type)
    for name in ("order_ref", "state", "reason", "done_at", "error", "trace", "failure", "failed_at")
}).execution_options(synchronize_session=False)  # fmt: skip


class _Busy(Exception):
    """Another worker reads this shop's deliveries."""


@value
class Delivery:
    """One stored delivery, and what it says once it was read."""

    id: int
    shop_id: int
    topic: str
    body: bytes | None
    received_at: datetime
    source: str
    attempts: int
    platform: str
    """Who sent it: the shop, or a carrier (`jobs/hear_carriers.py`)."""
    reading: Reading | None = None

    @property
    def order_ref(self) -> str:
        """The order that it is about."""
        return next((event.order_ref for event in self.reading.events if event.order_ref), "") if self.reading else ""


def process_inbound(inbound_id: int, *, in_turn: bool = False) -> bool:
    """Read one delivery; an error is written on its row, and the next one is not kept waiting. Running it twice is harmless.

    `in_turn`: only if nobody else reads this shop's deliveries just now, so that they are read in the order in which they came; False then.
    """
    world = current()
    delivery: Delivery | None = None
    try:
        with reading(world.engine) as session:
            delivery = next((Delivery(*row) for row in session.execute(_BODY, {"id": inbound_id})), None)
            shop = find(session, delivery.shop_id, world.settings, world.secret) if delivery else None
        if delivery is None or shop is None:
            return True
        delivery = _read(shop, delivery)
        soon = _write(world, shop, [delivery], in_turn=in_turn)
    except _Busy:
        return False
    except Unreadable as error:
        finish(world, inbound_id, "poison", str(error))
        return True
    except Exception as error:  # noqa: BLE001  (it stands on the row with its traceback, and is tried again)
        failed(world, inbound_id, error, delivery)
        return True
    ask_soon(world, soon)
    return True


def process_together(shop_id: int, deliveries: Sequence[Delivery], at_hand: AtHand | None = None) -> bool:
    """Read deliveries of one shop in their turn, in that order; False if another worker is at it. `at_hand` takes the mails that go out at once."""
    world = current()
    try:
        with reading(world.engine) as session:
            shop = find(session, shop_id, world.settings, world.secret)
        together = [_read(shop, delivery) for delivery in deliveries]
        if len(together) > 1 and any(privacy.about_the_shop(delivery.reading.events) for delivery in together if delivery.reading):
            raise _Apart
        soon = _write(world, shop, together, in_turn=True, at_hand=at_hand, drafted=_drafted(world, shop, together))
    except _Busy:
        return False
    except Exception as error:  # noqa: BLE001  (each by itself: whatever it was is found again, and stands on the row that it belongs to)
        if not isinstance(error, _Apart | Unreadable):
            log.warning("deliveries are read one by one after %s: %s", type(error).__name__, error, extra={"shop": shop_id})
        if at_hand is not None:
            at_hand.undo()
        return all(process_inbound(delivery.id, in_turn=True) for delivery in deliveries)
    ask_soon(world, soon)
    return True


class _Apart(Exception):
    """These must be read one by one."""


def unread(session: Session, shop_id: int, most: int) -> list[Delivery]:
    """The shop's oldest deliveries that may be read now."""
    instant = real_now()
    which = {"shop": shop_id, "latest": instant + SKEW, "instant": instant, "most": most}
    return [Delivery(*row) for row in session.connection().execute(_UNREAD, which)]


def _read(shop: ConnectedShop, delivery: Delivery) -> Delivery:
    """Pure, and outside of any transaction: nobody waits for it. Raises `Unreadable`."""
    failpoints.hit("read.body", delivery.body or b"")
    said = SHOPS[shop.platform].normalise(delivery.topic, delivery.body or b"", context_of(shop, delivery.received_at))
    return replace(delivery, reading=said)


def _drafted(world: World, shop: ConnectedShop, deliveries: Sequence[Delivery]) -> state.Draft:
    """What they come to as far as it is about new orders, with their plan."""
    tellings = _tellings(deliveries)
    with reading(world.engine) as session:
        unknown = state.unknown(session, shop, tellings)
    drafted = state.draft(shop, tellings, unknown)
    schedule.draft(drafted.dossiers, shop, world.rules(shop))
    return drafted


def _write(
    world: World,
    shop: ConnectedShop,
    deliveries: Sequence[Delivery],
    *,
    in_turn: bool,
    at_hand: AtHand | None = None,
    drafted: state.Draft | None = None,
) -> list[Effect]:
    """Events, state, plan and the deliveries' own ends, in one transaction; what is due within moments."""
    try:
        soon = _write_once(world, shop, deliveries, in_turn, at_hand, drafted)
    except IntegrityError:  # an answer of the shop's API, or another worker, made the same row in the same moment: now it is there
        soon = _write_once(world, shop, deliveries, in_turn, at_hand)
    if at_hand is not None:
        at_hand.keep()
    failpoints.hit("read.after_commit")
    return soon


def _write_once(
    world: World,
    shop: ConnectedShop,
    deliveries: Sequence[Delivery],
    in_turn: bool,
    at_hand: AtHand | None,
    drafted: state.Draft | None = None,
) -> list[Effect]:
    with transaction(world.engine) as session:
        if in_turn and session.get_bind().dialect.name == "postgresql":
            turn = session.scalar(select(func.pg_try_advisory_xact_lock(TURNS, shop.id)))
            if not turn:
                raise _Busy
        soon = _write_in(session, world, shop, deliveries, in_turn, at_hand, drafted)
        failpoints.hit("read.before_commit")
    return soon


def _write_in(
    session: Session,
    world: World,
    shop: ConnectedShop,
    deliveries: Sequence[Delivery],
    in_turn: bool,
    at_hand: AtHand | None,
    drafted: state.Draft | None,
) -> list[Effect]:
    # Another worker may have read or tried some of them since they were found.
    latest = real_now() + SKEW if in_turn else datetime.max.replace(tzinfo=UTC)
    waiting = session.connection().execute(_STILL_NEW, {"ids": [delivery.id for delivery in deliveries]})
    ours = {row_id for row_id, not_before in waiting if not_before <= latest}
    mine = [delivery for delivery in deliveries if delivery.id in ours]
    told = list(zip(map(_said, mine), _tellings(mine), strict=True))
    soon, news = absorb_all(session, world, shop, told, at_hand, drafted if len(mine) == len(deliveries) else None)
    session.flush()
    ends = [_end(session, world, shop, delivery, said, fresh) for delivery, (said, _), fresh in zip(mine, told, news, strict=True)]
    if ends:
        execute_many(session.connection(), _READ, ends)
    return soon


def _said(delivery: Delivery) -> Reading:
    if delivery.reading is None:
        raise RuntimeError(f"delivery {delivery.id} was not read yet")
    return delivery.reading


def _tellings(deliveries: Sequence[Delivery]) -> list[state.Telling]:
    return [state.Telling(_said(delivery).events, delivery.id, delivery.source == "import") for delivery in deliveries]


def _end(session: Session, world: World, shop: ConnectedShop, delivery: Delivery, said: Reading, news: bool) -> dict[str, object]:
    state_, reason = outcome(said, news)
    reason = privacy.heed(session, world, shop, delivery.id, delivery.received_at, said.events) or reason
    clean = {"_error": "", "_trace": "", "_failure": "", "_failed_at": None}
    return {"row": delivery.id, "_order_ref": delivery.order_ref, "_state": state_, "_reason": reason, "_done_at": now(), **clean}


def absorb(
    session: Session, world: World, shop: ConnectedShop, reading: Reading, inbound_id: int | None, *, imported: bool = False
) -> tuple[list[Effect], bool]:
    """One reading into state and plan. Returns what is due within moments, and whether anything was news."""
    soon, (news,) = absorb_all(session, world, shop, [(reading, state.Telling(reading.events, inbound_id, imported))])
    return soon, news


def absorb_all(
    session: Session,
    world: World,
    shop: ConnectedShop,
    told: Sequence[tuple[Reading, state.Telling]],
    at_hand: AtHand | None = None,
    drafted: state.Draft | None = None,
) -> tuple[list[Effect], list[bool]]:
    """Facts into state, and the plan of every order that they touch, once. Returns what is due within moments, and of each whether it was news."""
    touched, news = state.apply(session, shop, [telling for _, telling in told], drafted)
    settle_return.settle_touched(session, world, shop, touched)
    claim, planned = at_hand.take if at_hand is not None else None, drafted.dossiers if drafted is not None else ()
    soon = schedule.replan(session, touched, shop, world.rules(shop), claim, planned)
    for said, _ in told:
        refetch.plan(session, shop, said.refetch)
    return soon, news


def context_of(shop: ConnectedShop, received_at: datetime) -> ShopContext:
    """What reading a delivery of this shop needs to know."""
    own = shop.settings
    return ShopContext(own.domain or own.url, own.locale, own.timezone, own.country, own.currency, own.status_map, received_at)


def outcome(reading: Reading, news: bool) -> tuple[str, str]:
    """The state in which a delivery ends that could be read, and the reason for it."""
    if reading.ignored:
        return "ignored", reading.ignored
    if reading.events and not news:
        return "superseded", "nothing in it is newer than what is known"
    return "done", ""


def finish(world: World, inbound_id: int, outcome: str, error: str) -> None:
    """It was not read, and never will be as it is."""
    with transaction(world.engine) as session:
        row = session.get_one(Inbound, inbound_id, with_for_update=True)
        if row.state != "new":
            return  # another worker came to the same end in the same moment
        row.state, row.error, row.done_at, row.attempts = outcome, error[:2000], now(), row.attempts + 1
    log.warning("delivery %s kept as %s", inbound_id, outcome, extra={"inbound": inbound_id})


def failed(world: World, inbound_id: int, error: Exception, tried: Delivery | None) -> None:
    """Tried again later, or dead when it failed too often: never forgotten, and never in the way of other orders.

    While many fail alike the fault is not theirs: then they wait without a try being counted (`jobs/breaker.py`).
    """
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.error("delivery %s not read", inbound_id, exc_info=error, extra={"inbound": inbound_id})
    with transaction(world.engine) as session:
        row = session.get_one(Inbound, inbound_id, with_for_update=True)
        if row.state != "new" or (tried is not None and tried.attempts != row.attempts):
            return  # another worker was at it in the same moment: its word stands, and one try is counted once
        row.order_ref = row.order_ref or (tried.order_ref if tried is not None else "")
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
