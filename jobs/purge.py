"""Personal data that nobody needs: old deliveries lose their bodies, their hashes stay so that a replay stays a no-op. Sessions and codes go."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Delete, Select, Update, delete, func, select, update

from jobs.world import World
from postventa.accounts import store
from postventa.clock import now, real_now
from postventa.connecting import candidates, visits
from postventa.connecting.store import Approvals
from postventa.models import DispatchProof, Inbound, ReturnCase, ReturnPhoto
from postventa.models.db import reading, transaction
from postventa.step_up import store as step_up

KEEP_BODIES = timedelta(days=30)
KEEP_PROOFS = timedelta(days=90)
"""Receipts and photos, from the end of the return that they are about."""
AT_ONCE = 500
"""Deliveries in one transaction: others write in between."""


def purge(world: World) -> None:
    """Forget the bodies and headers of deliveries that were read more than 30 days ago."""
    last, over = 0, _over()
    while ids := _next(world, over, last):
        last = ids[-1]
        with transaction(world.engine) as session:  # one that is read again meanwhile keeps its body
            session.execute(
                update(Inbound).where(Inbound.id.in_(ids), *over).values(body=None, headers={}).execution_options(synchronize_session=False)
            )
    with transaction(world.engine) as session:
        store.purge(session, real_now())
        step_up.purge(session, now())
        session.execute(_old_proofs())
        session.execute(_old_photos())


def _old_proofs() -> Update:
    """Receipts of returns that ended so long ago; that there was one, and what was decided, stays."""
    mine = (DispatchProof.sealed.is_not(None), DispatchProof.return_case_id.in_(_long_over()))
    return update(DispatchProof).where(*mine).values(sealed=None, carrier="", tracking_number="").execution_options(synchronize_session=False)


def _old_photos() -> Delete:
    """What customers and the warehouse showed of such returns; what was found of the goods stays in words."""
    return delete(ReturnPhoto).where(ReturnPhoto.return_case_id.in_(_long_over())).execution_options(synchronize_session=False)


def _long_over() -> Select[int]:
    """Returns that ended so long ago that nothing is left to be shown. One that was opened again has not ended."""
    end = func.coalesce(ReturnCase.closed_at, ReturnCase.declined_at, ReturnCase.cancelled_at)
    return select(ReturnCase.id).where(ReturnCase.state.in_(("closed", "declined", "cancelled")), end < now() - KEEP_PROOFS)


def _over() -> tuple[ColumnElement[bool], ...]:
    return Inbound.state.in_(("done", "ignored", "superseded")), Inbound.received_at < now() - KEEP_BODIES, Inbound.body.is_not(None)


def _next(world: World, over: tuple[ColumnElement[bool], ...], after: int) -> list[int]:
    """The next deliveries whose time is over. They are looked for without the right to write: in a large inbox that takes a while."""
    with reading(world.engine) as session:
        return list(session.scalars(select(Inbound.id).where(Inbound.id > after, *over).order_by(Inbound.id).limit(AT_ONCE)))


def forget_approvals(world: World) -> None:
    """Throw away keys that shops sent, or that were typed in, and nobody came back for."""
    Approvals(world.engine, world.secret).forget()
    with transaction(world.engine) as session:
        candidates.forget(session)


def forget_visits(world: World) -> None:
    """Throw away what was found at shops and nobody looks at any more."""
    visits.forget(world.engine)
