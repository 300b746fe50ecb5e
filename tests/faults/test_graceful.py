"""Stopping is no fault: the work in hand is finished, on one machine and on several, and nothing is in doubt afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from postventa.runtime.orphans import die_with
from tests.conftest import fresh_postgres
from tests.faults.conftest import Stand
from tests.faults.rush import Rush, email
from tests.peers.smtp import smtp_sink
from tests.runtime.processes import alive, family
from tests.scenarios import scenario
from tests.servers import OwnRedis
from tests.service.running import Service
from tests.service.shops import ask


@pytest.mark.long
@scenario("F13", budget=60)
def test_a_slow_answer_of_the_mail_server_is_heard_before_the_end(stand: Stand, order_ref: int) -> None:
    service = stand.service().start()
    rush = Rush(service)
    stand.sink.slowness = 8
    assert rush.one(5 * order_ref)
    service.until(lambda: service.effects(state="sending"), 15, "sending")
    assert service.stop() == 0
    (effect,) = service.effects()
    assert (effect["state"], effect["attempts"], effect["maybe_duplicate"]) == ("done", 1, False)
    assert len(stand.sink.to(email(5 * order_ref))) == 1


@contextmanager
def part(service: Service, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """One part of the service, as on a machine of its own; stopped in good order at the end, unless it was before."""
    me = os.getpid()
    with service.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "postventa.cli", "--config", str(service.config), name],
            stdout=log,
            stderr=log,
            preexec_fn=lambda: die_with(me),  # noqa: PLW1509  (the main thread)
        )
    try:
        yield process
        if process.poll() is None:
            assert stopped(process) == 0
    finally:
        process.kill()
        process.wait(10)


def stopped(process: subprocess.Popen[bytes]) -> int:
    """SIGTERM; its status, once nothing of it is left."""
    everyone = [process.pid, *family(process.pid)]
    process.terminate()
    status = process.wait(40)
    assert not [pid for pid in everyone if alive(pid)]
    return status


def answers(service: Service) -> bool:
    try:
        return ask(service.port, "GET", "/readyz").status == 200
    except OSError:
        return False


@pytest.mark.long
@scenario("F22", budget=150)
def test_of_several_machines_each_may_stop_and_start_while_shops_deliver(postgres_uri: str, tmp_path: Path) -> None:
    with ExitStack() as held:
        url = held.enter_context(fresh_postgres(postgres_uri))
        redis = held.enter_context(OwnRedis(tmp_path / "redis"))
        sink = held.enter_context(smtp_sink())
        awake = {"settle": 0.5, "quiet_from": "00:00", "quiet_until": "00:00"}
        service = Service(tmp_path / "up", sink, database={"url": url}, redis={"url": redis.url}, journey=awake, workers={"processes": 1})
        assert service.cli("db", "upgrade").returncode == 0
        for name in ("web", "clock", "worker"):
            held.enter_context(part(service, name))
        second = held.enter_context(part(service, "worker"))
        service.until(lambda: answers(service), 60, "ready")
        sink.slowness = 0.05
        with Rush(service, rate=20).flowing() as rush:
            service.until(lambda: len(rush.taken) > 60, 30, "busy")
            assert stopped(second) == 0
            before = len(rush.taken)
            service.until(lambda: len(rush.taken) > before + 60, 30, "busy with one worker")
            late = [held.enter_context(part(service, name)) for name in ("worker", "clock")]
            service.until(lambda: all(family(process.pid) for process in late), 30, "begun")
        assert rush.missed == []
        service.rest(seconds=90)
        rush.account(sink)
        assert not any(effect["maybe_duplicate"] or effect["attempts"] > 1 for effect in service.effects())
