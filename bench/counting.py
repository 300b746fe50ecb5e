"""Counts that are the same on every machine: SQL statements, transactions that were committed, and calls of functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class Counts:
    """What one piece of work needed."""

    statements: float = 0
    commits: float = 0
    calls: float = 0
    """Of functions, Python's and C's, in the thread that did it."""


@contextmanager
def counted() -> Iterator[Counts]:
    """Statements and commits of all engines and threads of this process, and the calls of this thread, while the block runs."""
    found = Counts()

    def statement(*_: Any) -> None:
        found.statements += 1

    def commit(*_: Any) -> None:
        found.commits += 1

    def call(_frame: FrameType, kind: str, _argument: Any) -> None:
        if kind in ("call", "c_call"):
            found.calls += 1

    listeners: list[tuple[str, Callable[..., None]]] = [("before_cursor_execute", statement), ("commit", commit)]
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    sys.setprofile(call)
    try:
        yield found
    finally:
        sys.setprofile(None)
        for name, listener in listeners:
            event.remove(Engine, name, listener)
