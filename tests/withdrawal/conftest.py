"""The counter on SQLite; tests about SQL ask for each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.conftest import TestClock
from tests.pipeline.stories import NOON
from tests.withdrawal.counter import Counter


@pytest.fixture
def counter(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[Counter]:
    clock.set(NOON)
    made = Counter(sqlite_engine, clock, tmp_path)
    yield made
    made.app.extensions["postventa"].redis().close()
    made.app.extensions["postventa"].engine.dispose()
