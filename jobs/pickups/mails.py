"""What a customer reads about somebody who comes for her parcel."""

from __future__ import annotations

from sqlalchemy.orm import Session

from jobs import at_once
from jobs.world import World, rules
from postventa.followups.schedule import effect_key
from postventa.models import Effect, Order, ReturnCase
from postventa.shops import ConnectedShop

AGREED, AGAIN = "return_pickup", "return_pickup_again"
"""Follow-ups: somebody comes on another day than before; she is to choose another day."""


def tell(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, name: str, turn: int) -> Effect | None:
    """Plan that mail, once for each appointment. None: it was planned before, or the merchant does not want it."""
    if name in rules(world.settings, shop).off:
        return None
    return at_once.mail(session, order, effect_key(shop, order, name, f"{case.ref}#{turn}"), name, case.ref)
