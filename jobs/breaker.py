"""When many deliveries of one kind fail alike, the fault is ours or the database's: reading them pauses, and no tries are burnt (promises.md 1.12).

A handler is one topic of one shop, so that a plugin that breaks one shop's deliveries pauses nobody else's. It pauses when in five minutes at least
ten orders, and more than a fifth of what came, failed in the same way: one order that always fails pauses nothing, however often it comes. After a
minute one delivery is let through; if it fails, another minute; if it is read, all go on. The state is a row of the `lease` table,
`breaker:<shop>:<topic>`: `owner` is the kind of failure while it is paused, `expires_at` until when, `fence` the delivery that is let through.

Nothing here is asked or written for a delivery that is read: failures count, and whoever looks for unread ones leaves paused ones out (`closed`).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, and_, bindparam, case, cast, func, literal, or_, select, update
from sqlalchemy.orm import Session

from jobs.world import World
from postventa import alarms
from postventa.clock import real_now
from postventa.effects import insert_once
from postventa.models import Inbound, Lease, Shop
from postventa.models.db import reading, transaction

log = logging.getLogger("postventa.breaker")

WINDOW, PAUSE = timedelta(minutes=5), timedelta(minutes=1)
LEAST, SHARE = 10, 0.2
"""How many orders must fail alike, and which part of what came."""
MANY = 2000
"""So many of a shop's oldest unread deliveries, and of all newest ones, are looked at: it costs the same however much is stored."""
PREFIX = "breaker:"


def closed() -> ColumnElement[bool]:
    """For a query over `Inbound`: those that may be read, because their handler is not paused or they are its probe. Parameter `instant`: now."""
    name = literal(PREFIX) + cast(Inbound.shop_id, Text) + ":" + Inbound.topic
    probing = and_(Lease.expires_at <= bindparam("instant", type_=Lease.expires_at.type), Lease.fence == Inbound.id)
    return ~select(Lease.name).where(Lease.name == name, Lease.owner != "", ~probing).exists()


def count(session: Session, row: Inbound) -> datetime | None:
    """`row` has just failed (its `failure` and `failed_at` are set). Until when its handler pauses, if it does; then no try is counted."""
    session.flush()
    name = f"{PREFIX}{row.shop_id}:{row.topic}"
    known = session.scalars(select(Lease).where(Lease.name == name).with_for_update()).first()
    if known is not None and known.owner:
        return _still(known, row)
    if not _many(session, row, known.expires_at if known is not None else None):
        return None
    until = real_now() + PAUSE
    session.execute(insert_once(session, Lease, {"name": name, "owner": "", "fence": 0, "expires_at": until}, ["name"]))
    session.execute(update(Lease).where(Lease.name == name).values(owner=row.failure, fence=0, expires_at=until))
    shop = session.get_one(Shop, row.shop_id)
    message = f"{shop.name}: {row.topic} is not read, since most of them fail alike ({row.failure}); one is tried every minute"
    alarms.raise_alarm(session, "handler-paused", f"{shop.name}: {row.topic}", "page", message)
    log.error("handler paused", extra={"shop": row.shop_id, "topic": row.topic, "failure": row.failure})
    return until


def _still(known: Lease, row: Inbound) -> datetime | None:
    """It is paused already: the probe failed, or one that was in hand when the pause began."""
    if known.fence == row.id:
        known.owner, known.expires_at, known.fence = row.failure, real_now() + PAUSE, 0
    return max(known.expires_at, real_now()) if known.owner == row.failure else None


def _many(session: Session, row: Inbound, since: datetime | None) -> bool:
    """Whether enough orders failed in the same way lately. `since`: when the last pause ended; what failed before it is history."""
    begin = real_now() - WINDOW if since is None else max(since, real_now() - WINDOW)
    mine = (Inbound.shop_id == row.shop_id, Inbound.topic == row.topic)
    columns = (Inbound.id, Inbound.topic, Inbound.order_ref, Inbound.failed_at, Inbound.failure)
    waiting = select(*columns).where(Inbound.shop_id == row.shop_id, Inbound.state == "new").order_by(Inbound.id).limit(MANY).subquery().c
    alike = (waiting.topic == row.topic, waiting.failed_at > begin, waiting.failure == row.failure)
    order = case((waiting.order_ref != "", waiting.order_ref), else_=cast(waiting.id, Text))
    failed, orders = session.execute(select(func.count(), func.count(order.distinct())).where(*alike)).one()
    if orders < LEAST:
        return False
    newest = session.scalar(select(func.max(Inbound.id))) or 0
    lately = or_(Inbound.stored_at > begin, Inbound.failed_at > begin)
    came = session.scalar(select(func.count()).where(*mine, Inbound.id > newest - MANY, lately)) or 0
    return bool(failed > SHARE * max(came, failed))


def tend(world: World) -> None:
    """Let one delivery of each handler through whose pause is over; close the pause of one whose probe was read."""
    with reading(world.engine) as session:
        over = session.scalars(select(Lease.name).where(Lease.name.startswith(PREFIX), Lease.owner != "", Lease.expires_at <= real_now())).all()
    for name in over:
        with transaction(world.engine) as session:
            _tend(session, name)


def _tend(session: Session, name: str) -> None:
    pause = session.scalars(select(Lease).where(Lease.name == name).with_for_update()).one()
    if not pause.owner or pause.expires_at > real_now():
        return
    _, shop_id, topic = name.split(":", 2)
    waiting = (Inbound.shop_id == int(shop_id), Inbound.topic == topic, Inbound.state == "new")
    probe = session.get(Inbound, pause.fence) if pause.fence else None
    if probe is not None and probe.state in ("done", "superseded", "ignored"):
        _close(session, pause, waiting)
        return
    if probe is not None and probe.state == "new" and (probe.failed_at is None or probe.failed_at < pause.expires_at):
        return  # it has not had its turn yet
    following = select(Inbound).where(*waiting).order_by(Inbound.failed_at.asc().nulls_first(), Inbound.id).limit(1)
    chosen = session.scalars(following.with_for_update(skip_locked=True)).first()
    if chosen is None:
        _close(session, pause, waiting)  # nothing is left that could fail
        return
    chosen.not_before, pause.fence = real_now(), chosen.id


def _close(session: Session, pause: Lease, waiting: tuple[ColumnElement[bool], ...]) -> None:
    failure, pause.owner, pause.fence, pause.expires_at = pause.owner, "", 0, real_now()
    free = select(Inbound.id).where(*waiting, Inbound.failure == failure).with_for_update(skip_locked=True)
    go_on = update(Inbound).where(Inbound.id.in_(free)).values(not_before=real_now())
    session.execute(go_on.execution_options(synchronize_session=False))
    _, shop_id, topic = pause.name.split(":", 2)
    shop = session.get_one(Shop, int(shop_id))
    alarms.clear(session, "handler-paused", f"{shop.name}: {topic}")
    log.warning("handler goes on", extra={"shop": shop.id, "topic": topic})
