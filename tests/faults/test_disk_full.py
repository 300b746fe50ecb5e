"""The disk fills up under traffic: shops are told to come again, what is there can be looked at, and room is all that it takes to go on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Stand
from tests.faults.disks import Disk, disk
from tests.faults.rush import Rush
from tests.scenarios import scenario
from tests.service.running import PARTS
from tests.service.shops import ALBA, ask

RECOVERED_WITHIN = 60.0


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Disk]:
    """The disk of the stand's first service."""
    with disk(tmp_path / "up1") as made:
        yield made


@pytest.mark.long
@scenario("F19", budget=150)
def test_a_full_disk_refuses_in_good_order_and_room_is_all_it_takes(small: Disk, stand: Stand, tell: Callable[[str], None]) -> None:
    service = stand.service().start()
    assert service.process is not None
    head = service.process.pid
    assert (service.folder / "var").is_dir()
    with Rush(service, rate=30, stubborn=True).flowing() as rush:
        service.until(lambda: len(rush.taken) > 30, 20, "busy")
        small.fill(service)
        service.until(lambda: rush.answers("503") > 30, 30, "full")
        ready = ask(service.port, "GET", "/readyz")
        assert ready.status == 503
        refused = [check["reason"] for check in json.loads(ready.body)["checks"].values() if check["state"] == "fail"]
        assert any("503" in reason for reason in refused), refused
        assert ask(service.port, "GET", "/metrics").status == 200
        assert service.json("ledger")["effects"]
        assert service.json("inbox", "list")["deliveries"]
        backup = service.cli("db", "backup")
        assert backup.returncode != 0 or not small.own
        freed = small.free(service)
        service.until(lambda: max(rush.taken.values()) > freed, RECOVERED_WITHIN, "taking deliveries again")
        taken = max(freed, min(at for at in rush.taken.values() if at > freed)) - freed
        service.until(lambda: set(service.parts) == PARTS and service.ready(), RECOVERED_WITHIN, "ready again")
        whole = time.monotonic() - freed
        before = len(rush.taken)
        service.until(lambda: len(rush.taken) > before + 60, 30, "busy again")
    tell(f"{len(rush.taken)} taken, besides {dict(rush.why)}; after there was room 200 in {taken:.1f} s, ready in {whole:.1f} s; {small.means}")
    assert whole < RECOVERED_WITHIN
    assert set(rush.why) == {"503"}
    service.rest(seconds=60)
    rush.account(stand.sink)
    assert stand.judge() == []
    assert service.process.pid == head
    assert service.process.poll() is None
    assert list(service.folder.rglob("*.part")) == []
    assert ask(service.port, "POST", ALBA.path).status == 401
    assert service.stop() == 0
