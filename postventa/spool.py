"""Where deliveries are kept while the database is damaged: lines in a file, on disk before anybody is answered.

Each line carries the hash of its content, so that one that was torn by a power cut is told apart from one that is whole. The file that is written
to is put aside under another name before it is read, so that neither waits for the other. `var/spool` holds:

| file | |
|---|---|
| `deliveries.jsonl` | written to |
| `deliveries-<number>.jsonl` | put aside, to be taken into the inbox |
| `deliveries-<number>.rejected` | lines that nobody can read: for a person |
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from postventa.damage import sync

ACTIVE, REJECTED = "deliveries.jsonl", ".rejected"
TOGETHER = 200
"""Deliveries that are taken into the inbox at once."""
LARGEST = 16 * 2**20
"""Bytes after which another file is begun: one is read in about a second."""


@dataclass(frozen=True)
class Spooled:
    """One delivery. `shop_key` finds its shop in a restored database; the number is what this one knew it by, 0 if it could not be asked."""

    shop_key: str
    shop_id: int
    platform: str
    topic: str
    delivery_id: str
    dedupe: str
    headers: dict[str, str]
    body: bytes
    secret_index: int
    received_at: datetime

    def line(self) -> bytes:
        """As it stands in the file."""
        content = {**self.__dict__, "body": base64.b64encode(self.body).decode(), "received_at": self.received_at.isoformat()}
        return json.dumps({"hash": _hash(content), "delivery": content}).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Spooled:
        """Raises `ValueError` for a line that is not whole."""
        try:
            told = json.loads(line)
            content = told["delivery"]
            if told["hash"] != _hash(content):
                raise ValueError("its hash is another one")
            return cls(**{**content, "body": base64.b64decode(content["body"]), "received_at": datetime.fromisoformat(content["received_at"])})
        except (TypeError, KeyError, RecursionError) as error:
            raise ValueError(f"not a delivery: {error!r}") from None


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass
class Waiting:
    """One file of the spool."""

    file: Path
    deliveries: int = 0
    unreadable: int = 0
    shops: Counter[str] = field(default_factory=Counter)
    oldest: datetime | None = None
    written_at: datetime | None = None


Insert = Callable[[list[Spooled]], Collection[Spooled]]
"""Stores deliveries, and says which it could not, since their shop is not known."""


class Spool:
    """The folder. Several processes may write to it at once, and one reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known = False

    def append(self, deliveries: Sequence[Spooled]) -> None:
        """Returns when all of them are on disk. Raises `OSError`; then none of them counts."""
        lines = b"".join(delivery.line() for delivery in deliveries)
        with self._open() as descriptor:
            end = os.fstat(descriptor).st_size
            torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"  # by a power cut: what follows must not be taken for its end
            try:
                _write(descriptor, b"\n" + lines if torn else lines)
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(descriptor, end)
                raise
            if not self._known:
                sync(self.folder)
                sync(self.folder.parent)
                self._known = True
            if end > LARGEST:
                self._put_aside()

    def take(self, insert: Insert, seconds: float) -> int:
        """Give what waits to `insert`, the oldest first, for about so many seconds; how many were stored. Doing it twice does no harm.

        What cannot be read is kept aside; what has no shop yet stays and is tried again.
        """
        if not self.folder.is_dir():
            return 0
        until, stored = time.monotonic() + seconds, 0
        if (self.folder / ACTIVE).exists():
            with self._open():
                self._put_aside()
        for file in self._aside():
            stored += self._take_one(file, insert)
            if time.monotonic() > until:
                break
        return stored

    def waiting(self) -> list[Waiting]:
        """What is there, the oldest first, what is kept aside last."""
        files = [*self._aside(), *([self.folder / ACTIVE] if (self.folder / ACTIVE).exists() else ()), *sorted(self.folder.glob(f"*{REJECTED}"))]
        return [_look(file) for file in files]

    def empty(self) -> bool:
        """Whether nothing is there: the usual case, at the cost of one look."""
        return not self.folder.is_dir() or not any(self.folder.iterdir())

    def _aside(self) -> list[Path]:
        return sorted(self.folder.glob("deliveries-*.jsonl"))

    def _take_one(self, file: Path, insert: Insert) -> int:
        unreadable: list[bytes] = []
        without_shop: list[Spooled] = []
        stored = 0
        for lines in _by(TOGETHER, file):
            readable: list[Spooled] = []
            for line in lines:
                try:
                    readable.append(Spooled.read(line))
                except ValueError:
                    unreadable.append(line)
            left = insert(readable) if readable else ()
            without_shop += left
            stored += len(readable) - len(left)
        if unreadable:
            _keep(file.with_suffix(REJECTED), unreadable)
        if not without_shop:
            file.unlink(missing_ok=True)
            sync(self.folder)
        elif stored or unreadable:
            _replace(file, b"".join(delivery.line() for delivery in without_shop))
        return stored

    @contextmanager
    def _open(self) -> Iterator[int]:
        """The file that is written to, for us alone; one that was put aside while we waited for it is not it any more."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / ACTIVE
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if _is(path, descriptor):
                    yield descriptor
                    return
            finally:
                os.close(descriptor)

    def _put_aside(self) -> None:
        """Whoever does so has it open for himself alone."""
        (self.folder / ACTIVE).rename(self.folder / f"deliveries-{time.time_ns():020}.jsonl")
        sync(self.folder)


def _is(path: Path, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _by(number: int, file: Path) -> Iterator[list[bytes]]:
    with file.open("rb") as lines:
        while batch := list(islice(lines, number)):
            yield [line.rstrip(b"\n") for line in batch if line != b"\n"]


def _look(file: Path) -> Waiting:
    found = Waiting(file)
    with suppress(FileNotFoundError):  # taken into the inbox at this moment
        found.written_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        for line in (line for lines in _by(TOGETHER, file) for line in lines):
            try:
                delivery = Spooled.read(line)
            except ValueError:
                found.unreadable += 1
                continue
            found.deliveries += 1
            found.shops[delivery.shop_key] += 1
            found.oldest = min(found.oldest or delivery.received_at, delivery.received_at)
    return found


def _keep(file: Path, lines: list[bytes]) -> None:
    """Whoever was killed after it has kept them already."""
    before = file.read_bytes().splitlines() if file.exists() else []
    _replace(file, b"".join(line + b"\n" for line in [*before, *(line for line in lines if line not in before)]))


def _replace(file: Path, content: bytes) -> None:
    fresh = file.with_name(f".{file.name}.part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(file)
    sync(file.parent)
