"""New code or configuration is taken up while shops deliver: nobody notices, and what cannot start is refused."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.conftest import Stand
from tests.faults.rush import Rush, email
from tests.runtime.processes import alive
from tests.scenarios import scenario
from tests.service.running import PARTS, Service

KEPT = "valkey-server"


def renewed(service: Service, before: dict[str, int]) -> bool:
    """Every process but Redis is another one, and the old ones are gone."""
    now = service.parts
    old = [pid for name, pid in before.items() if name != KEPT]
    return set(now) == PARTS and not set(old) & set(now.values()) and not any(alive(pid) for pid in old)


def outcome(service: Service) -> dict[str, Any]:
    """How the last restart went."""
    file = service.folder / "var" / "restart.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


@pytest.mark.long
@scenario("F22", budget=300)
def test_fifty_deliveries_a_second_do_not_notice_two_restarts(stand: Stand, tell: Callable[[str], None]) -> None:
    service = stand.service().start()
    assert service.process is not None
    first = service.process.pid
    with Rush(service).flowing() as rush:
        service.until(lambda: len(rush.taken) > 50, 20, "busy")
        for _ in range(2):
            before = service.parts
            said = service.cli("restart")
            assert said.returncode == 0, said.stderr
            assert "restarted" in said.stdout
            service.until(lambda before=before: renewed(service, before), 30, "renewed")  # type: ignore[misc]
            assert service.parts[KEPT] == before[KEPT], "Redis goes on"
    assert service.process.poll() is None
    assert service.process.pid == first
    tell(f"{len(rush.taken)} deliveries, none refused or broken off: {dict(rush.why)}; slowest answer {rush.slowest:.2f} s")
    assert rush.missed == []
    service.rest(seconds=150)
    rush.account(stand.sink)
    assert stand.judge() == []
    assert not any(effect["maybe_duplicate"] for effect in service.effects()), "nobody was killed, so nothing came twice"
    assert service.stop() == 0


@pytest.mark.long
@scenario("F22", budget=60)
def test_a_job_in_hand_is_done_to_its_end_by_the_old_worker(stand: Stand, order_ref: int) -> None:
    service = stand.service().start()
    stand.sink.slowness = 12
    rush = Rush(service)
    assert rush.one(5 * order_ref)
    service.until(lambda: service.effects(state="sending"), 15, "sending")
    before = service.parts
    said = service.cli("restart")
    assert said.returncode == 0, said.stderr
    stand.sink.slowness = 0
    assert rush.one(5 * order_ref + 5), "a new worker is there at once"
    stand.sink.wait(email(5 * order_ref + 5))
    service.until(lambda: renewed(service, before), 30, "renewed")
    service.rest()
    rush.account(stand.sink)
    assert stand.judge() == []
    assert [effect["attempts"] for effect in service.effects()] == [1, 1]
    assert service.stop() == 0


@pytest.mark.long
@scenario("F21", budget=60)
def test_a_configuration_or_code_that_cannot_start_is_refused_and_all_goes_on(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    assert service.process is not None
    before, good = service.parts, service.config.read_text(encoding="utf-8")
    for line, named in (("[server\n", "config.toml"), ("[no_such_section]\nx = 1\n", "no_such_section"), ("bind = 1\n", "config.toml")):
        service.config.write_text(line + good, encoding="utf-8")
        said = service.cli("restart")
        assert (said.returncode, named in said.stderr) == (2, True), said.stderr
    unreachable = good.replace("[server]", '[database]\nurl = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"\n[server]')
    broken = good if stand.database == "postgresql" else unreachable
    broken = broken.replace(stand.settings.get("database", {}).get("url", "\0"), "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    service.config.write_text(broken, encoding="utf-8")
    serial = outcome(service).get("serial", 0)
    os.kill(service.process.pid, signal.SIGUSR2)
    service.until(lambda: outcome(service).get("serial", 0) > serial and outcome(service)["outcome"] == "refused", 30, "refused")
    assert "database" in outcome(service)["said"]
    assert service.parts == before, "nobody was disturbed"
    rush = Rush(service)
    assert rush.one(5 * order_ref)
    service.config.write_text(good, encoding="utf-8")
    service.rest()
    rush.account(stand.sink)
    assert service.cli("restart").returncode == 0
    service.until(lambda: renewed(service, before), 30, "renewed")
    assert service.stop() == 0


@pytest.mark.long
@scenario("F22", budget=60)
def test_signals_in_the_middle_of_a_restart_are_kept_and_end_it_in_good_order(stand: Stand) -> None:
    service = stand.service().start()
    assert service.process is not None
    main, before = service.process, service.parts
    os.kill(main.pid, signal.SIGUSR2)
    service.until(lambda: outcome(service).get("outcome") == "starting", 30, "starting")
    os.kill(main.pid, signal.SIGUSR2)
    time.sleep(0.1)
    main.terminate()
    assert main.wait(60) == 0
    everyone = [*before.values(), *service.parts.values()]
    service.process = None
    assert not [pid for pid in everyone if alive(pid)]
    assert service.start().stop() == 0


@pytest.mark.long
@scenario("F22", budget=60)
def test_the_head_killed_in_the_middle_of_a_restart_takes_everybody_with_it(stand: Stand) -> None:
    service = stand.service().start()
    assert service.process is not None
    before = service.parts
    os.kill(service.process.pid, signal.SIGUSR2)
    service.until(lambda: len(set(service.parts.values()) - set(before.values())) > 2, 40, "half renewed")
    everyone = {*before.values(), *service.parts.values()}
    service.process.kill()
    service.process.wait(10)
    service.until(lambda: not any(alive(pid) for pid in everyone), 20, "gone")
    service.process = None
    assert service.start().stop() == 0
