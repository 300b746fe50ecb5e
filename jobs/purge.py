"""Personal data that is no longer needed: the bodies of old deliveries go, their hashes stay so that a replay stays a no-op. Old sessions go too."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from jobs.world import World
from postventa.accounts import store
from postventa.clock import now, real_now
from postventa.connecting import candidates, visits
from postventa.connecting.store import Approvals
from postventa.models import Inbound
from postventa.models.db import transaction

KEEP_BODIES = timedelta(days=30)


def purge(world: World) -> None:
    """Forget the bodies and headers of deliveries that were read more than 30 days ago."""
    old = (Inbound.state.in_(("done", "ignored", "superseded")), Inbound.received_at < now() - KEEP_BODIES, Inbound.body.is_not(None))
    with transaction(world.engine) as session:
        session.execute(update(Inbound).where(*old).values(body=None, headers={}).execution_options(synchronize_session=False))
        store.purge(session, real_now())


def forget_approvals(world: World) -> None:
    """Throw away keys that shops sent, or that were typed in, and nobody came back for."""
    Approvals(world.engine, world.secret).forget()
    with transaction(world.engine) as session:
        candidates.forget(session)


def forget_visits(world: World) -> None:
    """Throw away what was found at shops and nobody looks at any more."""
    visits.forget(world.engine)
