"""Who may do one thing at a time, over all processes and machines: a row for each thing, held for seconds and never while asleep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from postventa.clock import real_now
from postventa.effects import insert_once
from postventa.models import Lease
from postventa.process import lives


@dataclass(frozen=True)
class Taken:
    """A lease of ours: `fence` tells it from all others of that name."""

    name: str
    fence: int


def one_at_a_time(session: Session, name: str) -> Lease:
    """The row of that name, locked until the transaction ends: whoever does the same waits."""
    session.execute(insert_once(session, Lease, {"name": name, "owner": "", "fence": 0, "expires_at": real_now()}, ["name"]))
    return session.scalars(select(Lease).where(Lease.name == name).with_for_update().execution_options(populate_existing=True)).one()


def take(session: Session, name: str, owner: str, seconds: float) -> Taken | None:
    """The lease, unless somebody has it who may still be at work."""
    row = one_at_a_time(session, name)
    if row.owner and row.expires_at > real_now() and lives(row.owner):
        return None
    row.owner, row.fence, row.expires_at = owner, row.fence + 1, real_now() + timedelta(seconds=seconds)
    return Taken(name, row.fence)


def give_back(session: Session, lease: Taken) -> None:
    """It is free; unless it ran out and is somebody else's by now."""
    session.execute(update(Lease).where(Lease.name == lease.name, Lease.fence == lease.fence).values(owner="", expires_at=real_now()))
