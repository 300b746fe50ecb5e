"""Which job does an effect's work."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from redis.exceptions import RedisError

from jobs import queue
from jobs.world import World
from postventa.models import Effect, State

log = logging.getLogger("postventa.queue")

FUNCTIONS = {
    "mail": "send_message.send_message",
    "alert": "send_message.send_message",
    "receipt": "send_message.send_message",
    "label": "create_return_label.create_return_label",
    "pickup": "pickups.carry.carry",
    "fetch": "refetch.refetch",
    "write": "write_to_shop.write_to_shop",
}


def is_urgent(effect: Effect) -> bool:
    """A mail that somebody waits for: `jobs/send_mails.py` finds it itself."""
    return effect.kind == "mail" and effect.legal_basis == "transactional"


def ask(world: World, effect: Effect, again: str = "") -> None:
    """Enqueue the effect's job; asking twice is asking once, unless `again` gives it a new name. Raises `RedisError`."""
    which = queue.NOW if effect.kind == "receipt" else queue.LATER  # the law wants a receipt without delay
    queue.enqueue(world.redis, which, FUNCTIONS[effect.kind], [effect.id], f"-{effect.fence}{again}")


def ask_soon(world: World, wanted: Iterable[Effect]) -> None:
    """The same for several, best effort: what Redis does not hear of, the sweep finds."""
    effects = [effect for effect in wanted if effect.state == State.PLANNED]  # others are in somebody's hands already
    if any(is_urgent(effect) for effect in effects):
        queue.wake_sender(world.redis)
    try:
        for effect in effects:
            if not is_urgent(effect):
                ask(world, effect)
    except RedisError as error:
        log.warning("Redis is away (%s): the sweep will pick the work up from the ledger", type(error).__name__)
