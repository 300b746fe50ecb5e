"""Every periodic job in one list, and the clock that runs them.

Any number of clocks may run; a lease in SQL lets one of them work. It derives everything from the ledger, so Redis may be emptied at any moment.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from jobs import (
    answer_privacy,
    breaker,
    connect_shopify,
    exchanges,
    find_delays,
    give_back_labels,
    import_history,
    learn_lanes,
    learn_shop,
    look_at_shop,
    look_up,
    mend,
    products,
    purge,
    queue,
    reconcile,
    shopify_tokens,
    subscriptions,
    sweep,
    sync_tracking,
    take_in,
    tell_audit,
    watch,
    wholeness,
)
from jobs.pickups import look_after as pickups
from jobs.withdrawals import look_after
from jobs.world import World
from postventa.clock import real_now
from postventa.effects import insert_once
from postventa.models import Lease
from postventa.models.db import transaction

log = logging.getLogger("postventa.clock")


@dataclass(frozen=True)
class Periodic:
    """`every`: seconds of the machine's clock."""

    name: str
    run: Callable[[World], None]
    every: float


def periodic(world: World) -> tuple[Periodic, ...]:
    """All recurring work."""
    sweep_every = world.settings.recovery.sweep_every
    return (
        Periodic("sweep what is due", sweep.sweep, min(1.0, sweep_every)),
        Periodic("mend what got stuck", mend.mend, sweep_every),
        Periodic("bring back what a wrong clock put off", mend.bring_back, 6 * sweep_every),
        Periodic("let paused handlers go on", breaker.tend, sweep_every),
        Periodic("look for what a person should know", watch.watch, world.settings.recovery.watch_every),
        Periodic("tell where the audit log ends", tell_audit.tell_audit, 10),
        Periodic("look whether the database is whole", wholeness.look, 60),
        Periodic("take in what was kept while it was not", take_in.take_in, 3),
        Periodic("compare the shops' orders with ours", reconcile.reconcile_all, world.settings.reconcile.every),
        Periodic("look after the shops' webhooks", subscriptions.look_after_all, min(60.0, world.settings.reconcile.webhooks_every)),
        Periodic("look at shops that somebody waits for", look_at_shop.ask_again, 5),
        Periodic("ask new shops who they are", learn_shop.learn_all, 60),
        Periodic("look orders up that customers ask for", look_up.look_all, 3),
        Periodic("try keys that were typed in", connect_shopify.try_all, 5),
        Periodic("begin to read what new shops sold before", import_history.begin_all, 10),
        Periodic("read on in what shops sold before", import_history.go_on, 1),
        Periodic("ask what was bought", products.look_all, 30),
        Periodic("ask carriers where parcels are", sync_tracking.look_all, 60),
        Periodic("look for parcels that are late", find_delays.look_all, 3600),
        Periodic("learn how long ways take", learn_lanes.look_all, 3600),
        Periodic("give unused labels back", give_back_labels.look_all, 3600),
        Periodic("call off pickups that nobody needs", pickups.look_all, 300),
        Periodic("look after exchanges", exchanges.look_after, 10),
        Periodic("answer who asks for their data", answer_privacy.look_all, 60),
        Periodic("forget exports and what was locked away for long enough", answer_privacy.forget, 3600),
        Periodic("look after statements of withdrawal", look_after.look_after, 60),
        Periodic("forget statements of withdrawal whose time is over", look_after.forget, 3600),
        Periodic("keep the shops' tokens alive", shopify_tokens.keep_alive, 3600),
        Periodic("forget old bodies", purge.purge, 3600),
        Periodic("forget keys that nobody came for", purge.forget_approvals, 3600),
        Periodic("forget what was found at shops", purge.forget_visits, 3600),
    )


def run_clock(settings: object) -> None:
    """Run the list until told to stop (SIGTERM, SIGINT)."""
    from jobs import world as worlds
    from postventa.config import Settings

    if not isinstance(settings, Settings):
        raise TypeError("run_clock wants Settings")
    here = worlds.install(World(settings))
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    last: dict[str, float] = {}
    tick = min(0.25, settings.recovery.sweep_every)
    while not over.is_set():
        try:
            if not wholeness.halted(here) and _leads(here, tick):
                _run_due(here, last, over.is_set)
        except (SQLAlchemyError, RedisError) as error:
            log.error("the clock missed a beat: %s", error)
            over.wait(1)
        over.wait(tick)
    wholeness.end()
    here.engine.dispose()


def _run_due(world: World, last: dict[str, float], over: Callable[[], bool]) -> None:
    """All that is due, one after the other; whoever asks for the end waits for one of them at most."""
    for job in periodic(world):
        if over():
            return
        if time.monotonic() - last.get(job.name, float("-inf")) >= job.every:
            last[job.name] = time.monotonic()
            job.run(world)


_held_until = 0.0


def _leads(world: World, tick: float) -> bool:
    """Whether this clock holds the lease; taken or renewed every few seconds."""
    global _held_until
    if time.monotonic() < _held_until:
        return True
    with transaction(world.engine) as session:
        session.execute(insert_once(session, Lease, {"name": "clock", "owner": "", "fence": 0, "expires_at": real_now()}, ["name"]))
        row = session.scalars(select(Lease).where(Lease.name == "clock").with_for_update()).one()
        from postventa.process import lives

        if row.owner != world.owner and row.expires_at > real_now() and lives(row.owner):
            return False
        session.execute(
            update(Lease).where(Lease.name == "clock").values(owner=world.owner, fence=Lease.fence + 1, expires_at=real_now() + timedelta(seconds=15))
        )
    _held_until = time.monotonic() + 5
    return True


__all__ = ["Periodic", "periodic", "queue", "run_clock"]
