"""A shop at Shopify, and the application on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.jobs.shopify_house import peer
from tests.peers.shopify import ShopifyPeer
from tests.web.shopify.front import Front, front


@pytest.fixture
def lola() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    made = peer()
    with made.open():
        yield made


@pytest.fixture
def house(engine: Engine, tmp_path: Path, lola: ShopifyPeer) -> Iterator[Front]:
    with front(engine, tmp_path, lola) as made:
        yield made
