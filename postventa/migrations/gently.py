"""What a schema change does to a big table, in steps so small that deliveries hardly wait: for a revision's `gently(engine)`.

Each may be repeated: whoever was killed in the middle begins again and does what is left.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Engine, text

BATCH = 500
"""Rows that are written in one transaction."""
REST = 0.01
"""Seconds between two batches, at least; others write meanwhile."""


def index(engine: Engine, name: str, table: str, columns: Sequence[str], where: str = "") -> None:
    """An index. PostgreSQL builds it while others write; SQLite has no such way, and takes about a second for a million rows."""
    tail = f'"{name}" ON "{table}" ({", ".join(columns)})' + (f" WHERE {where}" if where else "")
    if engine.dialect.name != "postgresql":
        with engine.begin() as connection:
            connection.execute(text(f"CREATE INDEX IF NOT EXISTS {tail}"))
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = 0"))  # it waits for older transactions, and hinders nobody meanwhile
        half = text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")
        if connection.scalar(half, {"name": name}):  # whoever built it was killed
            connection.execute(text(f'DROP INDEX CONCURRENTLY "{name}"'))
        connection.execute(text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {tail}"))
        connection.execute(text("RESET statement_timeout"))
        connection.execute(text("RESET lock_timeout"))


def fill(engine: Engine, table: str, assignment: str, left: str) -> int:
    """`UPDATE table SET assignment` wherever `left` holds, as in `fill(engine, "parcel", "weight = 0", "weight IS NULL")`; how many rows.

    A batch of ids at a time, up to the newest id of now: what older code writes meanwhile keeps the column's default.
    """
    batch = text(f'UPDATE "{table}" SET {assignment} WHERE id > :above AND id <= :upto AND ({left})')  # noqa: S608
    with engine.connect().execution_options(read_only=True) as connection:
        above, last = connection.execute(text(f'SELECT coalesce(min(id) - 1, 0), coalesce(max(id), 0) FROM "{table}"')).one()  # noqa: S608
    done = 0
    while above < last:
        began = time.monotonic()
        with engine.begin() as connection:
            done += connection.execute(batch, {"above": above, "upto": above + BATCH}).rowcount
        above += BATCH
        time.sleep(REST + (time.monotonic() - began))  # as long as it took: half of the time is the others'
    return done
