"""Orders keep coming while a nemesis is at work; afterwards the checker compares what was taken with what the ledger says and what arrived.

`NEMESIS_SECONDS`, `NEMESIS_DELIVERIES` and `NEMESIS_SEED` make it longer, larger, or another one. `make test-nemesis` runs ten minutes with 20,000 on
each database.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable

import pytest

from postventa.models.db import connect
from tests.checker.account import Account
from tests.checker.invariants import violations
from tests.faults.conftest import Stand
from tests.faults.drained import drain
from tests.faults.nemesis import Nemesis
from tests.faults.traffic import Traffic
from tests.scenarios import scenario

SECONDS = float(os.environ.get("NEMESIS_SECONDS", "60"))
DELIVERIES = int(os.environ.get("NEMESIS_DELIVERIES", "1200"))
SEED = int(os.environ.get("NEMESIS_SEED", "1"))
DRAINED_WITHIN = 300.0
"""Seconds after the last fault (I10)."""


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
    tell(
        f"{len(traffic.taken)} taken of {traffic.answers}, slowest answer {traffic.percentile(1):.2f} s; {len(stand.sink.mails)} mails, {twice} twice"
    )
    tell(f"effects: {dict(states)}; drained in {drained:.1f} s; {len(nemesis.diary)} misdeeds:")
    tell("\n".join(nemesis.diary))
    assert wrong == []
    assert len(nemesis.diary) > SECONDS / 15, "a nemesis that does nothing proves nothing"
