"""The database dies in the middle of commits, again and again: what was answered with 200 is there, and work goes on by itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from postventa.models.db import sqlite_module
from tests.faults.conftest import Stand
from tests.faults.databases import OwnPostgres, own_postgres
from tests.faults.rush import Rush
from tests.peers.smtp import Sink, smtp_sink
from tests.runtime.processes import family
from tests.scenarios import scenario
from tests.service.running import PARTS, Service
from tests.service.shops import ask

ROUNDS = 4
BACK_WITHIN = 150.0
PATIENCE = {"lease": 5, "sweep_every": 1, "doubt_after": 2}


@pytest.fixture
def own() -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        yield server


@pytest.fixture
def postgres_stand(tmp_path: Path, own: OwnPostgres) -> Iterator[Stand]:
    """A stand on that server."""
    with smtp_sink() as sink:
        place = Stand(tmp_path, "postgresql", sink, {"database": {"url": own.url}})
        with place._held:
            yield place


@pytest.fixture
def sqlite_stand(tmp_path: Path) -> Iterator[Stand]:
    with smtp_sink() as sink:
        place = Stand(tmp_path, "sqlite", sink, {})
        with place._held:
            yield place


def finish(service: Service, sink: Sink, rush: Rush) -> float:
    """Everything is done; how long that took."""
    began = time.monotonic()
    service.until(lambda: set(service.parts) == PARTS and service.ready(), 60, "ready")
    service.rest(seconds=BACK_WITHIN)
    rush.account(sink)
    assert service.effects(state="claimed") == service.effects(state="sending") == []
    return time.monotonic() - began


@pytest.mark.long
@scenario("F18", budget=240)
def test_postgresql_killed_under_traffic_comes_back_with_all_that_was_taken(
    own: OwnPostgres, postgres_stand: Stand, tell: Callable[[str], None]
) -> None:
    service = postgres_stand.service(recovery=PATIENCE).start()
    assert service.process is not None
    head, away = service.process.pid, []
    with Rush(service, rate=30, stubborn=True).flowing() as rush:
        for turn in range(ROUNDS):
            before = len(rush.taken)
            service.until(lambda before=before: len(rush.taken) > before + 30, 40, "busy")  # type: ignore[misc]
            own.kill()
            refused = rush.answers("503")
            service.until(lambda refused=refused: rush.answers("503") > refused + 8, 20, "refused")  # type: ignore[misc]
            if turn == 0:
                assert ask(service.port, "GET", "/readyz").status == 503
                assert ask(service.port, "GET", "/healthz").status == 200
                os.kill(service.parts["pv-web-1"], signal.SIGKILL)  # who is born without a database answers 503 too
                refused = rush.answers("503")
                service.until(lambda refused=refused: rush.answers("503") > refused + 8, 20, "refused")  # type: ignore[misc]
            own.start()
            back = time.monotonic()
            service.until(lambda back=back: max(rush.taken.values()) > back, BACK_WITHIN, "taking deliveries")  # type: ignore[misc]
            away.append(min(at for at in rush.taken.values() if at > back) - back)
    drained = finish(service, postgres_stand.sink, rush)
    assert postgres_stand.judge() == []
    tell(f"{len(rush.taken)} taken, besides {dict(rush.why)}; 200 again after {max(away):.1f} s, all done {drained:.1f} s after the last round")
    assert {said for said in rush.why if not said.startswith(("Remote", "Connection"))} == {"503"}
    assert rush.answers("503") > len(rush.missed) - rush.senders - 1, "the web was killed once, and each sender may have been cut off by that"
    assert service.process.pid == head
    assert service.process.poll() is None
    assert service.stop() == 0


@pytest.mark.long
@scenario("F18", budget=240)
def test_everything_killed_in_the_middle_of_commits_to_sqlite_keeps_all_that_was_taken(sqlite_stand: Stand, tell: Callable[[str], None]) -> None:
    service = sqlite_stand.service(recovery=PATIENCE).start()
    with Rush(service, rate=60, stubborn=True).flowing() as rush:
        for turn in range(ROUNDS):
            before = len(rush.taken)
            service.until(lambda before=before: len(rush.taken) > before + 60, 40, "busy")  # type: ignore[misc]
            if turn % 2:
                service.arm("web.before_commit" if turn == 1 else "web.after_commit", "stop")  # and now the plug
                service.until(lambda turn=turn: service.went_off("web.before_commit" if turn == 1 else "web.after_commit"), 20, "there")  # type: ignore[misc]
            pull_the_plug(service)
            assert whole(service)
            service.start()
    drained = finish(service, sqlite_stand.sink, rush)
    assert sqlite_stand.judge() == []
    tell(f"{len(rush.taken)} taken, {ROUNDS} times killed, {len(rush.missed)} tries in vain; all done {drained:.1f} s after the last start")
    assert whole(service)
    assert service.stop() == 0


def pull_the_plug(service: Service) -> None:
    """No process has time for anything any more."""
    assert service.process is not None
    everyone = [service.process.pid, *family(service.process.pid)]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    for pid in everyone:
        os.kill(pid, signal.SIGKILL)
    service.process.wait(10)


def whole(service: Service) -> bool:
    """SQLite's own word for it."""
    connection = sqlite_module().connect(service.settings.database_url.removeprefix("sqlite:///"))
    try:
        return bool(connection.execute("PRAGMA quick_check").fetchall() == [("ok",)])
    finally:
        connection.close()
