"""The street on each database; the shop in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.peers.woocommerce_site import WordPressSite
from tests.web.shops import street as town
from tests.web.shops.street import Street


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WordPressSite]:
    with town.shop(tmp_path, monkeypatch) as opened:
        yield opened


@pytest.fixture
def street(engine: Engine, tmp_path: Path) -> Iterator[Street]:
    """Without Redis: pages work all the same, and the clock asks for what they want."""
    made = Street(town.settings(tmp_path, engine.url.render_as_string(hide_password=False), "redis://127.0.0.1:1/0"))
    yield made
    made.close()
