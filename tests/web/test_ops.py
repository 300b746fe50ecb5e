"""Alive, ready, and figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from postventa import migrations
from postventa.app import create_app
from postventa.clock import now, real_now
from postventa.config import Settings
from postventa.models import Effect, Inbound, Shop
from postventa.models.db import connect, transaction


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings.model_validate({"source": tmp_path / "config.toml", "database": {"url": database_url}, "redis": {"url": redis_url}})


@pytest.fixture
def operator(settings: Settings) -> Iterator[FlaskClient]:
    migrations.upgrade(settings)
    app = create_app(settings)
    yield app.test_client()
    app.extensions["postventa"].engine.dispose()
    app.extensions["postventa"].redis().close()


def deliveries(settings: Settings, **waiting: float) -> None:
    """Deliveries that have been due for so many seconds."""
    engine = connect(settings.database_url)
    with transaction(engine) as session:
        values = {"key": "0123456789abcdef", "platform": "shopify", "name": "Mara", "settings": {}, "held_followups": [], "created_at": real_now()}
        shop = session.execute(insert(Shop).values(**values).returning(Shop.id)).scalar_one()
        for name, seconds in waiting.items():
            at = real_now() - timedelta(seconds=seconds)
            row = {
                "shop_id": shop,
                "platform": "shopify",
                "topic": "orders/create",
                "dedupe": name,
                "received_at": at,
                "stored_at": at,
                "not_before": at,
            }
            session.execute(insert(Inbound).values(**row, headers={}, state=name.partition("_")[0]))
        due = {"at": now(), "planned_at": now(), "due_at": now() - timedelta(seconds=90), "not_before": real_now() - timedelta(seconds=90)}
        session.execute(insert(Effect).values(key="a", shop_id=shop, kind="mail", followup="shipped", legal_basis="contract", data={}, **due))
    engine.dispose()


def metric(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, name
    return float(found[1])


def test_alive_means_that_it_answers(operator: FlaskClient) -> None:
    assert operator.get("/healthz").json == {"status": "alive"}


def test_ready_when_all_is_well(operator: FlaskClient) -> None:
    answer = operator.get("/readyz")
    assert (answer.status_code, answer.json and answer.json["status"]) == (200, "ready")


@pytest.mark.parametrize(("waited", "status", "state"), [(10, 200, "ready"), (120, 200, "degraded"), (900, 200, "degraded"), (-600, 200, "ready")])
def test_a_backlog_that_grows_old_is_said(waited: float, status: int, state: str, operator: FlaskClient, settings: Settings) -> None:
    deliveries(settings, new=waited, done_1=100_000)
    answer = operator.get("/readyz")
    assert answer.json is not None
    assert (answer.status_code, answer.json["status"]) == (status, state)


def test_a_database_behind_the_code_is_not_ready(operator: FlaskClient, settings: Settings) -> None:
    engine = connect(settings.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    engine.dispose()
    answer = operator.get("/readyz")
    assert answer.json is not None
    assert (answer.status_code, answer.json["checks"]["database"]["state"]) == (503, "fail")


def test_without_redis_it_is_degraded_and_still_ready(settings: Settings) -> None:
    migrations.upgrade(settings)
    app = create_app(settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": "redis://127.0.0.1:1/0"})}))
    answer = app.test_client().get("/readyz")
    text = app.test_client().get("/metrics").text
    app.extensions["postventa"].engine.dispose()
    assert answer.json is not None
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert metric(text, "postventa_redis_up") == 0


def test_the_figures_come_from_the_ledger(operator: FlaskClient, settings: Settings) -> None:
    began = real_now()
    deliveries(settings, new_1=30, new_2=5, done_1=3, poison_1=2)
    text = operator.get("/metrics").text
    since = (real_now() - began).total_seconds() + 1  # figures are rounded
    assert metric(text, 'postventa_inbound{state="new"}') == 2
    assert metric(text, 'postventa_inbound{state="poison"}') == 1
    assert metric(text, 'postventa_effects{followup="shipped",state="planned"}') == 1
    assert metric(text, "postventa_redis_up") == 1
    assert 30 <= metric(text, "postventa_inbound_oldest_seconds") <= 30 + since
    assert 90 <= metric(text, "postventa_effects_overdue_seconds") <= 90 + since


def test_figures_are_not_for_those_who_come_through_the_proxy(operator: FlaskClient) -> None:
    assert operator.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
