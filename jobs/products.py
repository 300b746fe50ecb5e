"""What was bought and is not described yet, or not lately, is asked of its shop: pictures, kinds, categories, tags and weights for mails and returns.

Order lines are looked through once each, by their number; a question is an effect like any other, so it rests with its shop and is asked again.
"""

from __future__ import annotations

import logging
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops.base import Refetch
from jobs import refetch
from jobs.world import World
from postventa import leases, products
from postventa.effects import OPEN
from postventa.models import Effect, Lease, OrderLine
from postventa.models.db import reading, transaction
from postventa.shops import find

log = logging.getLogger("postventa.products")

PLACE = "products"
"""The lease's row whose fence is the last line that was looked at."""
PIECE = 500
"""Lines in one look: what an import brings is gone through within minutes."""


def look_all(world: World) -> None:
    """Plan questions for products of new order lines of which nothing is known, or nothing of late."""
    with reading(world.engine) as session:
        last = session.scalar(select(Lease.fence).where(Lease.name == PLACE)) or 0
        if session.scalar(select(OrderLine.id).where(OrderLine.id > last).limit(1)) is None:
            return
    with transaction(world.engine) as session:
        place = leases.one_at_a_time(session, PLACE)
        new = select(OrderLine.id, OrderLine.shop_id, OrderLine.product_ref).where(OrderLine.id > place.fence)
        rows = session.execute(new.order_by(OrderLine.id).limit(PIECE)).all()
        bought: dict[int, set[str]] = defaultdict(set)
        for _, shop_id, ref in rows:
            bought[shop_id].add(ref)
        for shop_id, refs in bought.items():
            _plan(session, world, shop_id, refs - {""})
        place.fence = rows[-1][0] if rows else place.fence


def _plan(session: Session, world: World, shop_id: int, refs: set[str]) -> None:
    known = products.find(session, shop_id, refs)
    wanted = {ref for ref in refs if not products.is_fresh(known.get(ref))}
    if not wanted:
        return
    asked = (Effect.shop_id == shop_id, Effect.followup == "fetch_product", Effect.state.in_(OPEN), Effect.subject_ref.in_(wanted))
    wanted -= set(session.scalars(select(Effect.subject_ref).where(*asked)))
    try:
        shop = find(session, shop_id, world.settings, world.secret)
    except LookupError:  # it left the configuration file: nobody can ask it
        return
    if not shop.disconnected:
        refetch.plan(session, shop, [Refetch("product", ref) for ref in sorted(wanted)])
