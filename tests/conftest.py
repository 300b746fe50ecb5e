"""Fixtures for everyone: both databases, a real Redis, a clock to turn, and no way out to the network."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from redis import Redis
from sqlalchemy import Engine, create_engine, text

from postventa import clock as product_clock
from postventa.accounts import passwords
from postventa.models import Base, db
from postventa.models.db import connect
from tests import pages
from tests.scenarios import pytest_itemcollected, pytest_runtest_logreport, pytest_runtest_makereport, pytest_terminal_summary, tell
from tests.servers import OwnRedis, one_at_a_time, start_postgres

settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")  # how long something takes depends on what else this machine does
STRONG = passwords.HASHER
"""How passwords are hashed in earnest, which takes four processors a twentieth of a second each; in this process they cost next to nothing."""
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
db.BUSY, db.LOCK = 30.0, 12.0  # a disk that stands still for five seconds is no news on a machine where four runs of tests share it
_numbers = itertools.count(1)
__all__ = ["pytest_itemcollected", "pytest_runtest_logreport", "pytest_runtest_makereport", "pytest_terminal_summary", "tell"]
"""Hooks and a fixture that pytest finds here."""


gc.disable()  # nothing of what is imported and collected goes again


def pytest_configure(config: pytest.Config) -> None:
    """The second list at the end of a run."""
    config.pluginmanager.register(pages, "pages")


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay to the end: looking through them again and again took a fifth of a run's processor time."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    gc.enable()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets reach this machine only: a test that calls a stranger fails at once, and says whom."""
    connect_really, connect_ex_really = socket.socket.connect, socket.socket.connect_ex

    def refuse_strangers(sock: socket.socket, address: Any) -> None:
        if sock.family == socket.AF_UNIX:
            return
        host = address[0]
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise RuntimeError(f"a test tried to connect to {host}: only this machine may be reached")

    def guarded_connect(sock: socket.socket, address: Any) -> None:
        refuse_strangers(sock, address)
        connect_really(sock, address)

    def guarded_connect_ex(sock: socket.socket, address: Any) -> int:
        refuse_strangers(sock, address)
        return connect_ex_really(sock, address)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own POSTVENTA variables mean nothing here."""
    for name in [name for name in os.environ if name.startswith("POSTVENTA_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def time_to_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy test machine refuses no delivery; who is about that sets a time of its own."""
    monkeypatch.setattr("webhooks.inbox.DEADLINE", 20.0)


class TestClock(product_clock.Clock):
    """A clock that stands still until a test moves it."""

    __test__ = False

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def set(self, moment: datetime, speed: float = 1.0) -> None:
        self.moment = moment

    def advance(self, **duration: float) -> datetime:
        """Move on by `timedelta(**duration)`; the new moment."""
        self.moment += timedelta(**duration)
        return self.moment


@pytest.fixture
def clock() -> Iterator[TestClock]:
    """The product's time, standing at a Tuesday noon in Seville until it is moved."""
    before = product_clock.current()
    turned = TestClock(datetime(2026, 3, 10, 11, 0, tzinfo=UTC))
    product_clock.install(turned)
    yield turned
    product_clock.install(before)


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of this test run (pytest-xdist gives each its own base folder below it)."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def postgres_uri(shared_dir: Path) -> Iterator[str]:
    """A PostgreSQL server of our own for the whole run, shared by its processes; `{name}` stands for the database."""
    with start_postgres(shared_dir / "postgres") as uri:
        yield uri


@contextmanager
def fresh_postgres(uri: str, template: str = "template1") -> Iterator[str]:
    """A database of its own on the server of `uri`, dropped at the end."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    admin = create_engine(uri.format(name="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        yield uri.format(name=name)
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind: the test runs twice."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    with fresh_postgres(request.getfixturevalue("postgres_uri")) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, for copying: quicker than making them for each test."""
    file = tmp_path_factory.mktemp("template") / "tables.db"
    engine = connect(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        connection.commit()
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_with_tables(postgres_uri: str, shared_dir: Path) -> str:
    """The name of a PostgreSQL database with all tables, for copying."""
    with one_at_a_time(shared_dir / "postgres.tables.lock"):
        admin = create_engine(postgres_uri.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = 'with_tables'")).scalar()
            if not known:
                connection.execute(text("CREATE DATABASE with_tables"))
        admin.dispose()
        if not known:
            engine = connect(postgres_uri.format(name="with_tables"))
            Base.metadata.create_all(engine)
            engine.dispose()
    return "with_tables"


@pytest.fixture
def sqlite_engine(sqlite_with_tables: Path, tmp_path: Path) -> Iterator[Engine]:
    """All tables, on SQLite only: for tests that have nothing to do with the kind of database."""
    shutil.copy(sqlite_with_tables, tmp_path / "test.db")
    engine = connect(f"sqlite:///{tmp_path / 'test.db'}")
    yield engine
    _close(engine)


@pytest.fixture
def postgres_engine(postgres_uri: str, postgres_with_tables: str) -> Iterator[Engine]:
    """All tables, on PostgreSQL only."""
    with fresh_postgres(postgres_uri, postgres_with_tables) as url:
        engine = connect(url)
        yield engine
        _close(engine)


def _close(engine: Engine) -> None:
    """Threads that wait for the next delivery may hold it for ever: of its statements nothing is left to them, which Python would look through
    with each collection.
    """
    engine.dispose()
    engine.clear_compiled_cache()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database of each kind with all tables: the test runs twice."""
    chosen: Engine = request.getfixturevalue("sqlite_engine" if request.param == "sqlite" else "postgres_engine")
    return chosen


on_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For a test of pages or rules that stands on `engine` and would see the same on each database."""


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    """The embedded Redis-compatible server, one per test process."""
    with OwnRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: OwnRedis) -> Iterator[str]:
    """A real, empty Redis."""
    client = Redis.from_url(redis_server.url)
    client.flushall()
    yield redis_server.url
    client.close()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client of a real, empty Redis."""
    client = Redis.from_url(redis_url)
    yield client
    client.close()
