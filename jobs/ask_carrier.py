"""What return labels and pickups have in common: their carrier is asked once, and after a doubt it is asked first what became of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connectors.carriers.base import LabelRequest
from connectors.errors import ConnectorError, InDoubt, Refused
from jobs import carrier_accounts as accounts
from jobs.world import World
from postventa import effects
from postventa.clock import real_now
from postventa.models import State
from postventa.shops import ConnectedShop

LOOK_AFTER = 10.0
"""Seconds until the carrier is asked what became of a request whose answer never came."""


@dataclass(frozen=True)
class Ready:
    """What is asked for. Its effect is in state `sending`."""

    held: effects.Claim
    request: LabelRequest
    shop: ConnectedShop
    carrier: str
    doubted: datetime | None
    """Since when it may have been done already."""
    unwanted: str
    """Why it is not called for any more; looked for all the same, since it may have cost something, or a driver may come."""


def failed(session: Session, world: World, ready: Ready, error: ConnectorError | ValueError) -> bool:
    """Write down why nothing came of it, and when it is tried again; whether that was the end of it."""
    held = ready.held
    if isinstance(error, InDoubt):
        effects.look_first(session, held, world.owner, str(error), min(LOOK_AFTER, world.settings.recovery.doubt_after))
        return False
    if isinstance(error, Refused):
        accounts.failed(session, ready.shop, ready.carrier, error)
        effects.rest(session, held, real_now() + accounts.REFUSED_AGAIN, f"waits: {error}")
        return False
    if isinstance(error, ValueError) or error.permanent:
        effects.refused(session, held, world.owner, State.DEAD, str(error))
        return True
    return effects.retry(session, held, world.owner, str(error), error.retry_after) is State.DEAD


def rests(session: Session, world: World, ready: Ready, since: datetime, what: str) -> bool:
    """Whether the earlier request, which the carrier knows nothing of, may still arrive there: it is looked for again then."""
    ripe = since + timedelta(seconds=world.settings.recovery.doubt_after)
    if real_now() >= ripe:
        return False
    effects.rest(session, ready.held, ripe, f"in doubt: {ready.carrier} has no {what} {ready.request.reference} yet; looks again")
    return True


def unreadable(session: Session, world: World, ready: Ready, error: ConnectorError | ValueError, told: str) -> bool:
    """Nobody can say what became of it: tried again for as long as that may help; whether a person has to look now."""
    again = None if isinstance(error, ValueError) else error.retry_after
    most = 0 if isinstance(error, ValueError) or error.permanent else len(effects.BACKOFF)
    return effects.retry(session, ready.held, world.owner, told, again, most=most, kind="looks", end=State.UNKNOWN) is State.UNKNOWN
