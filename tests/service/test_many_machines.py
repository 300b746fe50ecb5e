"""Several machines against one PostgreSQL and one Redis: each with its own host name, folder and share of the work, and any may go at any moment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from postventa.runtime.orphans import die_with
from tests.peers.smtp import Sink
from tests.pipeline.stories import WooOrder
from tests.runtime.processes import PATIENCE, alive, children, slay
from tests.scenarios import scenario
from tests.servers import OwnRedis
from tests.service.running import Service
from tests.service.shops import ALBA, OTTO, SHOPS, ask

ORDERS = 60
LEASE = 4
"""Seconds until the work of a machine that is gone is taken over; 120 in earnest."""


class Machine:
    """A host with one part of the service, in a UTS namespace of its own so that it has a name of its own."""

    def __init__(self, name: str, part: str, folder: Path, secret: bytes, sink: Sink, **sections: dict[str, Any]) -> None:
        self.name, self.part = name, part
        self.house = Service(folder, sink, SHOPS, **sections)
        key = folder / "var" / "secret.key"
        key.parent.mkdir(parents=True)
        key.touch(0o600)
        key.write_bytes(secret)  # the same on all: links and stored secrets are made with it
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Machine:
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name] if _may_name_hosts() else []
        command = [*named, sys.executable, "-m", "postventa.cli", "--config", str(self.house.config), self.part]
        me = os.getpid()
        with self.house.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=lambda: die_with(me))  # noqa: PLW1509
        return self

    @property
    def everyone(self) -> list[int]:
        return [self.process.pid, *children(self.process.pid).values()] if self.process is not None else []

    def pull_the_plug(self) -> None:
        """All of its processes at once."""
        gone = self.everyone
        slay(gone)
        assert self.process is not None
        self.process.wait(PATIENCE)
        self.process = None
        _until(lambda: not any(alive(pid) for pid in gone), "gone")

    def end(self) -> None:
        if self.process is not None:
            self.pull_the_plug()


def _may_name_hosts() -> bool:
    tool = shutil.which("unshare")
    return tool is not None and subprocess.run([tool, "--uts", "true"], capture_output=True, check=False, timeout=60).returncode == 0


def _until(condition: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not {what} within {PATIENCE:g} s"
        time.sleep(0.05)


@contextmanager
def plant(folder: Path, sink: Sink, postgres_uri: str) -> Iterator[dict[str, Machine]]:
    """Two web machines, two with workers, two with a clock."""
    name = f"machines_{os.getpid()}"
    admin = create_engine(postgres_uri.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    (folder / "redis").mkdir()
    try:
        with OwnRedis(folder / "redis") as redis:
            shared: dict[str, dict[str, Any]] = {
                "database": {"url": postgres_uri.format(name=name)},
                "redis": {"url": redis.url},
                "recovery": {"lease": LEASE, "sweep_every": 0.5, "doubt_after": 1.5},
            }
            secret = b"s" * 16 + bytes(range(16))
            made = {
                f"{part}-{number}": Machine(f"{part}{number}.posventa.example", part, folder / f"{part}{number}", secret, sink, **shared)
                for part in ("web", "worker", "clock")
                for number in (1, 2)
            }
            try:
                yield made
            finally:
                for machine in made.values():
                    machine.end()
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@scenario("F22", budget=240)
def test_machines_share_the_work_and_any_of_them_may_go(tmp_path: Path, sink: Sink, postgres_uri: str, order_ref: int) -> None:
    with plant(tmp_path, sink, postgres_uri) as machines:
        assert machines["web-1"].house.cli("db", "upgrade").returncode == 0
        machines["web-1"].start()
        doors = [machines[name].house.port for name in ("web-1", "web-2")]
        _until(lambda: _opens(doors[0]), "ready")
        for name, machine in machines.items():
            if name != "web-1":
                machine.start()
        _until(lambda: _opens(doors[1]), "the second door, too")
        people = [f"ana.{order_ref}.{number}@cliente.example" for number in range(ORDERS)]
        sink.slowness = 0.05
        for number, email in enumerate(people):
            _order(machines, number, 1000 * order_ref + number, email)
            if number == ORDERS // 3:
                machines["worker-1"].pull_the_plug()
                machines["clock-1"].pull_the_plug()
            if number == ORDERS // 2:
                machines["web-1"].pull_the_plug()
        sink.slowness = 0.0
        house = machines["web-2"].house
        house.rest(seconds=60)
        got = Counter(email for email in people for _ in sink.to(email))
        effects = {effect["recipient"]: effect for effect in house.effects(followup="order_received")}
        assert set(got) == set(people), "nobody was forgotten"
        twice = [email for email, count in got.items() if count > 1]
        assert all(effects[email]["maybe_duplicate"] and got[email] == 2 and len({m.message_id for m in sink.to(email)}) == 1 for email in twice)
        if _may_name_hosts():
            workers = {step["worker"].split(":")[0] for effect in effects.values() for step in house.attempts(effect["id"]) if "worker" in step}
            assert workers <= {"worker1.posventa.example", "worker2.posventa.example"}
            assert "worker2.posventa.example" in workers


def _order(machines: dict[str, Machine], number: int, ref: int, email: str) -> None:
    """Delivered at one door; where that one is gone, at the other, as a load balancer does."""
    shop = (ALBA, OTTO)[number % 2]
    sent = WooOrder(ref, datetime.now(UTC).replace(microsecond=0), email).tell("order.created").sent[0]
    for name in ("web-1", "web-2") if number % 2 else ("web-2", "web-1"):
        machine = machines[name]
        if machine.process is not None:
            assert machine.house.deliver(shop, sent).status == 200
            return
    raise AssertionError("no door is open")


def _opens(port: int) -> bool:
    try:
        return ask(port, "GET", "/readyz", b"", []).status == 200
    except OSError:
        return False
