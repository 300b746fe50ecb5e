"""One effect about a pickup: ordered, asked about, or called off."""

from __future__ import annotations

from collections.abc import Callable

from jobs.pickups import book, follow, order
from jobs.world import World, current
from postventa.models import Effect
from postventa.models.db import reading

DEEDS: dict[str, Callable[[World, int], None]] = {book.ORDER: order.order, book.CHECK: follow.check, book.CALL_OFF: follow.call_off}


def carry(effect_id: int) -> None:
    """Do what it says, once."""
    world = current()
    with reading(world.engine) as session:
        name = session.get_one(Effect, effect_id).followup
    DEEDS[name](world, effect_id)
