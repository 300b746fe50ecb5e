"""Black Friday, as much of it as two cores have that also play the shops, the mail server and the checker."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from postventa.models.db import connect
from tests.checker.account import Account
from tests.checker.invariants import violations
from tests.faults.conftest import Stand
from tests.faults.drained import drain
from tests.faults.traffic import Traffic
from tests.scenarios import scenario

RATE, DELIVERIES = 60.0, 1800
PROMPT = 1.0
"""Seconds for 99 of 100 answers (promises.md, F23)."""


@pytest.mark.long
@scenario("F23", budget=400)
def test_in_a_rush_everything_is_taken_promptly_and_done_soon_after(stand: Stand, tell: Callable[[str], None]) -> None:
    service = stand.service(recovery={"sweep_every": 1, "doubt_after": 30}).start()
    traffic = Traffic(service.port, RATE, senders=12)
    with traffic.flowing(DELIVERIES):
        traffic.finish(DELIVERIES / RATE + 60)
    drained = drain(service, 300)
    p50, p99 = (f"{traffic.percentile(part) * 1000:.0f} ms" for part in (0.5, 0.99))
    tell(f"{RATE:g} deliveries a second: answers p50 {p50}, p99 {p99}; {len(stand.sink.mails)} mails, drained in {drained:.0f} s")
    assert set(traffic.answers) == {"200"}
    assert traffic.percentile(0.99) < PROMPT
    engine = connect(service.settings.database_url)
    wrong = violations(Account(engine, traffic.taken, tuple(stand.sink.mails), traffic.expected, quiet=("00:00", "00:00")))
    engine.dispose()
    assert wrong == []
