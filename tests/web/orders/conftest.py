"""A WooCommerce shop with an order in it, on SQLite; the tests that need the other database say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from postventa.accounts.roles import Role
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.web.orders import desk as town
from tests.web.orders.desk import ORDER, Desk


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    with running.open():
        yield running


@pytest.fixture
def desk(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> Iterator[Desk]:
    made = town.woocommerce(sqlite_engine, clock, tmp_path, peer.url)
    peer.orders[ORDER] = made.story.body
    yield made
    made.close()


@pytest.fixture
def mara(desk: Desk) -> FlaskClient:
    return desk.sit_down(desk.employ())


@pytest.fixture
def jon(desk: Desk) -> FlaskClient:
    """He answers customers."""
    return desk.sit_down(desk.employ(Role.SUPPORT, "jon@zapateriamara.example", "Jon"))
