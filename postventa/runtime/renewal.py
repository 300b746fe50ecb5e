"""Restart without missing a request: the first process replaces its own program (execv) and keeps its children, sockets and locks.

1. SIGUSR2 arrives, by `postventa restart` or `systemctl reload`. A child loads the code and configuration that are on the disk now and does
   what a start does before its first request, migrations included. If that fails nothing has happened: the reason is told, all goes on.
2. The process becomes the new program under the same process id. Listening socket and locks are handed over by number, children by process
   id: they go on serving, and end with this process as before, since exec leaves their parent alive.
3. The new program starts its own children. When its web server can answer, the old children are told to end; those with a job in hand end
   later. The embedded Redis is adopted and goes on.

`var/restart.json` says how the last one went.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import structlog

from postventa.config import ConfigError, Settings
from postventa.runtime.locks import Busy, FileLock
from postventa.runtime.supervisor import HEEDED, RENEWING, Child, Supervisor

log = structlog.stdlib.get_logger("postventa.renewal")

VARIABLE = "POSTVENTA_RENEWAL"
"""Where in the environment the old program leaves word for the new one."""
PREPARE = 600.0
"""Seconds for migrations, at most."""
READY = 120.0
"""Seconds until the new web server can answer; old children go on meanwhile."""

Outcome = Literal["preparing", "starting", "ready", "refused", "failed"]


@dataclass
class Place:
    """What a service holds and hands over: the listening socket and its locks."""

    bind: str
    listening: socket.socket | None = None
    up: FileLock | None = None
    standing: int = -1
    """The descriptor of the shared lock that every process of the service holds."""

    @property
    def descriptors(self) -> list[int]:
        """All that must survive a change of programs."""
        return [*([self.listening.fileno()] if self.listening else []), *([self.up.descriptor] if self.up else []), self.standing]


@dataclass(frozen=True)
class Word:
    """What the old program tells the new one."""

    serial: int
    bind: str
    listening: int | None = None
    up: int | None = None
    standing: int = -1
    children: list[dict[str, Any]] = field(default_factory=list)

    def place(self, settings: Settings, held: ExitStack) -> Place:
        """Take over what was handed over; `held` gives it back at the end."""
        place = Place(self.bind, standing=self.standing)
        if self.up is not None:
            place.up = FileLock.inherited(settings.var / "up.lock", self.up)
            held.callback(place.up.release)
        held.callback(os.close, self.standing)
        if self.listening is not None:
            place.listening = held.enter_context(socket.socket(fileno=self.listening))
        _inheritable(place, yes=False)
        return place

    def adopted(self) -> Iterable[tuple[Child, int]]:
        """The older program's children."""
        for child in self.children:
            yield Child(child["name"], _nothing, stage=child["stage"], grace=child["grace"]), child["pid"]


def received() -> Word | None:
    """The older program's word, once; None in a process that was started in the ordinary way."""
    said = os.environ.pop(VARIABLE, "")
    return Word(**json.loads(said)) if said else None


def renew(supervisor: Supervisor, settings: Settings, place: Place) -> None:
    """Become what is on the disk now. Returns only when that was refused."""
    serial = _last(settings).get("serial", 0) + 1
    report(settings, serial, "preparing")
    log.info("restarting: looking whether the new program can start")
    refusal = _prepare(supervisor, place.bind)
    if supervisor.ending:
        return
    if not refusal:
        report(settings, serial, "starting")
        refusal = _become(supervisor, place, serial)
    log.error("not restarted, all goes on as before", reason=refusal)
    report(settings, serial, "refused", refusal)


def report(settings: Settings, serial: int, outcome: Outcome, said: str = "") -> None:
    """Say in `var/restart.json` how it goes. A full disk hinders nobody: then the log says it."""
    fresh = settings.var / ".restart.json.part"
    with suppress(OSError):
        fresh.write_text(json.dumps({"serial": serial, "outcome": outcome, "said": said}), encoding="utf-8")
        fresh.replace(settings.var / "restart.json")


def ask(settings: Settings) -> str:
    """Have the service of this configuration restart; what to tell the person who asked. Raises `ConfigError` when it did not."""
    pid, before = _running(settings), _last(settings).get("serial", 0)
    os.kill(pid, RENEWING)
    deadline = time.monotonic() + PREPARE + READY
    while time.monotonic() < deadline:
        last = _last(settings)
        if last.get("serial", 0) > before and last["outcome"] not in ("preparing", "starting"):
            if last["outcome"] == "ready":
                return f"restarted: the new program answers (process {pid}). Old workers end when they have done what they have in hand."
            raise ConfigError(f"not restarted, the service goes on as before: {last['said']}")
        if _running(settings) != pid:
            break
        time.sleep(0.1)
    raise ConfigError("the service did not say that it is ready; look at its log")


def _running(settings: Settings) -> int:
    lock = settings.var / "up.lock"
    try:
        if lock.exists():
            FileLock(lock).release()
    except Busy as busy:
        found = re.match(r"process (\d+)", busy.holder)
        if found:
            return int(found[1])
    raise ConfigError(f"no `postventa up` runs on {settings.var}. Parts that run one by one are restarted with SIGUSR2 to each.")


def _prepare(supervisor: Supervisor, bind: str) -> str:
    """Run the new program up to its first request, in a process of its own; why it cannot start, or nothing."""
    with tempfile.TemporaryFile() as said:

        def prepare() -> None:
            os.environ[VARIABLE] = json.dumps(asdict(Word(0, bind)))
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            os.execv(sys.executable, [*sys.orig_argv, "--prepare"])

        status = supervisor.once(Child("prepare", prepare), PREPARE)
        said.seek(0)
        words = said.read().decode(errors="replace").strip()
    if status == 0:
        return ""
    return words[-2000:].removeprefix("postventa: ") or f"the new program ended with status {status}"


def _become(supervisor: Supervisor, place: Place, serial: int) -> str:
    """Replace this process's program; why that is not possible."""
    children = [{"name": child.name, "stage": child.stage, "grace": child.grace, "pid": pid} for child, pid in supervisor.living]
    listening = place.listening.fileno() if place.listening else None
    word = Word(serial, place.bind, listening, place.up.descriptor if place.up else None, place.standing, children)
    _inheritable(place, yes=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, HEEDED)  # a signal that comes before the new program listens would kill it; so it waits
    try:
        os.execve(sys.executable, sys.orig_argv, {**os.environ, VARIABLE: json.dumps(asdict(word))})
    except OSError as error:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEEDED)
        _inheritable(place, yes=False)
        return f"{sys.executable} cannot be run: {error.strerror}"


def _inheritable(place: Place, *, yes: bool) -> None:
    for descriptor in place.descriptors:
        os.set_inheritable(descriptor, yes)


def _last(settings: Settings) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(Path(settings.var / "restart.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _nothing() -> None:
    """An adopted child is never started again."""
