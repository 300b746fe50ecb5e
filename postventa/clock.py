"""The time that the product lives by.

`now()` is what every rule about customers uses (delays, quiet hours, deadlines). It can be shifted or sped up for development
(`[clock]`), so machinery that protects the ledger (leases, retries, timeouts) uses `real_now()` instead, which never moves.

Neither follows the machine's clock when it jumps (somebody set it, a virtual machine was put back): from its start on the service counts time
itself, takes over small corrections only, and `jump()` says how far the two are apart, so that a person hears of it. Processes that were
forked from one share one count. A restart takes the machine's word.

A speed other than 1 needs a common start for all processes: it stands in the control file `var/clock.json`, which is re-read
when it changes, so that a demonstration can also jump from one interesting moment to the next.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from postventa import failpoints

JUMP = 30.0
"""Seconds: a larger step of the machine's clock is not followed."""
LOOK = 0.02
"""Seconds until the control file is looked at again."""
_TICKS: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _shifted() -> float:
    return time.time() + failpoints.clock_shift()


_wall = _shifted if failpoints.armed() else time.time


_anchor = _wall() - time.clock_gettime(_TICKS)


def steady() -> float:
    """Seconds since 1970 by the machine's clock, without its jumps."""
    global _anchor
    counted, told = _anchor + time.clock_gettime(_TICKS), _wall()
    if not -JUMP <= told - counted <= JUMP:
        return counted
    _anchor += told - counted
    return told


def jump() -> float:
    """Seconds that the machine's clock has jumped ahead of ours (negative: back); 0 while the two agree."""
    ahead = _wall() - steady()
    return ahead if abs(ahead) > JUMP else 0.0


def real_now() -> datetime:
    """Now, aware UTC, by the machine's clock without its jumps: for leases, retries and measurements."""
    return datetime.fromtimestamp(steady(), UTC)


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
        real = steady()
        if self.control is not None and not 0 <= real - self._looked < LOOK:
            self._reread(self.control, real)
        ours = self._ours + (real - self._anchor) * self._speed
        return datetime.fromtimestamp(ours + self.offset, UTC)

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
        state = {"anchor": steady(), "ours": moment.timestamp() - self.offset, "speed": speed}
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self.control)
        self._looked = 0.0

    def _reread(self, control: Path, real: float) -> None:
        self._looked = real
        try:
            stat = control.stat()
        except FileNotFoundError:
            return
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp == self._stamp:
            return
        state = json.loads(control.read_text(encoding="utf-8"))
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
