"""What one shop sent, read in the order in which it came: one turn of it, so that a shop that sends a flood delays nobody else's mails.

Mails that answer it at once go out from here as well; while they do, another worker may read on.
"""

from __future__ import annotations

import time

from connectors.carriers import TELLERS
from jobs import queue
from jobs.at_hand import AtHand
from jobs.hear_carriers import hear
from jobs.process_inbound import process_together, unread
from jobs.send_mails import pace, send_at_hand
from jobs.world import World, current
from postventa import failpoints
from postventa.models.db import reading

TURN = 0.5
"""Seconds until the next shop has its turn; what is left is asked for again, at the end of the queue."""
TOGETHER = 32
"""Deliveries that are read in one transaction: more gain little, and on SQLite whoever stores a new delivery waits as long as this takes."""

IN_HAND = 64
"""Mails at hand after which they go out, while another worker reads on."""


def read_inbox(shop_id: int) -> None:
    """Read until nothing is left or the turn is over. Two workers at the same shop do no harm: one of them leaves."""
    world = current()
    queue.reader_began(world.redis, shop_id)
    failpoints.hit("read.before_claim")
    at_hand = AtHand(world.owner, world.settings.recovery.lease, pace.within(TURN))
    if _turn(world, shop_id, at_hand):  # else another worker is at it, and looks again before it leaves
        queue.reader_ended(world.redis, shop_id)
        if anything_left(world, shop_id):
            queue.wake_readers(world.redis, {shop_id})
    if at_hand.mails:
        failpoints.hit("send.at_hand")
        send_at_hand(world, at_hand)


def _turn(world: World, shop_id: int, at_hand: AtHand) -> bool:
    """Whether it was ours. It ends when all is read, and early when there are mails at hand: in a rush many, else any."""
    until = time.monotonic() + TURN
    while time.monotonic() < until:
        with reading(world.engine) as session:
            waiting = unread(session, shop_id, TOGETHER)
        of_shop = [delivery for delivery in waiting if delivery.platform not in TELLERS]
        if of_shop and not process_together(shop_id, of_shop, at_hand):
            return False
        for delivery in waiting:
            if delivery.platform in TELLERS:
                hear(delivery)
        enough = IN_HAND if len(waiting) == TOGETHER else 1
        if not waiting or len(at_hand.mails) >= enough:
            break
    return True


def anything_left(world: World, shop_id: int) -> bool:
    """Whether deliveries wait that may be read now."""
    with reading(world.engine) as session:
        return bool(unread(session, shop_id, 1))
