"""The whole application and its staff."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from postventa.app import create_app
from postventa.config import Settings
from tests.accounts.visits import Office


@pytest.fixture
def office(sqlite_engine: Engine, tmp_path: Path) -> Iterator[Office]:
    """On SQLite; what could differ in SQL asks for `either`."""
    yield from opened(sqlite_engine, tmp_path)


@pytest.fixture
def either(engine: Engine, tmp_path: Path) -> Iterator[Office]:
    """On a database of each kind."""
    yield from opened(engine, tmp_path)


def opened(engine: Engine, folder: Path) -> Iterator[Office]:
    url = engine.url.render_as_string(hide_password=False)
    sections = {"database": {"url": url}, "redis": {"url": "redis://127.0.0.1:1/0"}}
    app = create_app(Settings.model_validate({"source": folder / "config.toml", **sections}))
    yield Office(app)
    app.extensions["postventa"].engine.dispose()
    app.extensions["postventa"].redis().close()
