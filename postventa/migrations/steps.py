"""The revisions that a database has not are taken, one transaction each."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from postventa import failpoints, migrations
from postventa.config import ConfigError

LOCK_FOR = 500
"""Milliseconds that a change of a table waits for others. They queue up behind it meanwhile, so it rather comes again."""
PAUSE, PATIENCE = 0.5, 60.0
"""Seconds between two tries, and until it gives up."""
ONE_AT_A_TIME = 7_405_113_092
"""PostgreSQL's advisory lock of whoever migrates."""
REFUSED = ("55P03", "40P01")
"""lock_not_available, deadlock_detected (https://www.postgresql.org/docs/current/errcodes-appendix.html)"""


def take(engine: Engine, folders: Sequence[Path]) -> None:
    """Take all that `folders` have and the database has not. Raises `ConfigError`."""
    config = _config(folders)
    scripts = ScriptDirectory.from_config(config)
    with _alone(engine):
        for script in _missing(engine, scripts):
            gently = getattr(script.module, "gently", None)
            if gently:
                gently(engine)
            _apply(engine, config, scripts, script.revision)


def _missing(engine: Engine, scripts: ScriptDirectory) -> list[Script]:
    """The revisions that the database has not, oldest first."""
    every = list(reversed(list(scripts.walk_revisions())))
    names, there = [script.revision for script in every], migrations.revision(engine)
    if there and there not in names:
        raise ConfigError(f'the database is on the schema revision "{there}", which this version does not know: is it the right database?')
    return every[names.index(there) + 1 :] if there else every


def _apply(engine: Engine, config: Config, scripts: ScriptDirectory, revision: str) -> None:
    """One revision, wholly or not at all."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with engine.begin() as connection:
                _hurry(connection)
                _run(connection, config, scripts, revision)
                failpoints.hit("migrate.before_commit")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") not in REFUSED or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
        else:
            return


def _run(connection: Connection, config: Config, scripts: ScriptDirectory, revision: str) -> None:
    """What `alembic.command.upgrade` does, which would read all revisions from their files again for each of them."""
    config.attributes["connection"] = connection
    with EnvironmentContext(config, scripts, fn=lambda there, _: scripts._upgrade_revs(revision, there), destination_rev=revision):  # noqa: SLF001
        scripts.run_env()


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


def _config(folders: Sequence[Path]) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(str, folders)))
    return config
