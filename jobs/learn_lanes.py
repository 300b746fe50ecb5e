"""Every night each shop's own parcels teach how long its ways take."""

from __future__ import annotations

import logging
from datetime import timedelta

from redis.exceptions import RedisError

from jobs import queue
from jobs.world import World, current
from postventa import leases
from postventa.clock import now, real_now
from postventa.models.db import reading, transaction
from postventa.shops import everyone, find
from postventa.tracking.journeys import arrived
from postventa.tracking.learnt import keep
from postventa.tracking.ways import learn

log = logging.getLogger("postventa.carriers")

PLACE = "lanes"
"""The lease's row that says from when on lanes are to be learnt again."""
EVERY = timedelta(hours=24)
BACK = timedelta(days=180)
"""So far back: a carrier changes, and last year's strike teaches nothing."""


def look_all(world: World) -> None:
    """Once a day, one job for each shop."""
    with transaction(world.engine) as session:
        row = leases.one_at_a_time(session, PLACE)
        if row.fence and row.expires_at > real_now():
            return
        row.fence, row.expires_at = row.fence + 1, real_now() + EVERY
    ids = [shop.id for shop in everyone(world.engine, world.settings, world.secret)]
    try:
        queue.enqueue(world.redis, queue.LATER, "learn_lanes.learn_lanes", ids)
    except RedisError as error:
        log.warning("Redis is away (%s): lanes are learnt again tomorrow", type(error).__name__)


def learn_lanes(shop_id: int) -> None:
    """Learn one shop's lanes anew."""
    world = current()
    with reading(world.engine) as session:
        shop = find(session, shop_id, world.settings, world.secret)
        travelled = [(journey.way, journey.days) for journey in arrived(session, shop, now() - BACK)]
    learnt = learn(travelled)
    with transaction(world.engine) as session:
        keep(session, shop_id, learnt)
