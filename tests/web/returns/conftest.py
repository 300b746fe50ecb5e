"""The counter on SQLite; the tests that need the other database say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
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
