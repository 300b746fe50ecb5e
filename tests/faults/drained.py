"""Waiting until a service has nothing left to do, with figures instead of rows: cheap enough for ledgers of many thousands."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from postventa.clock import now
from postventa.models import Effect, Inbound
from postventa.models.db import connect, reading
from tests.service.running import Service

SOON = timedelta(seconds=3)
"""What waits for its turn looks again a second later: it is not over yet."""


def left_to_do(service: Service) -> Counter[str]:
    """Unread deliveries and unsettled effects that are due."""
    engine = connect(service.settings.database_url)
    try:
        with reading(engine) as session:
            unread = session.scalar(select(func.count()).where(Inbound.state == "new")) or 0
            waiting = select(Effect.state, func.count()).where(Effect.state.in_(("planned", "claimed", "sending")), Effect.due_at <= now() + SOON)
            doubted = select(func.count()).where(Effect.state == "unknown", Effect.done_at.is_(None))
            states = Counter({state: count for state, count in session.execute(waiting.group_by(Effect.state))})  # noqa: C416  (rows are no pairs to mypy)
            return +(states + Counter({"unread": unread, "in doubt": session.scalar(doubted) or 0}))
    finally:
        engine.dispose()


def drain(service: Service, seconds: float) -> float:
    """Wait until nothing is left to do; how long that took."""
    began = time.monotonic()
    while left := left_to_do(service):
        assert time.monotonic() - began < seconds, f"still to be done after {seconds:g} s: {left}; {service.said()[-1500:]}"
        time.sleep(0.5)
    return time.monotonic() - began
