"""A disk that can be filled and made free again, by the best means that this machine allows.

Whoever may mount gets a small file system of its own for the whole service folder: the real thing. Else the service's processes are limited in
the size of their files (prlimit(2), RLIMIT_FSIZE; `FAULTS_DISK=limited` chooses that): every write then fails with EFBIG instead of ENOSPC, on
the same paths of the code. A PostgreSQL server's disk is not ours to fill: there a trigger refuses new deliveries with the error that the server
reports then (SQLSTATE 53100).
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from postventa.models.db import connect
from tests.service.running import Service

SIZE = 40
"""MiB"""
REFUSE = """
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$
"""


@dataclass
class Disk:
    """The disk of one service folder."""

    folder: Path
    own: bool
    """It is a file system of its own."""

    @property
    def means(self) -> str:
        return "a file system of its own" if self.own else "limited files"

    def fill(self, service: Service) -> None:
        """Not a byte is left."""
        if self.own:
            with suppress(OSError), (self.folder / "ballast").open("wb", buffering=0) as ballast:
                while True:
                    ballast.write(b"x" * 65536)
            with suppress(OSError), (self.folder / "ballast").open("ab", buffering=0) as ballast:
                while True:
                    ballast.write(b"x")
        elif service.settings.database_url.startswith("sqlite"):
            self._limit(service, 0)
        if not service.settings.database_url.startswith("sqlite"):
            self._tell(service, REFUSE, "CREATE TRIGGER disk_is_full BEFORE INSERT ON inbound EXECUTE FUNCTION disk_is_full()")

    def free(self, service: Service) -> float:
        """There is room again; when (monotonic)."""
        if self.own:
            (self.folder / "ballast").unlink()
        else:
            self._limit(service, resource.RLIM_INFINITY)
        if not service.settings.database_url.startswith("sqlite"):
            self._tell(service, "DROP FUNCTION disk_is_full() CASCADE")
        return time.monotonic()

    def _limit(self, service: Service, size: int) -> None:
        for name, pid in service.parts.items():
            if name.startswith("pv-"):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def _tell(self, service: Service, *statements: str) -> None:
        engine = connect(service.settings.database_url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """For a service folder that does not exist yet."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)]
    may = os.geteuid() == 0 and shutil.which("mount") is not None and os.environ.get("FAULTS_DISK", "own") == "own"
    mounted = may and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield Disk(folder, own=mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
