"""A carrier says that it came for a parcel in vain."""

from __future__ import annotations

from sqlalchemy.orm import Session

from jobs.pickups import book
from jobs.world import World
from postventa.clock import now
from postventa.models import Effect, Order, ReturnCase
from postventa.returns import appointment
from postventa.returns.appointment import Stage
from postventa.shops import ConnectedShop

IN_VAIN = "the carrier says that it could not collect the parcel"


def missed(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase) -> list[Effect]:
    """Have the customer choose another day. Word about an earlier appointment, before this one's hours, changes nothing."""
    it = appointment.of(case)
    if it is None or it.stage is not Stage.ORDERED or not book.has_begun(it, now()):
        return []
    mail = book.lose(session, world, shop, order, case, it, Stage.MISSED, IN_VAIN)
    return [mail] if mail is not None else []
