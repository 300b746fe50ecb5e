"""The whole application, in this process, on each database: Mara's two shops and Otto's, and a client that remembers no cookie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from postventa import app as application
from postventa.config import Settings
from tests.service.shops import SHOPS


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """On the test's own database, which has its tables already."""
    url = engine.url.render_as_string(hide_password=False)
    sections: dict[str, Any] = {"database": {"url": url}, "redis": {"url": "redis://127.0.0.1:1/0"}, "shops": [shop.config for shop in SHOPS]}
    return Settings.model_validate({"source": tmp_path / "config.toml", **sections})


@pytest.fixture
def house(settings: Settings) -> Iterator[Flask]:
    """The application with every page and address that it has, the mailbox included."""
    made = application.create_app(settings)
    yield made
    made.extensions["postventa"].engine.dispose()
    made.extensions["postventa"].redis().close()


@pytest.fixture
def visitor(house: Flask) -> FlaskClient:
    return house.test_client(use_cookies=False)
