"""Reading stored deliveries again: under the same keys, so that what went out already does not go out twice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import real_now
from postventa.models import Inbound


def replay(session: Session, inbound_ids: list[int]) -> list[int]:
    """Put deliveries back to the start; those whose body was purged stay as they are. Returns the ids that will be read again."""
    rows = session.scalars(select(Inbound).where(Inbound.id.in_(inbound_ids), Inbound.body.is_not(None)).with_for_update()).all()
    for row in rows:
        row.state, row.attempts, row.error, row.reason, row.not_before, row.done_at = "new", 0, "", "", real_now(), None
    return [row.id for row in rows]


def dead(session: Session) -> list[int]:
    """All deliveries that could not be read."""
    return list(session.scalars(select(Inbound.id).where(Inbound.state.in_(("poison", "dead"))).order_by(Inbound.id)))
