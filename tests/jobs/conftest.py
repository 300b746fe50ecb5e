"""What tests of one thing or another share here: a shop, a carrier, and Mara's account at it. Who needs another one names it so in his own file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from jobs import carrier_accounts
from tests.conftest import TestClock
from tests.jobs.carrier_house import carrier_house
from tests.peers.sendcloud import SendcloudPeer
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A carrier is called as often as there is something to ask."""
    monkeypatch.setattr(carrier_accounts, "EVERY", timedelta(milliseconds=1))


@pytest.fixture
def shop() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    with running.open():
        yield running


@pytest.fixture
def peer() -> Iterator[SendcloudPeer]:
    running = SendcloudPeer()
    with running.open():
        yield running


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path, peer: SendcloudPeer) -> House:
    return carrier_house(engine, clock, tmp_path, peer)


@pytest.fixture
def sqlite_house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: SendcloudPeer) -> House:
    return carrier_house(sqlite_engine, clock, tmp_path, peer)
