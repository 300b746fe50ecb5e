"""Child processes that end with us, and what process trees cost: CPU time and memory, read from /proc."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from postventa.runtime.orphans import die_with

ROOT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Started:
    """A child of ours with its log."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def wait(self, seconds: float | None) -> int:
        """Its exit status. Raises `subprocess.TimeoutExpired`."""
        return self.process.wait(seconds)

    def said(self) -> str:
        """Its log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 60) -> None:
        """End it in good order; by force, with all below it, when it takes too long."""
        if not self.alive:
            return
        below = tree(self.pid)
        self.process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        if self.alive:
            self.process.kill()
            self.process.wait(10)
        with contextlib.suppress(TimeoutError):
            until(lambda: not tree(*below), min(seconds, 10), str)
        for pid in tree(*below):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def run(
    command: Sequence[str],
    log: Path,
    environ: dict[str, str] | None = None,
    user: str = "",
    cwd: Path = ROOT,
    number: signal.Signals = signal.SIGTERM,
) -> Started:
    """Start a child that gets `number` when we die, however we die. Call it from the main thread: the kernel watches the thread that forked."""
    me, who = os.getpid(), pwd.getpwnam(user) if user else None
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd,
            env={**os.environ, **(environ or {})},
            user=who.pw_uid if who else None,
            group=who.pw_gid if who else None,
            extra_groups=[] if who else None,
            preexec_fn=lambda: die_with(me, number),  # noqa: PLW1509  (no thread of ours holds a lock that a child needs)
        )
    return Started(process, log)


def until(condition: Callable[[], object], seconds: float, what: Callable[[], str], pause: float = 0.02) -> None:
    """Wait for it. Raises `TimeoutError` with what `what` says then."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what()}")
        time.sleep(pause)


def tree(*roots: int) -> list[int]:
    """These processes and all below them that still run."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = _stat(int(entry.name))[:2]
                if state not in "ZX":
                    parents[int(entry.name)] = int(parent)
    found, look = [pid for pid in roots if pid in parents], list(roots)
    while look:
        look = [child for child, parent in parents.items() if parent in look]
        found += look
    return found


def cpu(pids: Iterable[int]) -> float:
    """Seconds of CPU, user and system, of these processes and of their children that have ended."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            ticks += sum(int(field) for field in _stat(pid)[11:15])
    return ticks / TICKS


def memory(pids: Iterable[int]) -> dict[str, float]:
    """Proportional set size in MB by process name: shared pages count by share, so that the sum is what a tree costs."""
    found: dict[str, float] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            kilobytes = next(line.split()[1] for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
            found[name] = found.get(name, 0.0) + int(kilobytes) / 1024
    return found


def name_of(pid: int) -> str:
    """As the kernel knows it; empty when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def _stat(pid: int) -> list[str]:
    """From the state on; 11 to 14 are user and system time, its own and of its children."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
