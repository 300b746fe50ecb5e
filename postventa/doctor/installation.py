"""This installation: configuration, secret, disk, database, Redis, time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis.exceptions import RedisError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from postventa import audit, migrations
from postventa.clock import real_now
from postventa.config import ConfigError, Settings
from postventa.damage import Marker, in_words
from postventa.doctor import hosts
from postventa.doctor.check import PATIENCE, Check
from postventa.models.db import connect, reading
from postventa.runtime import dangers, redis, service
from postventa.secrets import PLACEHOLDER, key_trouble, secret_path
from postventa.spool import REJECTED, Spool
from postventa.withdrawal import proofs

SKEW_WARN, SKEW_FAIL = 2.0, 30.0
"""Seconds between this machine's clock and the database's."""
DISK_WARN, DISK_FAIL = 1024, 100
"""MiB left."""


def checks(settings: Settings) -> Iterator[Check]:
    """Everything about this installation."""
    yield configuration(settings)
    yield public_url(settings)
    yield hosts.photos(settings)
    yield product_clock(settings)
    yield secret(settings)
    yield failing_on_purpose()
    yield debugging(settings)
    yield disk(settings)
    yield from database(settings)
    yield spool(settings)
    yield redis_server(settings)


def configuration(settings: Settings) -> Check:
    """Read without an error, but perhaps with placeholders left in it."""
    if not settings.source.is_file():
        return Check.warn("configuration", f"{settings.source} does not exist, so everything has its default. Copy config.example.toml there.")
    left = sorted(_placeholders(settings.model_dump(mode="json"), ""))
    if left:
        return Check.fail("configuration", f"{settings.source}: still says {PLACEHOLDER}: {', '.join(left)}")
    return Check.ok("configuration", str(settings.source))


def _placeholders(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _placeholders(item, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _placeholders(item, f"{where}[{index}]")
    elif isinstance(value, str) and PLACEHOLDER in value:
        yield where


def public_url(settings: Settings) -> Check:
    """Customers open links and shops post deliveries: both need an address of the outer world, encrypted."""
    url, name = settings.server.public_url, "public address"
    if not url:
        return Check.warn(
            name, f'links in mails lead to {settings.public_url}, which only this machine can open: set public_url = "https://..." in [server]'
        )
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return Check.fail(name, f'{url}: shops and mail programs want https; set public_url = "https://..." in [server]')
    if settings.server.trusted_proxies == 0:
        return Check.warn(name, f"{url}: with a TLS proxy in front set trusted_proxies = 1 in [server], or every visitor looks like the proxy")
    return Check.ok(name, url)


def product_clock(settings: Settings) -> Check:
    """A shifted clock is for development; a start in production refuses it."""
    name, wrong = "product clock", dangers.wrong_time(settings)
    return _danger(name, wrong, settings) if wrong else Check.ok(name, "runs as the machine's does")


def secret(settings: Settings) -> Check:
    """There, private, and not to be guessed."""
    path, name = secret_path(settings), "secret key"
    wrong = key_trouble(settings)
    if wrong:
        return Check.fail(name, wrong)
    if not path.exists():
        return Check.ok(name, f"{path} does not exist yet: the first start makes it")
    if path.stat().st_mode & 0o040:
        return Check.warn(name, f"{path} can be read by its group {path.stat().st_gid}: leave it so only for your backup, else chmod 600 {path}")
    return Check.ok(name, f"{path}; keep a copy of it apart from the database's backup")


def failing_on_purpose() -> Check:
    """Failpoints are for tests."""
    name, wrong = "failpoints", dangers.failing_on_purpose()
    return Check.fail(name, wrong) if wrong else Check.ok(name, "off")


def debugging(settings: Settings) -> Check:
    """Debug mode, and what else is for development only."""
    name, wrong = "debug mode", dangers.debugging()
    if wrong:
        return _danger(name, wrong, settings)
    if settings.reconcile.plain_http and settings.in_production:
        return Check.warn(name, "plain_http in [reconcile] is for development, and without effect while public_url is https: take it out")
    return Check.ok(name, "off")


def _danger(name: str, wrong: str, settings: Settings) -> Check:
    return Check.fail(name, wrong) if settings.in_production else Check.warn(name, wrong)


def disk(settings: Settings) -> Check:
    """Deliveries must always find room."""
    place = settings.var if settings.var.exists() else settings.base
    left = shutil.disk_usage(place).free // 2**20
    message = f"{left} MiB left in {place}"
    if left < DISK_FAIL:
        return Check.fail("disk space", f"{message}: make room now, deliveries cannot be stored much longer")
    if left < DISK_WARN:
        return Check.warn("disk space", f"{message}: make room soon")
    return Check.ok("disk space", message)


def database(settings: Settings) -> Iterator[Check]:
    """Reachable, on this version's schema, whole, and of the same time."""
    url = settings.database_url
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        yield Check.warn("database", f"{url.removeprefix('sqlite:///')} does not exist yet: `postventa up` or `postventa db upgrade` makes it")
        return
    engine, marker = connect(url, patience=PATIENCE), Marker.of(url)
    try:
        schema = _schema(engine)
        yield schema
        if schema.state == "ok":
            yield _audit(engine)
        yield _whole(engine, marker) if engine.dialect.name == "sqlite" else _skew(engine)
    except SQLAlchemyError as error:
        if known := marker.read():
            yield Check.fail("database file", in_words(known, url))
            return
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        yield Check.fail("database", f"does not answer ({said}): check url in [database], and that the server runs")
    finally:
        engine.dispose()


def _schema(engine: Engine) -> Check:
    standing = migrations.standing(engine)
    if standing == "behind":
        return Check.fail("database", "not on this version's schema: run `postventa db upgrade` (`postventa up` does it by itself)")
    if standing == "ahead":
        return Check.warn("database", "its schema is of a newer version. This one works on it; go back to the newer one when you can")
    return Check.ok("database", f"{engine.dialect.name}, on this version's schema")


def _audit(engine: Engine) -> Check:
    with reading(engine) as session:
        problems, newest = [*audit.verify(session), *proofs.verify(session)], audit.newest(session)
    if problems:
        return Check.fail(
            "audit log",
            f"{'; '.join(problems[:3])}. Somebody wrote to the database by hand: keep a backup of it as it is, and see who may write to it",
        )
    return Check.ok("audit log", f"its chain is whole; it ends with {newest}" if newest else "empty")


def _whole(engine: Engine, marker: Marker) -> Check:
    """What this finds, the running service goes by at once."""
    with reading(engine) as session:
        said = session.scalars(text("PRAGMA quick_check(3)")).all()
    if said != ["ok"]:
        marker.report("; ".join(said), sure=True)
    if known := marker.read():
        return Check.fail("database file", in_words(known, engine.url.render_as_string()))
    return Check.ok("database file", "whole (quick_check)")


def spool(settings: Settings) -> Check:
    """Deliveries that were kept while the database was damaged."""
    waiting = Spool(settings.spool).waiting()
    rejected = [one.file for one in waiting if one.file.suffix == REJECTED]
    deliveries = sum(one.deliveries for one in waiting)
    if rejected:
        return Check.warn("spool", f'{rejected[0]} holds lines that should be deliveries and cannot be read: docs/operations.md, section "spool"')
    if deliveries:
        return Check.warn("spool", f"{deliveries} deliveries wait in {settings.spool}: the service takes them in once the database is whole")
    return Check.ok("spool", "empty")


def _skew(engine: Engine) -> Check:
    with reading(engine) as session:
        theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    skew = abs((real_now() - theirs.astimezone(UTC)).total_seconds())
    message = f"this machine and the database are {skew:.1f} s apart"
    if skew > SKEW_FAIL:
        return Check.fail("time", f"{message}: claims on work would be taken over too early. Turn on NTP on both (timedatectl set-ntp true)")
    if skew > SKEW_WARN:
        return Check.warn("time", f"{message}: turn on NTP on both (timedatectl set-ntp true)")
    return Check.ok("time", message)


def redis_server(settings: Settings) -> Check:
    """One that keeps jobs. Without any, deliveries are still stored, and mails wait."""
    external, name = bool(settings.redis.url), "redis"
    try:
        if not external and not service.running(settings):
            return Check.ok(name, f"starts with the service: {redis.binary()}")
        warnings = redis.check_policy(settings.redis_url)
    except ConfigError as error:
        return Check.fail(name, str(error))
    except RedisError as error:
        what = "check url in [redis], and that the server runs" if external else "look at var/redis/redis.log; it is started again by itself"
        return Check.fail(name, f"does not answer ({type(error).__name__}): {what}. Deliveries are kept meanwhile, mails wait")
    if warnings:
        return Check.warn(name, " ".join(warnings))
    return Check.ok(name, "answers, evicts nothing, keeps an append-only file")
