"""What is due and in nobody's hands goes to the queues: deliveries that no worker heard of, effects whose time has come."""

from __future__ import annotations

import logging
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import select

from jobs import breaker, queue
from jobs.ask import ask
from jobs.world import World
from postventa import effects, failpoints
from postventa.clock import now, real_now
from postventa.models import Inbound
from postventa.models.db import reading
from postventa.models.types import word

log = logging.getLogger("postventa.sweep")

UNHEARD = timedelta(seconds=2)
"""A delivery that waits longer than this did not reach a worker by the direct road."""
LOST = timedelta(seconds=8)
"""Asked for this long ago and still untouched while the queue is short: the job was lost with its worker, ask under a new name."""
BATCH = 500
"""Jobs that may wait in a queue: so few that what comes next is soon at its turn, whoever has sent a flood."""


def sweep(world: World) -> None:
    """Enqueue in batches, all shops in turn; Redis being away is no error, the next sweep comes in a second."""
    failpoints.hit("clock.before_sweep")
    try:
        queue.wake_readers(world.redis, _unheard(world))
        with reading(world.engine) as session:
            if effects.due(session, 1, urgent=True):
                queue.wake_sender(world.redis)
        room = BATCH - queue.depth(world.redis)[queue.LATER]
        if room > 0 and not world.time_in_doubt:
            _ask(world, room)
    except RedisError as error:
        log.warning("Redis is away (%s): nothing is lost, the work waits in the ledger", type(error).__name__)


def _unheard(world: World) -> list[int]:
    """Shops with deliveries that nobody has read for a while."""
    waiting = (Inbound.state == word("new"), Inbound.not_before <= real_now(), Inbound.stored_at <= real_now() - UNHEARD, breaker.closed())
    with reading(world.engine) as session:
        return list(session.scalars(select(Inbound.shop_id).where(*waiting).distinct(), {"instant": real_now()}))


def _ask(world: World, room: int) -> None:
    with reading(world.engine) as session:
        due = effects.due(session, room, urgent=False)
    for effect in due:
        lost = now() - effect.due_at > LOST and real_now() - effect.not_before > LOST
        ask(world, effect, queue.stamp(real_now(), 8) if lost else "")
