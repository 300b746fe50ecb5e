"""Looking at process trees from outside."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PATIENCE = 60.0
"""Seconds until something that has to happen is given up, at least: other tests, and other runs of them, want the machine too."""


def children(pid: int) -> dict[str, int]:
    """The direct children of a process that live: name as the kernel knows it -> process id."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name, fields = _stat(int(entry.name))
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] not in "ZX":
            found[name] = int(entry.name)
    return found


def family(pid: int) -> list[int]:
    """All children of a process and theirs, whatever they are called."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parents[int(entry.name)] = int(_stat(int(entry.name))[1][1])
    found, look = list[int](), [pid]
    while look:
        look = [child for child, parent in parents.items() if parent in look]
        found += look
    return found


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return _stat(pid)[1][0] not in "ZX"
    except OSError:
        return False


def slay(pids: Iterable[int]) -> None:
    """Kill -9 them all. One that has died of another's death meanwhile, and is buried, is dead."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def threads(pid: int) -> int:
    """How many threads it has."""
    return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())


def memory(pid: int) -> int:
    """Its proportional set size in kB: shared pages count by share, so that a tree's sum is what the tree costs."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise LookupError(pid)


def _stat(pid: int) -> tuple[str, list[str]]:
    text = Path(f"/proc/{pid}/stat").read_text()
    head, _, tail = text.rpartition(")")
    return head.partition("(")[2], tail.split()


def eventually(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds. Fails the test when it never does."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE, f"not within {PATIENCE:g} seconds"
        time.sleep(0.01)
