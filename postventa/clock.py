"""The time that the product lives by.

`now()` is what every rule about customers uses (delays, quiet hours, deadlines). It can be shifted or sped up for development
(`[clock]`), so machinery that protects the ledger (leases, retries, timeouts) uses `real_now()` instead, which never moves.

A speed other than 1 needs a common start for all processes: it stands in the control file `var/clock.json`, which is re-read
when it changes, so that a demonstration can also jump from one interesting moment to the next.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path


def real_now() -> datetime:
    """Now, aware UTC, by the machine's clock: for leases, retries and measurements."""
    return datetime.now(UTC)


@dataclass
class Clock:
    """Shifted and sped-up time: `now = ours + (real - anchor) * speed + offset`."""

    offset: float = 0.0
    speed: float = 1.0
    control: Path | None = None
    _stamp: tuple[int, int] = field(default=(0, 0), repr=False)
    _looked: float = field(default=0.0, repr=False)
    _anchor: float = field(default=0.0, repr=False)
    _ours: float = field(default=0.0, repr=False)
    _speed: float = field(default=1.0, repr=False)

    def now(self) -> datetime:
        """Now, aware UTC, as the product sees it."""
        self._reread()
        real = time.time()
        ours = self._ours + (real - self._anchor) * self._speed
        return datetime.fromtimestamp(ours, UTC) + timedelta(seconds=self.offset)

    def start(self) -> None:
        """Give a sped-up clock its common start; a service that is started again goes on where the file says."""
        if self.control is None or self.speed == 1.0 or self.control.exists():
            return
        self.set(real_now(), self.speed)

    def set(self, moment: datetime, speed: float = 1.0) -> None:
        """Make it `moment` in every process that reads the same control file (development only)."""
        if self.control is None:
            raise RuntimeError("this clock has no control file")
        self.control.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.control.with_suffix(f".{os.getpid()}")
        state = {"anchor": time.time(), "ours": moment.timestamp() - self.offset, "speed": speed}
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self.control)
        self._looked = 0.0

    def _reread(self) -> None:
        if self.control is None or time.monotonic() - self._looked < 0.02:
            return
        self._looked = time.monotonic()
        try:
            stat = self.control.stat()
        except FileNotFoundError:
            return
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp == self._stamp:
            return
        state = json.loads(self.control.read_text(encoding="utf-8"))
        self._anchor, self._ours, self._speed = state["anchor"], state["ours"], state["speed"]
        self._stamp = stamp


_clock = Clock()


def install(clock: Clock) -> None:
    """Make `clock` the one that `now()` reads in this process."""
    global _clock
    _clock = clock


def current() -> Clock:
    """The clock that this process reads."""
    return _clock


def now() -> datetime:
    """Now, aware UTC, as the product sees it (see the module's words on `real_now`)."""
    return _clock.now()
