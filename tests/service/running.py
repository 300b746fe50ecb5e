"""`postventa up` as it is run in earnest: a process tree of its own on a folder of its own, seen from outside only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from postventa import alarms, failpoints
from postventa.clock import Clock
from postventa.config import Settings, load
from postventa.models import Attempt
from postventa.models.db import connect, reading
from postventa.reports import attempts, inbox, ledger
from tests import programs
from tests.checker.account import Taken
from tests.peers.smtp import Sink
from tests.pipeline.stories import Sent
from tests.ports import free_port
from tests.runtime.processes import PATIENCE, alive, children
from tests.service.shops import SHOPS, Answer, Headers, Shop, ask

PARTS = {"valkey-server", "pv-web-1", "pv-worker-now-1", "pv-worker-now-2", "pv-worker-later", "pv-clock"}
QUICK: dict[str, dict[str, Any]] = {"journey": {"settle": 0.5}, "recovery": {"sweep_every": 0.5, "doubt_after": 1.5}}
"""So that a test need not wait as long as a customer may."""
SOON = timedelta(seconds=2)
UNSAID = "not handed over: "
"""How the account of a mail begins that was given back because another one before it took long, as on a busy machine (`jobs/send_mails.py`)."""
UNREAD, UNDONE = ("new",), ("planned", "claimed", "sending")


class Service:
    """One folder with its configuration, started and stopped at will."""

    def __init__(self, folder: Path, sink: Sink | None = None, shops: tuple[Shop, ...] = SHOPS, **sections: dict[str, Any]) -> None:
        self.folder, self.shops, self.port = folder, shops, free_port()
        mail: dict[str, Any] = (
            {"transport": "smtp", "host": "127.0.0.1", "port": sink.port, "tls": "none", "from_address": "hola@tiendas.example"} if sink else {}
        )
        bind = {"bind": f"127.0.0.1:{self.port}", "public_url": "https://posventa.example"}
        self.sections: dict[str, dict[str, Any]] = {"server": bind, "mail": mail, "log": {"format": "json"}, **QUICK, **sections}
        self.process: programs.Program | None = None
        self.log = folder / "log"
        self.taken: list[Taken] = []
        self.program = programs.CLI
        """The module that is run; another one may register a peer of the tests first."""
        self.variables: dict[str, str] = {}
        self.failpoints = folder / "failpoints"
        """Exists once `arm` or `with_failpoints` made it; a service that is started then heeds what stands in it."""
        self._engines: dict[str, Engine] = {}
        self._read_settings: tuple[int, Settings] | None = None
        self.configure()

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def configure(self, **sections: dict[str, Any]) -> None:
        """Write the configuration; these sections stand above what was said before."""
        self.sections = {**self.sections, **sections}
        lines = [f"[{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in section.items()) for name, section in self.sections.items()]
        lines += ["[[shops]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in shop.config.items()) for shop in self.shops]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text("\n".join(lines), encoding="utf-8")

    @property
    def settings(self) -> Settings:
        """As the service reads them."""
        written = self.config.stat().st_mtime_ns
        if self._read_settings is None or self._read_settings[0] != written:
            self._read_settings = written, load(self.config, {})
        return self._read_settings[1]

    def start(self, **sections: dict[str, Any]) -> Service:
        """Run it; returns when all of it is there."""
        self.configure(**sections)
        with self.log.open("ab") as log:
            arguments = ["--config", str(self.config), "up"]
            self.process = programs.start(self.program, arguments, log.fileno(), log.fileno(), {**os.environ, **self.environ})
        self.until(lambda: self.process is None or self.process.poll() is not None or self.ready(), 30, "ready")
        assert self.process.poll() is None, f"it ended by itself: {self.said()[-1500:]}"
        return self

    @property
    def environ(self) -> dict[str, str]:
        return {**self.variables, **({failpoints.VARIABLE: str(self.failpoints)} if self.failpoints.exists() else {})}

    def with_failpoints(self) -> Service:
        """Have it heed failpoints, from its next start on."""
        self.failpoints.mkdir(parents=True, exist_ok=True)
        return self

    def arm(self, name: str, action: str = "exit9") -> None:
        """The next process that comes to the place `name` does so (`postventa/failpoints.py`)."""
        assert name in failpoints.NAMES, name
        assert self.failpoints.exists(), "call with_failpoints() before the start"
        fresh = self.failpoints / f".{name}"
        fresh.write_text(action, encoding="utf-8")
        fresh.rename(self.failpoints / name)

    def went_off(self, name: str) -> bool:
        """Whether somebody came there."""
        return (self.failpoints / f"{name}.hit").exists()

    def stop(self, seconds: float = PATIENCE) -> int:
        """SIGTERM, as an operator's system does it; the exit status."""
        assert self.process is not None
        everyone = [self.process.pid, *self.parts.values()]
        self.process.terminate()
        status = self.process.wait(seconds)
        self.process = None
        assert not [pid for pid in everyone if alive(pid)], "a process outlived the service"
        return status

    def end(self) -> None:
        """Whatever state it is in: no process stays."""
        if self.process is not None:
            everyone = [self.process.pid, *self.parts.values()]
            self.process.kill()
            self.process.wait(30)
            self.process = None
            self.until(lambda: not any(alive(pid) for pid in everyone), 20, "gone")

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def parts(self) -> dict[str, int]:
        """The direct children: name -> process id."""
        return children(self.process.pid) if self.process is not None else {}

    def ready(self) -> bool:
        """Everything is there and answers."""
        wanted = PARTS - ({"valkey-server"} if self.sections.get("redis", {}).get("url") else set())
        try:
            return set(self.parts) >= wanted and ask(self.port, "GET", "/readyz").status == 200
        except OSError:
            return False

    def until(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        """Wait; fails the test with the service's last words when it never comes true. `seconds`: what it needs at most on a machine of its own."""
        patience = max(seconds, PATIENCE)
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, f"not {what} within {patience:g} s: {self.said()[-1500:]}"
            time.sleep(0.03)

    def deliver(self, shop: Shop, sent: Sent, path: str = "", **changes: str | None) -> Answer:
        """One signed delivery; `changes` as in `Shop.headers`."""
        answer = self.post(path or shop.path, sent.body, shop.headers(sent, **changes))
        if answer.status == 200:
            self.taken.append(Taken.of(shop.key, sent.topic, sent.delivery_id, sent.body))
        return answer

    def post(self, path: str, body: bytes, headers: Headers) -> Answer:
        return ask(self.port, "POST", path, body, headers)

    def play(self, shop: Shop, deliveries: list[Sent]) -> None:
        """Deliver all, in this order; each must be taken."""
        for sent in deliveries:
            answer = self.deliver(shop, sent)
            assert answer.status == 200, (sent, answer)

    def api(self, shop: Shop, method: str, path: str, document: Any = None, key: str | None = None) -> tuple[int, Any]:
        """The REST API with the shop's key, or with another one: (status, document)."""
        body = json.dumps(document).encode() if document is not None else b""
        bearer = [("Authorization", f"Bearer {shop.api_key if key is None else key}")]
        answer = ask(self.port, method, f"/api/v1{path}", body, [("Content-Type", "application/json"), *bearer])
        return answer.status, json.loads(answer.body) if "json" in answer.headers.get("content-type", "") else answer.body

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command line on this folder."""
        return programs.run(programs.CLI, ["--config", str(self.config), *arguments], {**os.environ, **self.environ})

    def json(self, *arguments: str) -> Any:
        """The one document of a command with `--json`."""
        said = self.cli(*arguments, "--json")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)

    # the same documents as `ledger --json` and `inbox list --json`, without a new Python for each look

    def effects(self, order: str = "", **where: Any) -> list[dict[str, Any]]:
        """The ledger's effects that match."""
        found = self._read(lambda session: ledger(session, order))["effects"]
        return [effect for effect in found if all(effect[name] == value for name, value in where.items())]

    def attempts(self, effect_id: int) -> list[dict[str, Any]]:
        """What was tried for one effect, oldest first."""
        found: list[dict[str, Any]] = self._read(lambda session: attempts(session, effect_id))
        return found

    def outcomes(self, effect_id: int) -> list[str]:
        """How the tries went, without what was given back before anybody was told of it: a busy machine does that."""
        kept = list[str]()
        for step in self.attempts(effect_id):
            if step["detail"].startswith(UNSAID):
                kept.pop()  # it was begun
            else:
                kept.append(step["outcome"])
        return kept

    def deliveries(self, **where: Any) -> list[dict[str, Any]]:
        """The inbox, newest first."""
        found = self._read(lambda session: inbox(session, 0))["deliveries"]
        return [row for row in found if all(row[name] == value for name, value in where.items())]

    def alarms(self) -> set[str]:
        """Names of the open alarms."""
        found: set[str] = self._read(lambda session: {alarm.name for alarm in alarms.open_alarms(session)})
        return found

    def troubles(self) -> list[tuple[int, str]]:
        """(effect's id, words) of every attempt that went wrong; that one was given back before anybody was told of it is no trouble."""
        wrong = (Attempt.outcome.not_in(("sending", "sent")), Attempt.detail.not_like(f"{UNSAID}%"))
        found: list[tuple[int, str]] = self._read(lambda session: session.execute(select(Attempt.effect_id, Attempt.detail).where(*wrong)).all())
        return found

    def _read(self, report: Callable[[Any], Any]) -> Any:
        """Connected anew each time, since the file may be another one by now; the engine stays, which knows the compiled statements."""
        url = self.settings.database_url
        if url not in self._engines:
            self._engines[url] = connect(url)
        try:
            with reading(self._engines[url]) as session:
                return report(session)
        finally:
            self._engines[url].dispose()

    def now(self) -> datetime:
        """The service's own time."""
        return Clock(self.sections.get("clock", {}).get("offset", 0.0), 1.0, self.folder / "var" / "clock.json").now()

    def busy(self, order: str = "") -> list[Any]:
        """What it still has to do by now; an effect that waits for its turn looks again a second later."""
        unread: list[Any] = [row for row in self.deliveries() if row["state"] in UNREAD]
        effects = self.effects(order)  # read once: between two looks a doubt becomes a plan, and would be seen in neither
        due = [e for e in effects if e["state"] in UNDONE and moment(e["due_at"]) <= self.now() + SOON]
        return unread + due + [e for e in effects if e["state"] == "unknown" and e["done_at"] is None]

    def rest(self, order: str = "", seconds: float = PATIENCE) -> None:
        """Wait until all that is due is done. What follows from a step is planned in the same breath, so nothing can come up unseen."""
        deadline = time.monotonic() + seconds
        while left := self.busy(order):
            assert time.monotonic() < deadline, f"still to be done after {seconds:g} s: {left}; {self.said()[-1500:]}"
            time.sleep(0.05)


def moment(iso: str) -> datetime:
    """A time of the JSON documents."""
    return datetime.fromisoformat(iso).astimezone(UTC)


@contextmanager
def service(folder: Path, sink: Sink | None = None, **options: Any) -> Iterator[Service]:
    """A folder whose service ends with the block, however it ends."""
    made = Service(folder, sink, **options)
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder / "var", ignore_errors=True)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
