"""The database file is damaged: nothing is sent from it, every delivery is still taken, and after a restore each has its mail, once."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Stand
from tests.faults.damage import damage, file_of
from tests.faults.rush import Rush, email, is_order, name
from tests.peers.smtp import smtp_sink
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, ask

BELL = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('a').write(sys.stdin.read() + '\\n')"
"""The operator's program: it writes down what it was told."""
NOTICED_WITHIN = 15.0


@pytest.fixture
def sqlite_stand(tmp_path: Path) -> Iterator[Stand]:
    with smtp_sink() as sink:
        place = Stand(tmp_path, "sqlite", sink, {"alerts": {"command": [sys.executable, "-c", BELL, str(tmp_path / "rung")]}})
        with place._held:
            yield place


def readiness(service: Service) -> tuple[int, dict[str, Any]]:
    answer = ask(service.port, "GET", "/readyz")
    return answer.status, json.loads(answer.body)


def backed_up(service: Service, rush: Rush) -> Path:
    """Some orders with their mails, and a backup that knows them."""
    for ref in range(5, 60):
        assert rush.one(ref)
    service.rest()
    return Path(service.json("db", "backup")["file"])


def says_so(service: Service, stand: Stand) -> None:
    """Everywhere where a person looks."""
    service.until(lambda: readiness(service)[1]["status"] == "degraded", NOTICED_WITHIN, "noticed")
    status, document = readiness(service)
    assert status == 200, "deliveries are taken, so nobody may send them elsewhere"
    assert "is damaged" in document["checks"]["database"]["reason"]
    assert 'postventa_alarm{level="page",name="database-damaged",subject=""} 1.0' in ask(service.port, "GET", "/metrics").body.decode()
    bell = stand.folder / "rung"
    service.until(lambda: bell.exists() and bell.read_text(encoding="utf-8").endswith("\n"), NOTICED_WITHIN, "told")  # it is there before its line is
    (rung,) = bell.read_text(encoding="utf-8").splitlines()
    assert (json.loads(rung)["name"], json.loads(rung)["level"]) == ("database-damaged", "page")
    alarms = service.cli("alarms", "--json")
    assert alarms.returncode == 1
    assert json.loads(alarms.stdout)["alarms"][0]["name"] == "database-damaged"
    doctor = service.cli("doctor")
    assert doctor.returncode == 1
    assert "is damaged" in doctor.stdout


def kept(service: Service) -> int:
    """Deliveries in the spool."""
    return sum(file["deliveries"] for file in service.json("inbox", "spool")["files"])


def restore_and_go_on(service: Service, stand: Stand, rush: Rush, backup: Path) -> float:
    """As docs/operations.md says it; how long it took from the start until all had its mail."""
    assert service.stop() == 0
    said = service.cli("db", "restore", str(backup), "--yes")
    assert said.returncode == 0, said.stderr
    assert "before-restore" in said.stdout, "the damaged file is kept"
    began = time.monotonic()
    service.start()
    service.until(lambda: kept(service) == 0, 20, "taken in")
    service.until(lambda: readiness(service)[1]["status"] == "ready", NOTICED_WITHIN, "whole again")
    stored = [row["delivery_id"] for row in service.deliveries()]
    assert sorted(stored) == sorted(name(ref) for ref in rush.taken), "every delivery that was answered with 200, once"
    for shop in service.json("shop", "list")["shops"]:
        assert service.cli("shop", "release", shop["name"]).returncode == 0
    service.rest()
    assert "database-damaged" not in {alarm["name"] for alarm in json.loads(service.cli("alarms", "--json").stdout)["alarms"]}
    return time.monotonic() - began


def sent_once(stand: Stand, rush: Rush) -> None:
    rush.account(stand.sink)
    for ref in filter(is_order, rush.taken):
        assert len(stand.sink.to(email(ref))) == 1, ref


@scenario("F18", budget=120)
def test_a_file_damaged_under_traffic_costs_no_delivery_and_sends_nothing(sqlite_stand: Stand, tell: Callable[[str], None]) -> None:
    service, stand = sqlite_stand.service().start(), sqlite_stand
    backup = backed_up(service, rush := Rush(service, rate=40))
    damage(file_of(service.settings.database_url))
    before = len(rush.taken)
    with rush.flowing():
        says_so(service, stand)
        service.until(lambda: len(rush.taken) > before + 60, 20, "busy")
    assert rush.missed == [], "not one was refused, the very first included"
    during = [ref for ref in rush.taken if ref >= rush.first]
    assert kept(service) == len(during)
    assert [mail for ref in during for mail in stand.sink.to(email(ref))] == [], "nothing is sent"
    assert (service.settings.spool / "deliveries.jsonl").stat().st_mode & 0o777 == 0o600
    assert ask(service.port, "POST", ALBA.path, b"{}").status == 503, "perhaps a shop that the damaged database does not tell us of"
    took = restore_and_go_on(service, stand, rush, backup)
    sent_once(stand, rush)
    tell(f"{len(during)} taken while it was damaged, slowest answer {rush.slowest:.2f} s; {took:.1f} s from the start to their mails")
    assert stand.judge() == []
    assert service.stop() == 0


@pytest.mark.long
@scenario("F18", budget=120)
@pytest.mark.parametrize("from_page", [1, 2], ids=["no database any more", "no table can be read"])
def test_a_service_that_starts_on_a_damaged_file_takes_deliveries_all_the_same(sqlite_stand: Stand, from_page: int) -> None:
    service, stand = sqlite_stand.service().start(), sqlite_stand
    backup = backed_up(service, rush := Rush(service))
    assert service.stop() == 0
    damage(file_of(service.settings.database_url), from_page=from_page)
    service.start()
    assert rush.one(100)
    assert rush.one(101)
    says_so(service, stand)
    kill_web(service)
    assert rush.one(105), "a web process that never saw the database goes by the configuration"
    assert kept(service) == 3
    assert stand.sink.to(email(100)) == []
    assert service.cli("db", "backup").returncode == 2
    restore_and_go_on(service, stand, rush, backup)
    sent_once(stand, rush)
    assert stand.judge() == []
    assert service.stop() == 0


def kill_web(service: Service) -> None:
    os.kill(service.parts["pv-web-1"], signal.SIGKILL)
    service.until(service.ready, 10, "born again")
