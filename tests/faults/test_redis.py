"""Redis is away, refuses, or has forgotten everything while orders come in."""

from __future__ import annotations

import os
import signal
import statistics
import time
from contextlib import closing

import pytest
from redis import Redis

from tests.faults.conftest import Stand
from tests.faults.stories import placed
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA

ORDERS = 12
PROMPT = 1.0
"""Seconds: the promise for an answer. Half of them are judged: a busy machine may keep any one waiting, and not most."""


def sell(service: Service, first: int) -> list[str]:
    """Some orders, each taken promptly; the customers' addresses."""
    emails = [f"{ref}@cliente.example" for ref in range(first, first + ORDERS)]
    took = []
    for ref, email in enumerate(emails, first):
        began = time.monotonic()
        assert service.deliver(ALBA, placed(ref, email).sent[0]).status == 200
        took.append(time.monotonic() - began)
    assert statistics.median(took) < PROMPT
    return emails


def all_written_to_once(stand: Stand, service: Service, emails: list[str], seconds: float) -> None:
    service.rest(seconds=seconds)
    assert [stand.sink.followups(email) for email in emails] == [["order_received"]] * len(emails)


@scenario("F4", budget=60)
@pytest.mark.parametrize("trouble", ["hangs", "is full"])
def test_while_redis_does_not_work_deliveries_are_taken_and_afterwards_mailed(stand: Stand, order_ref: int, trouble: str) -> None:
    service = stand.service().start()
    server = service.parts["valkey-server"]
    with closing(Redis.from_url(service.settings.redis_url)) as client:
        if trouble == "hangs":
            os.kill(server, signal.SIGSTOP)
        else:
            client.config_set("maxmemory", 1)  # every write is answered with OOM
        emails = sell(service, order_ref * 100)
        if trouble == "hangs":
            os.kill(server, signal.SIGCONT)
        else:
            client.config_set("maxmemory", 0)
    all_written_to_once(stand, service, emails, 60)


@scenario("F5", budget=60)
def test_an_emptied_redis_is_filled_again_from_the_ledger(stand: Stand, order_ref: int) -> None:
    """Work was asked for, nobody has begun it yet, and then nobody knows of it any more: three times."""
    service = stand.service().start()
    emails: list[str] = []
    with closing(Redis.from_url(service.settings.redis_url)) as client:
        for round_ in range(3):
            workers = [pid for name, pid in service.parts.items() if "worker-now" in name]
            assert len(workers) == 2
            for pid in workers:
                os.kill(pid, signal.SIGSTOP)
            emails += sell(service, order_ref * 100 + round_ * ORDERS)
            service.until(lambda: client.keys("postventa:reader:*"), 10, "asked for")
            client.flushall()
            for pid in workers:
                os.kill(pid, signal.SIGCONT)
    all_written_to_once(stand, service, emails, 60)
