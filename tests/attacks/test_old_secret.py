"""A secret that was changed is good for as long as the merchant said, and somebody hears when it is still used days later."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from postventa import alarms, migrations
from postventa.app import create_app
from postventa.clock import real_now
from postventa.config import Settings
from postventa.models import Inbound
from postventa.models.db import reading, transaction
from tests.attacks.tenants import mara
from tests.scenarios import scenario
from webhooks import noticed


@pytest.fixture
def apps(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[list[Flask]]:
    """What the tests made with `shop`; taken down at the end."""
    made: list[Flask] = []
    yield made
    for thread in [thread for thread in threading.enumerate() if thread.name == "noticed"]:
        thread.join(90)
    for app in made:
        app.extensions["postventa"].engine.dispose()


def shop(apps: list[Flask], folder: Path, database_url: str, redis_url: str, until: str) -> Flask:
    """Mara has a new secret; the old one ends at `until`."""
    config = {**mara().config, "webhook_secrets": ["the new one", mara().secret], "previous_secret_until": until}
    basics = {"source": folder / "config.toml", "database": {"url": database_url}, "redis": {"url": redis_url}}
    settings = Settings.model_validate({**basics, "shops": [config]})
    migrations.upgrade(settings)
    apps.append(create_app(settings))
    return apps[-1]


def deliver(app: Flask, number: int) -> int:
    """Signed with the old secret."""
    body = b'{"id": %d}' % number
    return app.test_client().post(f"/webhooks/shopify/{mara().key}", data=body, headers=mara().signed(body)).status_code


@scenario("S5", budget=30)
@pytest.mark.parametrize(("hours", "status"), [(1, 200), (-1, 401), (None, 200)])
def test_the_previous_secret_is_good_until_its_end_and_marked(
    apps: list[Flask], tmp_path: Path, database_url: str, redis_url: str, hours: int | None, status: int
) -> None:
    until = (real_now() + timedelta(hours=hours)).isoformat() if hours is not None else ""
    app = shop(apps, tmp_path, database_url, redis_url, until)
    assert deliver(app, 1) == status
    with reading(app.extensions["postventa"].engine) as session:
        assert list(session.scalars(select(Inbound.secret_index))) == ([1] if status == 200 else [])


@scenario("S5", budget=30)
def test_an_old_secret_that_is_used_for_more_than_two_days_is_an_alarm(
    apps: list[Flask], tmp_path: Path, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticed, "EVERY", 0.0)
    app = shop(apps, tmp_path, database_url, redis_url, "")
    engine = app.extensions["postventa"].engine

    def open_after(number: int) -> list[str]:
        assert deliver(app, number) == 200
        for thread in [thread for thread in threading.enumerate() if thread.name == "noticed"]:
            thread.join(90)
        with reading(engine) as session:
            return [alarm.name for alarm in alarms.open_alarms(session)]

    assert open_after(1) == [], "a change takes a while"
    with transaction(engine) as session:
        session.execute(update(Inbound).values(stored_at=real_now() - timedelta(days=30)))
    assert open_after(2) == [], "that was an earlier change"
    with transaction(engine) as session:
        session.execute(update(Inbound).values(stored_at=real_now() - timedelta(hours=49)))
    assert open_after(3) == ["previous-secret-used"]


@pytest.mark.parametrize("value", ["2026-12-31T12:00:00", "tomorrow"])
def test_an_end_without_a_zone_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="previous_secret_until"):
        Settings.model_validate({"shops": [{**mara().config, "previous_secret_until": value}]})
