"""What one shop sent, read in the order in which it came: one turn of it, so that a shop that sends a flood delays nobody else's mails."""

from __future__ import annotations

import time

from sqlalchemy import select

from jobs import breaker, queue
from jobs.process_inbound import SKEW, process_together
from jobs.world import World, current
from postventa import failpoints
from postventa.clock import real_now
from postventa.models import Inbound
from postventa.models.db import reading

TURN = 0.5
"""Seconds until the next shop has its turn; what is left is asked for again, at the end of the queue."""
LOOK = 100
TOGETHER = 32
"""Deliveries that are read in one transaction: more gain little, and on SQLite whoever stores a new delivery waits as long as this takes."""


def read_inbox(shop_id: int) -> None:
    """Read until nothing is left or the turn is over. Two workers at the same shop do no harm: one of them leaves."""
    world = current()
    queue.reader_began(world.redis, shop_id)
    failpoints.hit("read.before_claim")
    if not _turn(world, shop_id):
        return  # another worker is at it, and looks again before it leaves
    queue.reader_ended(world.redis, shop_id)
    if _unread(world, shop_id):
        queue.wake_readers(world.redis, {shop_id})


def _turn(world: World, shop_id: int) -> bool:
    """Whether it was ours."""
    until = time.monotonic() + TURN
    while waiting := _unread(world, shop_id):
        for start in range(0, len(waiting), TOGETHER):
            if not process_together(shop_id, waiting[start : start + TOGETHER]):
                return False
            if time.monotonic() > until:
                return True
    return True


def _unread(world: World, shop_id: int) -> list[int]:
    due = (Inbound.shop_id == shop_id, Inbound.state == "new", Inbound.not_before <= real_now() + SKEW, breaker.closed())
    with reading(world.engine) as session:
        return list(session.scalars(select(Inbound.id).where(*due).order_by(Inbound.id).limit(LOOK)))
