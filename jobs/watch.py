"""What a person should know: looked for every few seconds, kept as alarms, and told to the operator once each.

Each check yields what it finds; what it found before and finds no more is over. docs/operations.md says for each alarm what to do.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Engine, and_, func, select, text
from sqlalchemy.orm import Session

from jobs import queue, tell_merchant
from jobs.world import World
from postventa import alarms, clock, secrets
from postventa.alarms import Level
from postventa.clock import now, real_now
from postventa.models import Attempt, Effect, Inbound, Shop, State
from postventa.models.db import reading, transaction
from postventa.models.types import word
from postventa.shops import ConnectedShop, everyone
from postventa.spool import REJECTED, Spool

log = logging.getLogger("postventa.watch")

BACKLOG_WARN, BACKLOG_PAGE = 60.0, 300.0
"""Seconds that the oldest unread delivery may wait (promises.md 1.11)."""
LATE_WARN, LATE_PAGE = 300.0, 900.0
"""Seconds that the oldest mail that could go out may wait."""
DISK_WARN, DISK_PAGE = 1024, 100
"""MiB left."""
SKEW_WARN, SKEW_PAGE = 2.0, 30.0
"""Seconds between this machine's clock and the database's (promises.md 2.7)."""
SPOOL_WARN = 60.0
"""Seconds after which what was kept in the spool should be in the inbox."""
DAY = timedelta(days=1)
FAILING, TRIES = timedelta(minutes=10), 20_000
"""How far back tries at the mail server are looked at: so long, and at most so many of the newest."""


@dataclass(frozen=True)
class Finding:
    """What is so now. `subject`: what it is about, such as a shop's name; empty: the whole service."""

    name: str
    level: Level
    message: str
    subject: str = ""
    shop: ConnectedShop | None = None
    """Whose merchant is told of it, too."""


def watch(world: World) -> None:
    """Look at everything, open and close alarms, and have the operator told of new ones."""
    found = [finding for check in CHECKS for finding in check(world)]
    with transaction(world.engine) as session:
        _bring(session, found)
        untold = [alarm.id for alarm in alarms.open_alarms(session) if alarm.told_at is None]
    if world.settings.alerts.reachable:
        try:
            queue.enqueue(world.redis, queue.LATER, "tell_operator.tell_operator", untold)
        except RedisError:
            return  # asked again at the next look


def _bring(session: Session, found: list[Finding]) -> None:
    for finding in found:
        if _open(session, finding):
            log.error("alarm: %s", finding.message, extra={"alarm": finding.name, "subject": finding.subject, "severity": finding.level})
    past = [a for a in alarms.open_alarms(session) if a.name in HAPPENED and a.seen_at < real_now() - HAPPENED[a.name]]
    still = {(finding.name, finding.subject) for finding in found}
    for alarm in alarms.open_alarms(session):
        if alarm in past or (alarm.name in OWN and (alarm.name, alarm.subject) not in still):
            alarms.clear(session, alarm.name, alarm.subject)
            log.warning("alarm is over: %s", alarm.message, extra={"alarm": alarm.name, "subject": alarm.subject})


def _open(session: Session, finding: Finding) -> bool:
    if finding.shop is not None:
        return tell_merchant.raise_alarm(session, finding.name, finding.shop, finding.level, finding.message)
    return alarms.raise_alarm(session, finding.name, finding.subject, finding.level, finding.message)


def backlog(world: World) -> Iterator[Finding]:
    """Deliveries that wait to be read, by shop."""
    unread = (Inbound.state == "new", Inbound.not_before <= real_now())
    query = select(Shop.name, func.min(Inbound.not_before), func.count()).join(Shop, Shop.id == Inbound.shop_id).where(*unread)
    with reading(world.engine) as session:
        rows = session.execute(query.group_by(Shop.id, Shop.name)).all()
    for shop, oldest, count in rows:
        age = _age(oldest)
        if age >= BACKLOG_WARN:
            level: Level = "page" if age >= BACKLOG_PAGE else "warn"
            yield Finding("backlog", level, f"{shop}: {count} deliveries wait to be read, the oldest for {age:.0f} s", shop)


def mails_late(world: World) -> Iterator[Finding]:
    """Mails that may go out now, and do not."""
    due = and_(Effect.state == State.PLANNED, Effect.due_at <= now(), Effect.not_before <= real_now())
    with reading(world.engine) as session:
        late = session.execute(select(func.count(), func.min(Effect.due_at), func.min(Effect.not_before)).where(due)).one()
    count, due_since, free_since = late
    waited = min(now() - due_since, real_now() - free_since).total_seconds() if count else 0.0
    if waited >= LATE_WARN:
        yield Finding(
            "mails-late", "page" if waited >= LATE_PAGE else "warn", f"{count} mails are due and do not go out, the oldest for {waited:.0f} s"
        )


def mail_server(world: World) -> Iterator[Finding]:
    """Every try of the last minutes failed."""
    newest = select(func.max(Attempt.id)).scalar_subquery()
    mails = Effect.kind.in_(("mail", "alert", "receipt"))
    lately = and_(Attempt.id > newest - TRIES, Attempt.at >= real_now() - FAILING, Attempt.effect_id == Effect.id, mails)
    with reading(world.engine) as session:
        counts = session.execute(select(Attempt.outcome, func.count()).where(lately).group_by(Attempt.outcome))
        outcomes = {outcome: count for outcome, count in counts}  # noqa: C416  (rows are no pairs to mypy)
        last = session.scalar(select(Attempt.detail).where(lately, Attempt.outcome == "retry").order_by(Attempt.id.desc()).limit(1))
    if outcomes.get("retry", 0) >= 5 and not outcomes.get("sent"):
        yield Finding("mail-server", "page", f"no mail went out for {FAILING.seconds // 60} minutes, {outcomes['retry']} tries failed: {last}")


def dead_letters(world: World) -> Iterator[Finding]:
    """Deliveries that could not be read, mails that were given up or are in doubt, all of the last day."""
    with reading(world.engine) as session:
        for shop, count in _by_shop(session, Inbound.shop_id, Inbound.state.in_((word("poison"), word("dead"))), Inbound.done_at >= now() - DAY):
            yield Finding("dead-deliveries", "warn", f"{shop}: {count} deliveries of the last day could not be read", shop)
        for shop, count in _by_shop(session, Effect.shop_id, _given_up(State.DEAD), Effect.done_at >= now() - DAY):
            yield Finding("dead-mails", "warn", f"{shop}: {count} mails or labels of the last day were given up", shop)
        for shop, count in _by_shop(session, Effect.shop_id, _given_up(State.UNKNOWN), Effect.done_at >= now() - DAY):
            yield Finding("mails-in-doubt", "warn", f"{shop}: of {count} mails of the last day nobody knows whether they arrived", shop)


def _given_up(state: State) -> ColumnElement[bool]:
    """In the words of the index that holds what a person should look at, and nothing else."""
    return and_(Effect.state.in_((word(State.DEAD), word(State.UNKNOWN))), Effect.state == state)


def _by_shop(session: Session, shop_id: ColumnElement[int] | object, *conditions: ColumnElement[bool]) -> list[tuple[str, int]]:
    query = select(Shop.name, func.count()).where(*conditions, Shop.id == shop_id).group_by(Shop.id, Shop.name)
    return [(name, count) for name, count in session.execute(query)]


def redis_away(world: World) -> Iterator[Finding]:
    """Nothing is lost without it, and little goes out."""
    try:
        world.redis.ping()
    except RedisError as error:
        yield Finding("redis-away", "page", f"Redis does not answer ({type(error).__name__}): deliveries are kept, mails wait")


def disk(world: World) -> Iterator[Finding]:
    """Deliveries must always find room."""
    left = shutil.disk_usage(world.settings.var).free // 2**20
    if left < DISK_WARN:
        yield Finding("disk-space", "page" if left < DISK_PAGE else "warn", f"{left} MiB left in {world.settings.var}")


def spool(world: World) -> Iterator[Finding]:
    """Deliveries that were kept while the database was damaged, and could not be taken in since."""
    kept = Spool(world.settings.spool)
    for waiting in [] if kept.empty() else kept.waiting():
        where = f"{world.settings.var.name}/{kept.folder.name}/{waiting.file.name}"
        if waiting.file.suffix == REJECTED:
            yield Finding("spool", "warn", f"{where}: {waiting.unreadable} lines that should be deliveries cannot be read", waiting.file.name)
        elif waiting.written_at is not None and _age(waiting.written_at) >= SPOOL_WARN:
            shops = ", ".join(waiting.shops)
            yield Finding("spool", "warn", f"{where}: {waiting.deliveries} deliveries wait for their shop to be known: {shops}", waiting.file.name)


def time_differs(world: World) -> Iterator[Finding]:
    """The machine's clock jumped, or differs from the database's; requests wait while the difference is large."""
    ahead = clock.jump()
    if ahead:
        yield Finding("clock-jumped", "page", f"the machine's clock jumped by {ahead:+.0f} s; the service goes on by its own count of time")
    skew = _skew(world.engine)
    world.time_in_doubt = abs(skew) > SKEW_PAGE
    if abs(skew) > SKEW_WARN:
        yield Finding("clock-differs", "page" if world.time_in_doubt else "warn", f"this machine is {skew:+.1f} s from the database's time")


def _skew(engine: Engine) -> float:
    """Seconds by which we are ahead of PostgreSQL; SQLite has no clock of its own."""
    if engine.dialect.name != "postgresql":
        return 0.0
    with reading(engine) as session:
        theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return (real_now() - theirs).total_seconds()


def weak_secrets(world: World) -> Iterator[Finding]:
    """Secrets of single shops that can be guessed, where strangers can try. Their deliveries are taken all the same: refusing would lose orders."""
    if not world.settings.in_production:
        return
    for shop in everyone(world.engine, world.settings, world.secret):
        weak = secrets.weak_secrets(shop.settings)
        if weak:
            yield Finding("weak-secret", "warn", f"{shop.settings.name}: {'; '.join(weak)}", shop.settings.name, shop)


def _age(moment: datetime) -> float:
    return (real_now() - moment).total_seconds()


CHECKS: tuple[Callable[[World], Iterator[Finding]], ...] = (
    backlog,
    mails_late,
    mail_server,
    dead_letters,
    redis_away,
    disk,
    spool,
    time_differs,
    weak_secrets,
)
OWN = frozenset(
    {
        "backlog",
        "mails-late",
        "mail-server",
        "dead-deliveries",
        "dead-mails",
        "mails-in-doubt",
        "redis-away",
        "disk-space",
        "spool",
        "clock-jumped",
        "clock-differs",
        "weak-secret",
    }
)
"""Alarms that these checks open and close; others are closed by whoever opened them."""
HAPPENED = {
    "orders-found-by-poll": timedelta(hours=1),
    "wrong-shop": timedelta(hours=1),
    "previous-secret-used": DAY,
    "webhooks-restored": DAY,
    "webhooks-not-restored": DAY,
    "app-uninstalled": DAY,
    "refund-by-hand": 7 * DAY,
    "exchange-by-hand": 7 * DAY,
    "carrier-status-unknown": 7 * DAY,
    "carrier-webhooks-ceased": DAY,
    "parcel-comes-back": 7 * DAY,
    "label-not-given-back": 7 * DAY,
    "label-of-the-erased": 7 * DAY,
    "qr-not-given": 7 * DAY,
    "pickup-trouble": 7 * DAY,
}
"""Alarms of others about something that happens: over when it has not happened again for so long."""
