"""Mara's shop with Ana's order, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.conftest import TestClock
from tests.web import scene as town


@pytest.fixture
def scene(tmp_path: Path, engine: Engine, clock: TestClock) -> town.Scene:
    clock.set(town.NOW)
    return town.build(tmp_path, engine)
