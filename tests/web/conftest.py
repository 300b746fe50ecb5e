"""The town, its browserless visitor, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from postventa import clock
from tests.web import scene as town


class Still(clock.Clock):
    """A clock that a test sets."""

    moment: datetime = town.NOW

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def still() -> Iterator[Still]:
    before = clock.current()
    ours = Still()
    clock.install(ours)
    yield ours
    clock.install(before)


@pytest.fixture
def scene(tmp_path: Path, still: Still) -> Iterator[town.Scene]:
    built = town.build(tmp_path)
    yield built
    built.engine.dispose()


@pytest.fixture
def ana(scene: town.Scene) -> FlaskClient:
    """Ana's phone: no cookie is ever kept on it."""
    return scene.app.test_client(use_cookies=False)
