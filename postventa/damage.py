"""That the SQLite file is damaged is kept in a small file beside it: the database itself cannot be trusted with anything then.

Whoever meets damage reports it (`postventa.models.db` does so for every statement of every process), and from that moment nobody writes to the
database any more: nothing is claimed, so nothing is sent, and deliveries go to the spool (`postventa.spool`). It is over when a backup was restored
or a thorough check found nothing (`jobs/wholeness.py`).
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from postventa.clock import real_now

log = logging.getLogger("postventa.damage")

CODES = (11, 26)
"""SQLITE_CORRUPT and SQLITE_NOTADB (https://sqlite.org/rescode.html)."""


class Damaged(Exception):
    """The database is damaged: nothing is written to it until it is whole again."""


@dataclass(frozen=True)
class Damage:
    """What is known. Times are the machine's."""

    since: str
    said: str
    """SQLite's own words."""
    sure: bool = False
    """A check has found it; else an error in passing has, which the next check will judge."""
    told_at: str = ""
    """When the operator was told; empty: not yet."""

    @property
    def began(self) -> datetime:
        """Since when it is known."""
        return datetime.fromisoformat(self.since)


@dataclass(frozen=True)
class Marker:
    """The file that says that a database is damaged. `path` is empty for a database that is no file of ours: it is never damaged."""

    path: str

    @classmethod
    def of(cls, url: str) -> Marker:
        """The marker of the database at that address."""
        return cls(f"{url.removeprefix('sqlite:///')}.damaged.json" if url.startswith("sqlite:///") else "")

    @property
    def known(self) -> bool:
        """Whether the database is damaged, as far as anybody has noticed: one look at the folder."""
        return bool(self.path) and os.path.exists(self.path)  # noqa: PTH110  (asked before every transaction that writes)

    def read(self) -> Damage | None:
        """What is known, if anything is. A marker that cannot be read still is one."""
        try:
            return Damage(**json.loads(Path(self.path).read_text(encoding="utf-8"))) if self.known else None
        except (OSError, ValueError, TypeError) as error:
            return Damage(real_now().isoformat(), f"{self.path} cannot be read: {error}") if self.known else None

    def report(self, said: str, *, sure: bool = False) -> None:
        """The database is damaged. Never raises: on a full disk the next error reports it again."""
        known, said = self.read(), " ".join(said.split())
        if known is None:
            log.error("the database is damaged: nothing is written to it and nothing is sent from now on", extra={"said": said})
        if not self.path or (known is not None and (known.sure or not sure)):
            return
        self._write(Damage(known.since if known else real_now().isoformat(), said, sure, known.told_at if known else ""))

    def told(self) -> None:
        """The operator knows."""
        known = self.read()
        if known is not None:
            self._write(replace(known, told_at=real_now().isoformat()))

    def clear(self) -> None:
        """The database is whole again."""
        if self.path:
            Path(self.path).unlink(missing_ok=True)
            sync(Path(self.path).parent)

    def _write(self, damage: Damage) -> None:
        fresh = f"{self.path}.{os.getpid()}.part"
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(damage), file, ensure_ascii=False)
                file.flush()
                os.fsync(descriptor)
            Path(fresh).replace(self.path)
            sync(Path(self.path).parent)
        except OSError as error:
            log.error("that the database is damaged could not be kept: %s", error)
            with suppress(OSError):
                Path(fresh).unlink(missing_ok=True)


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says with it that its file is damaged."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in CODES


def sync(path: Path) -> None:
    """A file's content, or what a folder calls its files, reaches the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def in_words(damage: Damage, url: str) -> str:
    """For whoever has to act."""
    file = url.removeprefix("sqlite:///")
    return (
        f"the database file {file} is damaged ({damage.said}): nothing is sent and nothing is written to it, deliveries are taken and kept in "
        "var/spool. Stop the service, `postventa db restore` your last good backup, start. "
        'Step by step: docs/operations.md, section "database-damaged"'
    )
