"""Mara's shop with an order that arrived, on SQLite; Jon answers customers, Luz unpacks what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from postventa.accounts.roles import Role
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import build
from tests.web.returns_desk.bench import Bench


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    with running.open():
        yield running


@pytest.fixture
def bench(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> Iterator[Bench]:
    made = Bench(build(sqlite_engine, clock, tmp_path, peer))
    yield made
    made.close()


@pytest.fixture
def mara(bench: Bench) -> FlaskClient:
    return bench.sit_down(bench.employ())


@pytest.fixture
def jon(bench: Bench) -> FlaskClient:
    return bench.sit_down(bench.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon"))


@pytest.fixture
def luz(bench: Bench) -> FlaskClient:
    return bench.sit_down(bench.employ(Role.WAREHOUSE, "luz@zapateriamara.example", "Luz"))
