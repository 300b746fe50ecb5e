"""Consistent copies of the database, and putting one back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.engine import URL, make_url

from postventa import failpoints, migrations
from postventa.config import ConfigError, Settings
from postventa.damage import Marker, is_damage, sync
from postventa.models import Shop
from postventa.models.db import connect, sqlite_module, transaction
from postventa.runtime import service
from postventa.runtime.locks import Busy

LIMIT = 3600.0
"""Seconds that pg_dump and pg_restore may take."""


def default_file(settings: Settings) -> Path:
    """A new name beside the older backups."""
    kind = "db" if settings.database_url.startswith("sqlite") else "pgdump"
    return settings.var / "backups" / f"postventa-{_stamp()}.{kind}"


def backup(settings: Settings, file: Path) -> Path:
    """A consistent copy in `file`, readable by this user only; the service may run. Raises `ConfigError`."""
    if file.exists():
        raise ConfigError(f"{file} exists already; choose another name")
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(f".{file.name}.part")
    fresh.unlink(missing_ok=True)
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL, 0o600))
        if settings.database_url.startswith("sqlite"):
            _copy_sqlite(_sqlite_file(settings), fresh)
        else:
            _postgres("pg_dump", settings, "--format=custom", f"--file={fresh}")
        failpoints.hit("backup.before_rename")
        fresh.rename(file)
        sync(file.parent)
    finally:
        fresh.unlink(missing_ok=True)
    return file


def restore(settings: Settings, file: Path) -> Path | None:
    """Put `file` in the database's place and hold every shop; where the old one is kept, if it was. Raises `ConfigError`."""
    try:
        lock = service.service_lock(settings, exclusive=True)
    except Busy:
        raise ConfigError("the service runs: stop it first, then restore") from None
    try:
        if settings.database_url.startswith("sqlite"):
            kept = _restore_sqlite(settings, file)
            Marker.of(settings.database_url).clear()
        else:
            kept = None
            _postgres("pg_restore", settings, "--clean", "--if-exists", "--single-transaction", "--no-owner", str(file))
        migrations.upgrade(settings)
        _hold_everyone(settings)
    finally:
        lock.release()
    return kept


def _copy_sqlite(source: Path, target: Path) -> None:
    """VACUUM INTO reads one moment's state, whatever is written meanwhile."""
    if not source.exists():
        raise ConfigError(f"{source} does not exist: there is nothing to back up yet")
    try:
        with _opened(source) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except (sqlite3.DatabaseError, sqlite_module().DatabaseError) as error:
        if not is_damage(error):
            raise
        raise ConfigError(f"{source} is damaged ({error}): no backup can be made of it, so keep those that there are") from None
    _check_sqlite(target)
    sync(target)


def _restore_sqlite(settings: Settings, file: Path) -> Path | None:
    """The old file is moved aside with its log; the new one appears complete or not at all."""
    _check_sqlite(file)
    place = _sqlite_file(settings)
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.restored")
    shutil.copyfile(file, fresh)
    fresh.chmod(0o600)
    kept = None
    if place.exists():
        kept = place.with_name(f"{place.name}.before-restore-{_stamp()}")
        for end in ("", "-wal", "-shm"):
            part = place.with_name(place.name + end)
            if part.exists():
                part.rename(kept.with_name(kept.name + end))
    sync(fresh)
    fresh.replace(place)
    sync(place.parent)
    return kept


def _check_sqlite(file: Path) -> None:
    """Whole, and ours. Raises `ConfigError`."""
    with _opened(file) as connection:
        try:
            said = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
            ours = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'effect')").fetchone()[0]
        except (sqlite3.DatabaseError, sqlite_module().DatabaseError) as error:
            raise ConfigError(f"{file} is no SQLite database: {error}") from None
    if said != ["ok"]:
        raise ConfigError(f"{file} is damaged: {'; '.join(said)}")
    if ours != 2:
        raise ConfigError(f"{file} is not a database of Postventa")


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    connection = sqlite_module().connect(str(file), timeout=30, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _sqlite_file(settings: Settings) -> Path:
    return Path(settings.database_url.removeprefix("sqlite:///"))


def _postgres(program: str, settings: Settings, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs; the password goes by environment, where `ps` does not show it."""
    url = make_url(settings.database_url)
    where = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query).render_as_string(hide_password=False)
    command = [program, f"--dbname={where}", *arguments]
    if shutil.which(program) is None:
        raise ConfigError(f"{program} is not installed here. Install PostgreSQL's client programs, or run where it is: {' '.join(command)}")
    environ = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    try:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{program} did not end within {LIMIT / 60:.0f} minutes") from None
    if done.returncode != 0:
        raise ConfigError(f"{program} failed: {done.stderr.strip()}")


def _hold_everyone(settings: Settings) -> None:
    """What was sent after the backup would be sent again: a person decides."""
    engine = connect(settings.database_url)
    try:
        with transaction(engine) as session:
            session.execute(update(Shop).values(hold=True))
    finally:
        engine.dispose()


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
