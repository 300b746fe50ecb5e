"""The counter on SQLite; the tests that need the other database say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.web.phones import serving
from tests.web.returns import counter as town
from tests.web.returns.counter import Counter


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    with running.open():
        yield running


@pytest.fixture
def counter(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> Iterator[Counter]:
    made = town.counter(sqlite_engine, clock, tmp_path, peer, town.ALL_WAYS)
    yield made
    made.close()


@pytest.fixture
def ana(counter: Counter) -> FlaskClient:
    return counter.browser()


@pytest.fixture
def served(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Counter, str]]:
    """The counter for browsers, and its address."""
    town.patient(monkeypatch)
    counter = town.counter(sqlite_engine, clock, tmp_path, peer, town.ALL_WAYS)
    with serving(counter.app) as port:
        yield counter, f"http://127.0.0.1:{port}"
    counter.close()
