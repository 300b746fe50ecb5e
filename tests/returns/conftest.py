"""A shop of our own, and a house with an order of it that was delivered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House
from tests.returns.scene import build


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    with running.open():
        yield running


@pytest.fixture
def house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> House:
    return build(sqlite_engine, clock, tmp_path, peer)
