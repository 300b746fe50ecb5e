"""Locks on files: they end with the process that holds them, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path


class Busy(Exception):
    """Somebody else holds the lock; `holder` is what they wrote into it."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} is held by {holder or 'another process'}")
        self.path, self.holder = path, holder


class FileLock:
    """A lock on `path` (flock(2)): it belongs to the open file, so a forked child holds it too until it closes `descriptor`."""

    def __init__(self, path: Path, *, shared: bool = False, wait: float = 0) -> None:
        """Take it within `wait` seconds. Raises `Busy`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.left_behind = ""
        """What the last holder wrote and did not take back: it was killed."""
        deadline = time.monotonic() + wait
        while not self._try(shared=shared):
            if time.monotonic() >= deadline:
                holder = self._read()
                os.close(self.descriptor)
                raise Busy(path, holder)
            time.sleep(0.05)
        self.left_behind = self._read()

    @classmethod
    def inherited(cls, path: Path, descriptor: int) -> FileLock:
        """The lock that this process held already before it replaced itself by a new program (execv)."""
        lock = cls.__new__(cls)
        lock.path, lock.descriptor, lock.left_behind = path, descriptor, ""
        return lock

    def write(self, text: str) -> None:
        """Say who holds it."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)

    def release(self) -> None:
        """Give it back, with nothing left in it."""
        os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)

    def _try(self, *, shared: bool) -> bool:
        try:
            fcntl.flock(self.descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _read(self) -> str:
        return os.pread(self.descriptor, 200, 0).decode(errors="replace")
