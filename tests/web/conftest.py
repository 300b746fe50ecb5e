"""The town and its browserless visitor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.conftest import TestClock
from tests.web import scene as town


@pytest.fixture
def scene(tmp_path: Path, clock: TestClock) -> Iterator[town.Scene]:
    clock.set(town.NOW)
    built = town.build(tmp_path)
    yield built
    built.engine.dispose()


@pytest.fixture
def ana(scene: town.Scene) -> FlaskClient:
    """Ana's phone: no cookie is ever kept on it."""
    return scene.app.test_client(use_cookies=False)
