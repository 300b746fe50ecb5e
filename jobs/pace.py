"""A token bucket for each shop's API: how often all workers together call it, so that one big import starves nobody and no shop is flooded.

One time in the shop's row is the whole bucket: each call moves it on by its share of a second, and waits until it has come. It may lag behind by
`BURST` calls, which are those that may come at once after a rest. (GCRA: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from connectors.paced import PacedDoor
from postventa.clock import real_now
from postventa.config import Settings
from postventa.models import Shop
from postventa.models.db import transaction

BURST = 10
"""Calls that may come at once."""
LONGEST = 10.0
"""Seconds that one answer may have everybody wait: a bucket that is lower than that is refilled behind calls that wait."""
FAR = timedelta(seconds=60)
"""A turn further away than this is a clock that jumped, and nothing that anybody waits for."""


def paced_door(settings: Settings, engine: Engine, shop_id: int) -> PacedDoor:
    """A door to one shop. Each call is tried once: the next try is planned where everybody sees it."""
    every = timedelta(seconds=1 / settings.reconcile.calls_per_second)
    allowed = settings.security.allow_private_hosts
    return PacedDoor(allowed, tries=1, turn=partial(_turn, engine, shop_id, every), rest=partial(_rest, engine, shop_id))


def _turn(engine: Engine, shop_id: int, every: timedelta) -> float:
    with transaction(engine) as session:
        row = _locked(session, shop_id)
        now = real_now()
        turn = next_turn(row.next_call_at, now, every)
        row.next_call_at = turn + every
    return max(0.0, (turn - now).total_seconds())


def next_turn(free: datetime | None, now: datetime, every: timedelta) -> datetime:
    """When the next call may come. `free`: from when on the one before said that it may."""
    if free is None or free > now + FAR:
        return now - every * (BURST - 1)
    return max(free, now - every * (BURST - 1))


def _rest(engine: Engine, shop_id: int, seconds: float) -> None:
    with transaction(engine) as session:
        row = _locked(session, shop_id)
        until = real_now() + timedelta(seconds=min(seconds, LONGEST))
        row.next_call_at = max(row.next_call_at or until, until)


def _locked(session: Session, shop_id: int) -> Shop:
    return session.get_one(Shop, shop_id, with_for_update={"key_share": True}, populate_existing=True)
