"""Keeps claims alive while a slow foreign call runs (a mail server may take ten minutes to answer)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from jobs.world import World
from postventa import effects
from postventa.models.db import transaction


@contextmanager
def beating(world: World, held: Sequence[effects.Claim], also: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Lengthens the leases four times per lease until the block ends; `also` is called every second besides, on the same thread.

    Raises `Stale` for whoever slept so long that a claim is somebody else's by now, before anything irreversible is done.
    """
    over = threading.Event()
    lease = world.settings.recovery.lease
    if any(time.monotonic() - claim.since > lease / 2 for claim in held):
        with transaction(world.engine) as session:
            for claim in held:
                effects.hold_on(session, claim, lease)

    def beat() -> None:
        alive, again = list(held), time.monotonic() + lease / 4
        while not over.wait(min(1.0, lease / 4)):
            also()
            if time.monotonic() >= again:
                alive, again = _lengthened(world, alive, lease), time.monotonic() + lease / 4

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _lengthened(world: World, held: Sequence[effects.Claim], lease: float) -> list[effects.Claim]:
    """Those that are still ours."""
    alive = []
    try:
        with transaction(world.engine) as session:
            for claim in held:
                try:
                    effects.hold_on(session, claim, lease)
                except effects.Stale:
                    continue
                alive.append(claim)
    except SQLAlchemyError:
        return list(held)  # the database is away for a moment; the next beat, or the lease's end, decides
    return alive
