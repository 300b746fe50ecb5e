"""Which job does an effect's work, and in which queue it waits."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from redis.exceptions import RedisError

from jobs import queue
from jobs.world import World
from postventa.models import Effect

log = logging.getLogger("postventa.queue")

FUNCTIONS = {
    "mail": "send_message.send_message",
    "alert": "send_message.send_message",
    "label": "create_return_label.create_return_label",
    "fetch": "refetch.refetch",
}


def ask(world: World, effect: Effect, again: str = "") -> None:
    """Enqueue the effect's job; asking twice is asking once, unless `again` gives it a new name. Raises `RedisError`."""
    urgent = effect.kind == "mail" and effect.legal_basis == "transactional"
    target = queue.NOW if urgent else queue.LATER
    queue.enqueue(world.redis, target, FUNCTIONS[effect.kind], [effect.id], f"-{effect.fence}{again}")


def ask_soon(world: World, wanted: Iterable[Effect]) -> None:
    """The same for several, best effort: what Redis does not hear of, the sweep finds."""
    try:
        for effect in wanted:
            ask(world, effect)
    except RedisError as error:
        log.warning("Redis is away (%s): the sweep will pick the work up from the ledger", type(error).__name__)
