"""Whether the SQLite file is whole: looked at after each start and every night, and what the clock does while it is not.

A look reads the whole file, on a connection and in a thread of its own: with a write-ahead log it holds nobody up. Without one (an old SQLite) it
keeps writers waiting, so that it gives up soon and says so.

While the database is damaged the clock plans and asks for nothing (`postventa.damage`). It has the operator told, and looks again once an hour: what
an error in passing reported may be no damage of the file. Only SQLite's thorough check, which compares indexes too, ends it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from jobs import tell_operator
from jobs.world import World
from postventa import alarms, damage, migrations, shops
from postventa.clock import real_now
from postventa.config import ConfigError
from postventa.damage import Marker
from postventa.models.db import BUSY, safe_for_wal, sqlite_module

log = logging.getLogger("postventa.damage")

NIGHT = 3
"""The machine's hour in which it is looked at, unless it just was."""
JUST, LONG = timedelta(hours=6), timedelta(hours=24)
LIMIT, HURRIED = 600.0, BUSY / 2
"""Seconds for one look: with a write-ahead log, and where writers wait for it."""
AGAIN = 3600.0
"""Seconds between two thorough checks of a damaged database."""
EVERY = 5.0
"""Seconds between two tries to tell the operator."""
OFTEN = 100_000
"""SQLite's steps between two looks at the time: some milliseconds."""

Pragma = Literal["quick_check", "integrity_check"]


@dataclass
class _Here:
    """What this process knows. Times are monotonic seconds."""

    thread: threading.Thread | None = None
    over: threading.Event = field(default_factory=threading.Event)
    looked_at: float | None = None
    checked_at: float = float("-inf")
    attended_at: float = float("-inf")

    def run(self, work: Callable[[], None]) -> None:
        """In a thread, unless one is at work."""
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=_guarded, args=(work,), name="wholeness", daemon=True)
            self.thread.start()


_here = _Here()


def look(world: World) -> None:
    """Have the file looked at if it is time: after the start, and at night."""
    elapsed = None if _here.looked_at is None else timedelta(seconds=time.monotonic() - _here.looked_at)
    if marker_of(world).path and is_due(elapsed, real_now()):
        _here.looked_at = time.monotonic()
        _here.run(lambda: inspect(world))


def is_due(elapsed: timedelta | None, moment: datetime) -> bool:
    """`elapsed`: since this process looked last."""
    return elapsed is None or elapsed >= LONG or (elapsed >= JUST and moment.astimezone().hour == NIGHT)


def halted(world: World) -> bool:
    """Whether the database is damaged. Then that is seen to, in a thread, and the caller does nothing."""
    if not marker_of(world).known:
        return False
    if time.monotonic() - _here.attended_at >= EVERY:
        _here.attended_at = time.monotonic()
        _here.run(lambda: attend(world))
    return True


def end() -> None:
    """A look that is at work ends soon."""
    _here.over.set()
    if _here.thread is not None:
        _here.thread.join(5)


def marker_of(world: World) -> Marker:
    """Whose database this is about."""
    return Marker.of(world.engine.url.render_as_string())


def inspect(world: World) -> None:
    """One quick look."""
    began = time.monotonic()
    found = check(world, "quick_check", LIMIT if safe_for_wal(sqlite_module().sqlite_version_info) else HURRIED)
    seconds = round(time.monotonic() - began, 1)
    if found is None:
        if not _here.over.is_set():
            log.warning("the database file could not be checked to its end: `postventa doctor` does it at any time", extra={"seconds": seconds})
    elif found:
        _here.checked_at = time.monotonic()
        marker_of(world).report(found, sure=True)
    else:
        log.debug("the database file is whole", extra={"seconds": seconds})


def attend(world: World) -> None:
    """Be sure that it is damaged, tell the operator, and notice when it is over."""
    marker = marker_of(world)
    known = marker.read()
    if known is not None and time.monotonic() - _here.checked_at >= AGAIN:
        _here.checked_at = time.monotonic()
        found = check(world, "integrity_check", LIMIT)
        if _here.over.is_set():
            return
        if found == "":
            mended(world)
            return
        marker.report(found or f"{known.said}; a check of {LIMIT / 60:.0f} minutes did not come to its end", sure=True)
    elif known is not None and not known.sure:
        marker.report(f"{known.said}, again after a check that found nothing", sure=True)
    known = marker.read()
    if known is not None and not known.told_at and world.settings.alerts.reachable:
        if tell_operator.told(world, alarms.of_damage(known, world.settings.database_url)):
            marker.told()
        else:
            log.error("the operator could not be told that the database is damaged")


def mended(world: World) -> None:
    """Work goes on, after what a start could not do."""
    marker_of(world).clear()
    log.warning("the database is whole: work goes on")
    migrations.upgrade_engine(world.engine)
    shops.sync(world.engine, world.settings)


def check(world: World, pragma: Pragma, limit: float) -> str | None:
    """What SQLite finds wrong, in its words; empty: nothing; None: it could not be finished, or not within `limit` seconds."""
    module, until = sqlite_module(), time.monotonic() + limit
    try:
        with closing(module.connect(world.engine.url.database, timeout=BUSY, isolation_level=None)) as connection:
            connection.set_progress_handler(lambda: int(_here.over.is_set() or time.monotonic() > until), OFTEN)
            said = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}(3)")]
    except module.DatabaseError as error:
        return str(error) if damage.is_damage(error) else None
    return "" if said == ["ok"] else "; ".join(said)


def _guarded(work: Callable[[], None]) -> None:
    """Trouble in the thread is said, and looked at again next time."""
    try:
        work()
    except (SQLAlchemyError, ConfigError, OSError) as error:
        log.error("looking after the database failed: %s", error)
