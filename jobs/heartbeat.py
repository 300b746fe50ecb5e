"""Keeps a claim alive while a slow foreign call runs (a mail server may take ten minutes to answer)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from jobs.world import World
from postventa import effects
from postventa.models.db import transaction


@contextmanager
def beating(world: World, held: effects.Claim) -> Iterator[None]:
    """Lengthens the lease four times per lease until the block ends.

    Raises `Stale` for whoever slept so long that the claim is somebody else's by now, before anything irreversible is done.
    """
    over = threading.Event()
    lease = world.settings.recovery.lease
    if time.monotonic() - held.since > lease / 2:
        with transaction(world.engine) as session:
            effects.hold_on(session, held, lease)

    def beat() -> None:
        while not over.wait(lease / 4):
            try:
                with transaction(world.engine) as session:
                    effects.hold_on(session, held, lease)
            except effects.Stale:
                return
            except SQLAlchemyError:
                continue  # the database is away for a moment; the next beat, or the lease's end, decides

    thread = threading.Thread(target=beat, name=f"lease-{held.effect_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
