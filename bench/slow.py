"""Which statements take the time: for a report that says not only that something grows, but what."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class Statement:
    """One statement's text, how often it ran, and how many milliseconds it took in all."""

    text: str
    times: int = 0
    ms: float = 0.0

    @property
    def short(self) -> str:
        """Its table and conditions, without the columns."""
        words = " ".join(self.text.split())
        return f"{words[:6]} ... {words[max(0, words.find(' FROM ')) :].strip()[:300]}" if words.startswith("SELECT") else words[:300]


@contextmanager
def statements() -> Iterator[dict[str, Statement]]:
    """Every statement of all engines of this process while the block runs; rows that are fetched later are not in it."""
    found: dict[str, Statement] = {}

    def before(connection: Any, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def after(connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        one = found.setdefault(text, Statement(text))
        one.times, one.ms = one.times + 1, one.ms + (time.perf_counter() - connection.info["began"]) * 1000

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "after_cursor_execute", after)


def slowest(found: dict[str, Statement], most: int = 2) -> list[tuple[str, int, float]]:
    """(statement, times, milliseconds for one), the dearest first."""
    ranked = sorted(found.values(), key=lambda one: -one.ms)[:most]
    return [(one.short, one.times, one.ms / one.times) for one in ranked]
