"""Every revision after the first only adds: older code runs on the newer schema. What really reaches the database is looked at."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from postventa import migrations
from postventa.migrations import steps
from postventa.models.db import connect

HARMLESS = (
    r"SELECT\b", r"PRAGMA\b", r"BEGIN\b", r"SET (LOCAL )?(lock|statement)_timeout\b", r"RESET \w+$", r"SHOW\b",
    r"CREATE TABLE\b", r"CREATE (UNIQUE )?INDEX\b", r"CREATE (CONSTRAINT )?TRIGGER\b", r"CREATE (OR REPLACE )?FUNCTION\b", r"COMMENT ON\b",
    r"INSERT INTO\b", r"UPDATE alembic_version\b",
)  # fmt: skip
"""Beginnings of statements that no older code can mind."""
COLUMN = re.compile(r"ALTER TABLE \S+ ADD COLUMN (?P<what>.*)", re.DOTALL)


def objection(statement: str, dialect: str, new: Collection[str] = ()) -> str:
    """What is wrong with a statement of a migration, or nothing. `new`: tables that come with it and are empty."""
    told = " ".join(statement.split())
    column = COLUMN.fullmatch(told)
    if column:
        needs = "NOT NULL" in column["what"] and "DEFAULT" not in column["what"]
        return "a column that must have a value needs a server_default: older code does not know it" if needs else ""
    if dialect == "postgresql" and re.match(r"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)", told) and not _is_on(told, new):
        return "an index on a table that was there before is built in gently(), with postventa.migrations.gently.index"
    return "" if any(re.match(known, told) for known in HARMLESS) else "not an addition"


def _is_on(statement: str, tables: Collection[str]) -> bool:
    found = re.search(r' ON "?(\w+)"?', statement)
    return found is not None and found[1] in tables


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE shop",
        "ALTER TABLE shop DROP COLUMN hold",
        "ALTER TABLE shop RENAME COLUMN hold TO held",
        "ALTER TABLE shop ALTER COLUMN hold SET NOT NULL",
        "ALTER TABLE shop RENAME TO store",
        "ALTER TABLE shop ADD COLUMN hats INTEGER NOT NULL",
        "UPDATE shop SET hold = true",
        "CREATE INDEX ix_hats ON shop (hats)",
    ],
)
def test_what_older_code_would_mind_is_noticed(statement: str) -> None:
    assert objection(statement, "postgresql")


@pytest.fixture
def first(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """A database of the first version."""
    engine = connect(database_url)
    shutil.copy(next(migrations.VERSIONS[0].glob("0001_*.py")), tmp_path)
    steps.take(engine, [tmp_path])
    yield engine
    engine.dispose()


def test_every_revision_after_the_first_only_adds(first: Engine) -> None:
    said: list[str] = []

    @event.listens_for(first, "before_cursor_execute")
    def _listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    migrations.upgrade_engine(first)
    assert any(COLUMN.fullmatch(" ".join(statement.split())) for statement in said), "it listens"
    new = {found[1] for statement in said if (found := re.match(r'\s*CREATE TABLE "?(\w+)"?', statement))}
    assert {statement: why for statement in said if (why := objection(statement, first.dialect.name, new))} == {}
