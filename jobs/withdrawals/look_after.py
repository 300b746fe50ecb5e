"""The clock's look at open statements: lost work is asked for, goods that came back end the withholding, and nobody forgets the fourteenth day."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from jobs import queue
from jobs.ask import ask
from jobs.deeds.base import NoKeys
from jobs.withdrawals import decide, match, receipt
from jobs.withdrawals.standing import Standing, released, standing
from jobs.world import World
from postventa import alarms
from postventa.alarms import Level
from postventa.clock import now, real_now
from postventa.locale import choose, formats
from postventa.models import FINAL, Alarm, Effect, Shop, State, Withdrawal
from postventa.models.db import reading, transaction
from postventa.models.types import word
from postventa.shops import ConnectedShop, still_known
from postventa.withdrawal import store
from postventa.withdrawal.deadline import TOLD_ON
from postventa.withdrawal.statement import Unreadable

LATE = timedelta(minutes=15)
"""A receipt that was not taken by then is somebody's business."""
EARLY = timedelta(days=min(TOLD_ON) - 1)
"""So long after a statement its merchant surely hears nothing yet of the refund; a day less than it says, as days are those of the shop."""
SHOWN = 20
"""So many references stand in an alarm."""
UNMATCHED, RECEIPT, REFUND = "withdrawal-unmatched", "withdrawal-receipt", "withdrawal-refund"
"""The alarms that open and close here; each is about all statements of one shop's name."""
WAITING = "withdrawal_waiting"

log = logging.getLogger("postventa.withdrawals")


def look_after(world: World) -> None:
    """Every minute; where nobody withdrew it is two statements."""
    by_name: dict[str, _Open] = defaultdict(_Open)
    with reading(world.engine) as session:
        open_ones = or_(Withdrawal.state == word("open"), Withdrawal.receipt_at.is_(None))
        columns = (Withdrawal.id, Withdrawal.ref, Withdrawal.tried_at, Shop.name, _only_waits().label("only_waits"))
        rows = session.execute(select(*columns).join(Shop, Shop.id == Withdrawal.shop_id).where(open_ones).order_by(Withdrawal.id)).all()
        standing_alarms = select(Alarm.subject).where(Alarm.closed_at.is_(None), Alarm.name.in_((UNMATCHED, RECEIPT, REFUND)))
        for name in session.scalars(standing_alarms):
            by_name[name] = _Open()
    for row in rows:
        if row.only_waits:
            by_name[row.name].unmatched.append(row.ref)
        else:
            by_name[row.name].ids.append(row.id)
    _ask_again(world, [row.id for row in rows if row.tried_at is None])
    for name, some in sorted(by_name.items()):
        _look_at(world, name, some)


def forget(world: World) -> None:
    """What has to be kept no longer is destroyed."""
    with transaction(world.engine) as session:
        gone = store.destroy(session)
    if gone:
        log.info("statements of withdrawal destroyed: %s", gone)


def _ask_again(world: World, ids: Sequence[int]) -> None:
    try:
        queue.enqueue(world.redis, queue.NOW, "withdrawals.match.match", ids, queue.stamp(real_now(), 30))
    except RedisError as error:
        log.warning("Redis is away (%s): statements wait for their orders", type(error).__name__)


def _only_waits() -> ColumnElement[bool]:
    """Of what no order was found for, there is nothing to look at before the refund's clock speaks: a flood of it costs one statement."""
    asked = (Withdrawal.state == word("open"), Withdrawal.order_id.is_(None), Withdrawal.tried_at.is_not(None), Withdrawal.receipt_at.is_not(None))
    return and_(*asked, Withdrawal.submitted_at > now() - EARLY)


@dataclass
class _Open:
    """A shop's: those to look at, and the references of those that only wait for a person."""

    ids: list[int] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)


@dataclass
class _Found:
    """What a person has to hear of, over all statements of one shop's name."""

    unmatched: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)
    owed: list[str] = field(default_factory=list)
    level: Level = "warn"


def _look_at(world: World, name: str, some: _Open) -> None:
    """All statements of one name: a transaction each, then the alarms about all of them."""
    found = _Found(unmatched=some.unmatched)
    for number in some.ids:
        with transaction(world.engine) as session:
            row = session.get_one(Withdrawal, number, with_for_update=True, populate_existing=True)
            shop = still_known(session.get_one(Shop, row.shop_id), world.settings)
            if row.receipt_at is None and _receipt_is_late(session, world, shop, row):
                found.unsent.append(row.ref)
            if row.state != "open":
                continue
            try:
                _look_at_one(session, world, shop, row, found)
            except Unreadable as error:  # `audit verify` says more; the others are looked at all the same
                log.error("%s: %s", row.ref, error)
                found.unmatched.append(row.ref)
    with transaction(world.engine) as session:
        _say(session, name, found)


def _look_at_one(session: Session, world: World, shop: ConnectedShop, row: Withdrawal, found: _Found) -> None:
    it = standing(session, shop, row)
    _progress(session, world, shop, row, it)
    _warn(session, world, shop, row, it)
    if row.order_id is None and (row.tried_at is not None or row.created_at <= now() - LATE):
        found.unmatched.append(row.ref)
    if row.state == "open" and it.clock.told:
        found.owed.append(f"{row.ref} (day {it.clock.day}, due {it.clock.due})")
        found.level = "page" if "page" in (found.level, it.clock.level) else "warn"


def _say(session: Session, name: str, found: _Found) -> None:
    """Each alarm stands as long as there is a statement that it is about."""
    if found.unmatched:
        alarms.raise_alarm(session, "withdrawal-unmatched", name, "warn", _told(name, "no order was found for", found.unmatched))
    if found.unsent:
        what = "the customer's mail server has not taken the receipt of"
        alarms.raise_alarm(session, "withdrawal-receipt", name, "page", _told(name, what, found.unsent))
    if found.owed:
        alarms.raise_alarm(session, "withdrawal-refund", name, found.level, _told(name, "the refund is still owed for", found.owed))
    for alarm, which in ((UNMATCHED, found.unmatched), (RECEIPT, found.unsent), (REFUND, found.owed)):
        if not which:
            alarms.clear(session, alarm, name)


def _told(name: str, what: str, which: Sequence[str]) -> str:
    more = f" and {len(which) - SHOWN} more" if len(which) > SHOWN else ""
    return f"{name}: {what} {', '.join(which[:SHOWN])}{more} (postventa withdrawal list)"


def _receipt_is_late(session: Session, world: World, shop: ConnectedShop, row: Withdrawal) -> bool:
    """Whether a person should look; one that waits for its turn is asked for again."""
    effect = session.scalars(select(Effect).where(Effect.key == receipt.key_of(shop.key, row))).first()
    if effect is None:
        return True
    if effect.state == State.PLANNED and effect.due_at <= now() and effect.not_before <= real_now():
        try:
            ask(world, effect, queue.stamp(real_now(), 30))
        except RedisError as error:
            log.warning("Redis is away (%s): receipts wait", type(error).__name__)
    given_up = effect.state in FINAL and effect.lease_until is None and effect.state != State.DONE
    return given_up or (effect.due_at <= now() and row.created_at <= now() - LATE)


def _progress(session: Session, world: World, shop: ConnectedShop, row: Withdrawal, it: Standing) -> None:
    """What has happened since: the goods came, the shop paid; and what is to happen by itself, if its merchant wants that."""
    if row.released_at is None and (how := released(session, row)):
        row.released_at, row.released_how = now(), how
    if it.owed is not None and 0 < it.owed.amount <= it.refunded:
        decide.settled(session, row, "refunded", "shop", match.ACTOR)
        decide.close_return(session, world, row)
    elif shop.settings.withdrawal.refund == "automatic" and row.released_at is not None and it.in_time and not it.excepted and not shop.disconnected:
        try:
            decide.pay(session, world, row, None, match.ACTOR)
        except (NoKeys, ValueError, LookupError) as error:
            log.warning("%s is not paid back by itself: %s", row.ref, error, extra={"shop": row.shop_id})


def _warn(session: Session, world: World, shop: ConnectedShop, row: Withdrawal, it: Standing) -> None:
    """The merchant reads it on the days of `deadline.TOLD_ON` and when it is late, once each."""
    if row.state != "open" or it.clock.told <= row.told:
        return
    row.told = it.clock.told
    day = formats.date_of(it.clock.due, choose(shop.settings.locale), shop.settings.country)
    match.tell(session, shop, world.settings.public_url, row, WAITING, day, f":day-{row.told}")
