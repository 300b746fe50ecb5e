"""Damage that is real: bytes of the SQLite file that nobody wrote, as a dying disk leaves them."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from postventa.models.db import sqlite_module

PAGE = 4096


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def damage(file: Path, *, from_page: int = 2) -> None:
    """Everything from that page on but the last page; the service may run. Page 1 has the header and the list of tables."""
    with closing(sqlite_module().connect(str(file), timeout=60, isolation_level=None)) as connection:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        assert not busy, "what stands in the log would cover what is written to the file"
    pages = file.stat().st_size // PAGE
    with file.open("r+b", buffering=0) as raw:
        raw.seek((from_page - 1) * PAGE)
        raw.write(b"\xa5" * (pages - from_page) * PAGE)
        os.fsync(raw.fileno())
