"""Schema changes, by Alembic: only ever additions, so that old and new code can run side by side, before, during and after a migration.

Each revision is one transaction: a process that dies in the middle leaves the schema as it was before that revision, and the next start goes
on from there. What takes long on a big table (an index, a value for every row) stands in the revision's function `gently(engine)`, which runs
before its `upgrade()`, in small steps that may be repeated (`postventa.migrations.gently`). CONTRIBUTING.md has the rules.

How a database stands is told by the names of the files, without Alembic: every start and every page of health asks, and hardly any has something
to migrate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, inspect, text

from postventa.config import Settings
from postventa.models.db import connect

VERSIONS: list[Path] = [Path(__file__).parent / "versions"]
"""The folders with revisions, each in a file `<revision>_<name>.py`."""


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
    from postventa.migrations import steps

    steps.take(engine, VERSIONS)


def standing(engine: Engine) -> Literal["behind", "current", "ahead"]:
    """How the database's schema stands to this code. It is `ahead` after newer code was here: older code runs on it."""
    there, known = revision(engine), revisions()
    if there == known[-1]:
        return "current"
    return "ahead" if there and there not in known and there > known[-1] else "behind"


def pending(engine: Engine) -> bool:
    """Whether the database is behind the code."""
    return standing(engine) == "behind"


def newest() -> str:
    """The newest revision that this code knows."""
    return revisions()[-1]


def revisions() -> list[str]:
    """Those that this code knows, oldest first. They are numbers that count up."""
    return sorted(file.name.partition("_")[0] for folder in VERSIONS for file in folder.glob("[0-9]*_*.py"))


def revision(engine: Engine) -> str:
    """The one that the database is on; empty: it has no tables of ours yet."""
    with engine.connect().execution_options(read_only=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""
