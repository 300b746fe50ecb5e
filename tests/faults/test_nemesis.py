"""Orders keep coming while a nemesis is at work; afterwards the checker compares what was taken with what the ledger says and what arrived.

`NEMESIS_SECONDS`, `NEMESIS_DELIVERIES` and `NEMESIS_SEED` make it longer, larger, or another one: `make test-nemesis` runs ten minutes with 20,000.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from postventa.clock import now
from postventa.models import Effect, Inbound
from postventa.models.db import connect, reading
from tests.checker.account import Account
from tests.checker.invariants import violations
from tests.faults.conftest import Stand
from tests.faults.nemesis import Nemesis
from tests.faults.traffic import Traffic
from tests.scenarios import scenario
from tests.service.running import Service

SECONDS = float(os.environ.get("NEMESIS_SECONDS", "60"))
DELIVERIES = int(os.environ.get("NEMESIS_DELIVERIES", "1200"))
SEED = int(os.environ.get("NEMESIS_SEED", "1"))
SOON = timedelta(seconds=3)
"""What waits for its turn looks again a second later: it is not over yet."""
DRAINED_WITHIN = 300.0
"""Seconds after the last fault (I10)."""


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


@pytest.mark.long
@scenario("I1-I10", budget=SECONDS + DRAINED_WITHIN + 120)
def test_whatever_the_nemesis_does_nothing_is_lost_and_nothing_doubled(stand: Stand, tell: Callable[[str], None]) -> None:
    service = stand.service(recovery={"lease": 5, "sweep_every": 1, "doubt_after": 4}).start()
    traffic = Traffic(service.port, DELIVERIES / SECONDS, SEED)
    nemesis = Nemesis(service, stand.sink, SEED)
    with traffic.flowing(DELIVERIES):
        nemesis.rage(SECONDS)
        service.until(service.ready, 30, "ready again")
        traffic.finish(60)
    drained = drain(service, DRAINED_WITHIN)
    engine = connect(service.settings.database_url)
    account = Account(engine, traffic.taken, tuple(stand.sink.mails), traffic.expected, quiet=("00:00", "00:00"))
    wrong = violations(account)
    states = Counter(effect.state for effect in account.effects.values())
    twice = sum(len(mails) > 1 for mails in account.arrived.values())
    engine.dispose()
    tell(f"{len(traffic.taken)} taken of {traffic.answers}, slowest answer {traffic.slowest:.2f} s; {len(stand.sink.mails)} mails, {twice} twice")
    tell(f"effects: {dict(states)}; drained in {drained:.1f} s; {len(nemesis.diary)} misdeeds:")
    tell("\n".join(nemesis.diary))
    assert wrong == []
    assert len(nemesis.diary) > SECONDS / 15, "a nemesis that does nothing proves nothing"
