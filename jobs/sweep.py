"""What is due and in nobody's hands goes to the queues: deliveries that no worker heard of, effects whose time has come."""

from __future__ import annotations

import logging
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import select

from jobs import queue
from jobs.world import World
from postventa import effects
from postventa.clock import now, real_now
from postventa.models import Effect, Inbound
from postventa.models.db import reading

log = logging.getLogger("postventa.sweep")

FUNCTIONS = {
    "mail": "send_message.send_message",
    "alert": "send_message.send_message",
    "label": "create_return_label.create_return_label",
    "fetch": "refetch.refetch",
}
UNHEARD = timedelta(seconds=2)
"""A delivery that waits longer than this did not reach a worker by the direct road."""
LOST = timedelta(seconds=8)
"""Asked for this long ago and still untouched while the queue is short: the job was lost with its worker, ask under a new name."""
BATCH = 500


def sweep(world: World) -> None:
    """Enqueue in batches; Redis being away is no error, the next sweep comes in a second."""
    with reading(world.engine) as session:
        waiting = session.execute(
            select(Inbound.id, Inbound.stored_at)
            .where(Inbound.state == "new", Inbound.not_before <= real_now(), Inbound.stored_at <= real_now() - UNHEARD)
            .order_by(Inbound.id)
            .limit(BATCH)
        ).all()
        due = effects.due(session, BATCH)
    try:
        depth = queue.depth(world.redis) if waiting or due else {}
        for row_id, stored_at in waiting:
            old = real_now() - stored_at > LOST + UNHEARD and depth.get(queue.NOW, 0) < BATCH
            queue.enqueue(world.redis, queue.NOW, "process_inbound.process_inbound", [row_id], queue.stamp(real_now(), 8) if old else "")
        for effect in due:
            _ask(world, effect, depth)
    except RedisError as error:
        log.warning("Redis is away (%s): nothing is lost, the work waits in the ledger", type(error).__name__)


def _ask(world: World, effect: Effect, depth: dict[str, int]) -> None:
    urgent = effect.kind == "mail" and effect.legal_basis == "transactional"
    target = queue.NOW if urgent else queue.LATER
    old = now() - effect.due_at > LOST and real_now() - effect.not_before > LOST and depth.get(target, 0) < BATCH
    suffix = f"-{effect.fence}" + (queue.stamp(real_now(), 8) if old else "")
    queue.enqueue(world.redis, target, FUNCTIONS[effect.kind], [effect.id], suffix)
