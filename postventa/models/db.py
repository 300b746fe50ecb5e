"""The one way to the database: engines that cannot corrupt, sessions that end.

SQLite: the shipped fixed version where there is one (see ARCHITECTURE.md on the WAL-reset bug), WAL only on fixed versions, full sync, and
every transaction `BEGIN IMMEDIATE`. A file that is found damaged is written to by nobody any more (`postventa.damage`): whoever would gets the same
`OperationalError` as from a database that is away. PostgreSQL: short statement, lock and idle limits.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from postventa.damage import Damaged, Marker, is_damage

BUSY = 5.0
"""Seconds to wait for another connection's lock."""
LOCK = 2.0
"""The same on PostgreSQL, where it is one row that another holds and not the whole database."""
PAUSE, EAGER = 0.00175, 0.0003
"""Seconds between two questions for SQLite's write lock. Who asks more often gets it sooner: deliveries, whose senders wait for their answer."""
FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""First SQLite versions of each line without the WAL-reset bug (https://sqlite.org/wal.html)."""


def sqlite_module() -> ModuleType:
    """The newest fixed SQLite on this machine: our own wheel's, else the standard library's."""
    try:
        import pysqlite3.dbapi2 as bundled
    except ImportError:
        return sqlite3
    module: ModuleType = bundled
    return module if safe_for_wal(module.sqlite_version_info) or not safe_for_wal(sqlite3.sqlite_version_info) else sqlite3


def safe_for_wal(version: tuple[int, ...]) -> bool:
    """Whether that SQLite may use a write-ahead log with several connections."""
    newest, *branches = FIXED
    return version >= newest or any(version[:2] == branch[:2] and version >= branch for branch in branches)


def connect(url: str, pool_size: int = 5, patience: int = 5) -> Engine:
    """An engine for `url` (see `Database.url`); a server may take `patience` seconds to answer. Nothing is opened yet."""
    if url.startswith("sqlite"):
        return _sqlite(url, pool_size)
    limits = f"-c statement_timeout=15000 -c lock_timeout={int(LOCK * 1000)} -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": limits, "connect_timeout": patience},
    )


def _sqlite(url: str, pool_size: int) -> Engine:
    module = sqlite_module()
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    journal = "WAL" if safe_for_wal(module.sqlite_version_info) else "DELETE"
    engine = create_engine(url, module=module, pool_size=pool_size, max_overflow=5, hide_parameters=True, connect_args={"timeout": BUSY})
    marker = Marker.of(url)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (f"journal_mode={journal}", "synchronous=FULL", f"busy_timeout={int(BUSY * 1000)}", "foreign_keys=ON", "mmap_size=0"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        options = connection.get_execution_options()
        if options.get("read_only"):
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_unless_damaged(connection.connection.driver_connection, module, marker, options.get("pause", PAUSE))

    @event.listens_for(engine, "handle_error", retval=True)
    def _look(context: ExceptionContext) -> BaseException | None:
        return _noticed(context.original_exception, marker)

    return engine


def _begin_unless_damaged(connection: Any, module: ModuleType, marker: Marker, pause: float) -> None:
    """The one look at the marker: whatever is to be written, claimed or sent begins here."""
    if marker.known:
        raise _damaged("it was found so before")
    try:
        _begin_writing(connection, module.OperationalError, pause)
    except module.DatabaseError as error:  # what a listener raises goes past `handle_error`
        noticed = _noticed(error, marker)
        if noticed is None:
            raise
        raise noticed from error


def _noticed(error: BaseException, marker: Marker) -> OperationalError | None:
    """For an error that tells of damage: it is reported, and looks as if the database were away."""
    if not is_damage(error):
        return None
    marker.report(str(error))
    return _damaged(str(error))


def _damaged(said: str) -> OperationalError:
    return OperationalError(None, None, Damaged(f"the database is damaged ({said})"))


def _begin_writing(connection: Any, busy: type[Exception], pause: float) -> None:
    """Wait for the write lock by asking every few milliseconds, about every `pause` seconds.

    SQLite's own way of waiting sleeps longer and longer, up to 100 ms, while others take the lock again and again: a request that stores
    a delivery would starve behind busy workers (measured on a loaded 2-core machine at 40 deliveries a second: the answer took 82 ms in the
    median and 925 ms at p99 with it, 17 and 320 ms without).
    """
    deadline = time.monotonic() + BUSY
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except busy:
                if time.monotonic() > deadline:
                    raise
                time.sleep(random.uniform(0.3, 1.7) * pause)  # noqa: S311  (spreads the askers, guards nothing)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout={int(BUSY * 1000)}")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One session, one transaction: committed at the end, rolled back if anything rises."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """The same without a session, for whoever writes many rows and needs none of them as an object, and for whom somebody waits."""
    with engine.connect().execution_options(pause=EAGER) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads: on SQLite it takes no write lock."""
    with engine.connect().execution_options(read_only=True) as connection, Session(connection, expire_on_commit=False) as session:
        yield session
