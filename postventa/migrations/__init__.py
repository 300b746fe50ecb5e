"""Schema changes, by Alembic: only ever additions, so that old and new code can run side by side, before, during and after a migration.

Each revision is one transaction: a process that dies in the middle leaves the schema as it was before that revision, and the next start goes
on from there. What takes long on a big table (an index, a value for every row) stands in the revision's function `gently(engine)`, which runs
before its `upgrade()`, in small steps that may be repeated (`postventa.migrations.gently`). CONTRIBUTING.md has the rules.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from postventa import failpoints
from postventa.config import ConfigError, Settings
from postventa.models.db import connect

VERSIONS: list[Path] = [Path(__file__).parent / "versions"]
"""The folders with revisions."""
LOCK_FOR = 500
"""Milliseconds that a change of a table waits for others. They queue up behind it meanwhile, so it rather comes again."""
PAUSE, PATIENCE = 0.5, 60.0
"""Seconds between two tries, and until it gives up."""
ONE_AT_A_TIME = 7_405_113_092
"""PostgreSQL's advisory lock of whoever migrates."""
REFUSED = ("55P03", "40P01")
"""lock_not_available, deadlock_detected (https://www.postgresql.org/docs/current/errcodes-appendix.html)"""


def upgrade(settings: Settings) -> None:
    """Bring the database to the newest schema; harmless when it is there already, or further. Raises `ConfigError`."""
    engine = connect(settings.database_url)
    try:
        upgrade_engine(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> None:
    """The same for an open engine."""
    if not pending(engine):
        return
    with _alone(engine):
        for script in _missing(engine):
            gently = getattr(script.module, "gently", None)
            if gently:
                gently(engine)
            _apply(engine, script.revision)


def standing(engine: Engine) -> Literal["behind", "current", "ahead"]:
    """How the database's schema stands to this code. It is `ahead` after newer code was here: older code runs on it."""
    there = _revision(engine)
    if there == newest():
        return "current"
    known = {script.revision for script in _scripts().walk_revisions()}
    return "ahead" if there and there not in known and there > newest() else "behind"


def pending(engine: Engine) -> bool:
    """Whether the database is behind the code."""
    return standing(engine) == "behind"


def newest() -> str:
    """The newest revision that this code knows. Revisions are numbers that count up."""
    return _scripts().get_current_head() or ""


def _revision(engine: Engine) -> str:
    with engine.connect().execution_options(read_only=True) as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def _missing(engine: Engine) -> list[Script]:
    """The revisions that the database has not, oldest first."""
    every = list(reversed(list(_scripts().walk_revisions())))
    names, there = [script.revision for script in every], _revision(engine)
    if there and there not in names:
        raise ConfigError(f'the database is on the schema revision "{there}", which this version does not know: is it the right database?')
    return every[names.index(there) + 1 :] if there else every


def _apply(engine: Engine, revision: str) -> None:
    """One revision, wholly or not at all."""
    config, deadline = _config(), time.monotonic() + PATIENCE
    while True:
        try:
            with engine.begin() as connection:
                _hurry(connection)
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
                failpoints.hit("migrate.before_commit")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") not in REFUSED or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
        else:
            return


def _hurry(connection: Connection) -> None:
    """Wait for a lock hardly at all, and for the work itself as long as it takes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_FOR}"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Of several that migrate one works and the others wait for it. SQLite's write lock sees to that by itself. Raises `ConfigError`."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        deadline, ask = time.monotonic() + PATIENCE, text("SELECT pg_try_advisory_lock(:key)")
        while not connection.scalar(ask, {"key": ONE_AT_A_TIME}):
            if time.monotonic() > deadline:
                raise ConfigError("another process has been changing the schema for a minute: wait until it is done, then come again")
            time.sleep(PAUSE)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ONE_AT_A_TIME})


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(str, VERSIONS)))
    return config
