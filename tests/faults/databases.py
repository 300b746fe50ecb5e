"""A PostgreSQL server of one's own that can be killed: with every durability that it has, unlike the one that all tests share."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.runtime.processes import alive, eventually, family
from tests.servers import _postgres_module


class OwnPostgres:
    """`kill` ends all its processes as a power cut does, but for what the disk's own cache holds; `start` has it recover."""

    def __init__(self, data: Path) -> None:
        self._server: Any = _postgres_module().get_server(data, cleanup_mode="stop")
        self.url: str = self._server.get_uri(driver="psycopg", database="postgres")

    @property
    def head(self) -> int:
        return int((Path(self._server.pgdata) / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        everyone = (self.head, *family(self.head))
        for pid in everyone:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: not any(alive(pid) for pid in everyone))

    def start(self) -> None:
        """Returns when it takes connections."""
        data = Path(self._server.pgdata)
        if not alive(self.head):  # a dead one that nobody has buried yet would count as running
            for file in (data / "postmaster.pid", *data.glob(".s.PGSQL.*.lock")):
                file.unlink()
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Stopped for good."""
        self._server.cleanup()


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Its data stand outside of pytest's folder, which the user that PostgreSQL runs as may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="postventa-test-own-postgres-"))
    server = OwnPostgres(folder / "data")
    try:
        yield server
    finally:
        server.start()
        server.end()
        shutil.rmtree(folder, ignore_errors=True)
