"""For operators: alive, ready, and figures. All figures come from SQL, so every process of every machine counts."""

from __future__ import annotations

import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from postventa import alarms, migrations
from postventa.clock import now, real_now
from postventa.damage import Damage, in_words
from postventa.models import Effect, Inbound
from postventa.models.db import reading
from postventa.models.effect import State

blueprint = Blueprint("ops", __name__)

BACKLOG = 60.0
"""Seconds that the oldest unread delivery may wait before somebody should look. It never makes us not ready: whoever takes deliveries away from a
server because they wait to be read loses them."""
ROOM_WARN, ROOM_FAIL = 100, 4
"""MiB left on the disk of `var/`: somebody should make room, and hardly anything can be stored any more."""
KEEP, SHARE = 5.0, 50
"""Seconds for which the figures are kept at least, and how many times as long as they took to count: in a large ledger that takes seconds, and no
scrape may cost more than a fiftieth of a processor."""


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers. Restart it when this fails; nothing else is looked at."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether deliveries can be taken: 200 (`ready` or `degraded`) or 503 (`not ready`), with each check's reason."""
    checks = {"database": _checked(_database), "disk": _checked(_disk), "redis": _checked(_redis), "backlog": _checked(_backlog)}
    states = {check["state"] for check in checks.values()}
    status = "not ready" if "fail" in states else "degraded" if "warn" in states else "ready"
    return jsonify(status=status, checks=checks), 503 if "fail" in states else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text. Order figures are the merchant's business: a request that came through the public proxy gets 404."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        abort(404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return Response(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def _checked(check: Callable[[], tuple[str, str]]) -> dict[str, str]:
    try:
        state, reason = check()
    except SQLAlchemyError as error:
        if _damage() is not None:
            return {"state": "warn", "reason": "cannot be said while the database is damaged"}
        state, reason = "fail", f"the database does not answer ({type(error).__name__}): deliveries are refused with 503 and sent again by the shop"
    return {"state": state, "reason": reason}


def _service() -> Any:
    return current_app.extensions["postventa"]


def _damage() -> Damage | None:
    found: Damage | None = current_app.extensions["postventa.damage"].read()
    return found


def _database() -> tuple[str, str]:
    refusal, damage = current_app.extensions["postventa.inbox"].refusal, _damage()
    if damage is not None and refusal.lately:
        return "fail", f"the database is damaged, and the last delivery could not be kept in {_service().settings.spool} either ({refusal.why})"
    if damage is not None:
        return "warn", in_words(damage, _service().settings.database_url)
    if migrations.pending(_service().engine):
        return "fail", "the database is not on this version's schema: run `postventa db upgrade`"
    if refusal.lately:
        return "fail", f"the last delivery could not be stored ({refusal.why}): it was refused with 503, and the shop sends it again"
    return "ok", "answers, and is on this version's schema"


def _disk() -> tuple[str, str]:
    settings = _service().settings
    left = shutil.disk_usage(settings.var if settings.var.exists() else settings.base).free // 2**20
    if left < ROOM_FAIL and settings.database_url.startswith("sqlite"):
        return "fail", f"{left} MiB left in {settings.var}: make room, deliveries are refused with 503 until then"
    if left < ROOM_WARN:
        return "warn", f"{left} MiB left in {settings.var}: make room"
    return "ok", "has room"


def _redis() -> tuple[str, str]:
    try:
        _service().redis().ping()
    except RedisError as error:
        return "warn", f"Redis does not answer ({type(error).__name__}): deliveries are kept, mails wait until it is back"
    return "ok", "answers"


def _backlog() -> tuple[str, str]:
    age = oldest_unprocessed(_service().engine)
    if age >= BACKLOG:
        return "warn", f"the oldest unread delivery has waited {age:.0f} s"
    return "ok", "deliveries are read as they come"


def oldest_unprocessed(engine: Any) -> float:
    """Seconds that the oldest delivery that could be read by now has been waiting; 0 when none waits."""
    with reading(engine) as session:
        due = select(func.min(Inbound.not_before)).where(Inbound.state == "new", Inbound.not_before <= real_now())
        oldest = session.scalar(due)
    return max(0.0, (real_now() - oldest).total_seconds()) if oldest else 0.0


@dataclass
class _Counted:
    inbound: list[tuple[str, int]] = field(default_factory=list)
    effects: list[tuple[str, str, int]] = field(default_factory=list)
    overdue: float = 0.0
    until: float = float("-inf")
    """When they are counted again (monotonic)."""


class _Figures(Collector):
    """One scrape."""

    def collect(self) -> list[Metric]:
        service = _service()
        if _damage() is not None:  # what can still be counted is worth less than that this is heard
            return [_alarms(service.engine)]
        counted = _count(service)
        inbound = GaugeMetricFamily("postventa_inbound", "Deliveries by state.", labels=["state"])
        for state, number in counted.inbound:
            inbound.add_metric([state], number)
        effects = GaugeMetricFamily("postventa_effects", "Mails and labels by follow-up and state.", labels=["followup", "state"])
        for followup, state, number in counted.effects:
            effects.add_metric([followup, state], number)
        build = InfoMetricFamily("postventa_build", "What runs here.")
        build.add_metric([], {"version": version("postventa"), "python": platform.python_version()})
        return [
            inbound,
            effects,
            _gauge("postventa_inbound_oldest_seconds", "How long the oldest unread delivery has waited.", oldest_unprocessed(service.engine)),
            _gauge("postventa_effects_overdue_seconds", "How long the oldest due mail or label has waited.", counted.overdue),
            _alarms(service.engine),
            _gauge("postventa_redis_up", "Whether Redis answers.", float(_redis()[0] == "ok")),
            build,
        ]


def _alarms(engine: Any) -> Metric:
    metric = GaugeMetricFamily("postventa_alarm", "Open alarms.", labels=["name", "subject", "level"])
    for alarm in alarms.standing(engine):
        metric.add_metric([alarm.name, alarm.subject, alarm.level], 1)
    return metric


def _gauge(name: str, text: str, value: float) -> Metric:
    metric = GaugeMetricFamily(name, text)
    metric.add_metric([], value)
    return metric


def _count(service: Any) -> _Counted:
    """The figures of the whole ledger, not counted again before that is worth it."""
    kept: _Counted = current_app.extensions.setdefault("postventa.figures", _Counted())
    began = time.monotonic()
    if began < kept.until:
        return kept
    with reading(service.engine) as session:
        inbound = session.execute(select(Inbound.state, func.count()).group_by(Inbound.state)).all()
        effects = session.execute(select(Effect.followup, Effect.state, func.count()).group_by(Effect.followup, Effect.state)).all()
        due = select(func.min(Effect.due_at)).where(Effect.state == State.PLANNED, Effect.due_at <= now(), Effect.not_before <= real_now())
        oldest = session.scalar(due)
    over = time.monotonic()
    overdue = (now() - oldest).total_seconds() if oldest else 0.0
    fresh = _Counted([(a, b) for a, b in inbound], [(a, b, c) for a, b, c in effects], overdue, over + max(KEEP, SHARE * (over - began)))
    current_app.extensions["postventa.figures"] = fresh
    return fresh
