"""What carriers tell by themselves: a stored webhook takes the same road as an answer of its carrier's, for each parcel that has the number.

Nothing hangs on it: what no webhook told is found by asking (`jobs/sync_tracking.py`), only later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.carriers import TELLERS
from connectors.carriers.base import Told, Tracked
from connectors.errors import Unreadable
from jobs import carrier_accounts as accounts
from jobs.ask import ask_soon
from jobs.followed import Followed
from jobs.process_inbound import Delivery, failed, finish
from jobs.sync_tracking import KINDS
from jobs.world import World, current
from postventa import failpoints
from postventa.clock import now
from postventa.models import Effect, Inbound, Order
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, find
from postventa.tracking import polling

log = logging.getLogger("postventa.carriers")

STRANGER = "no parcel on its way has that number: the shop has not told of it (then it is found by asking, later), or it has arrived"
NOT_ASKED = "parcels of this carrier are not followed, as track = false says"


def hear(delivery: Delivery) -> None:
    """Read one delivery; an error is written on its row, and the next one is not kept waiting. Running it twice is harmless."""
    world = current()
    try:
        with reading(world.engine) as session:
            shop = find(session, delivery.shop_id, world.settings, world.secret)
        failpoints.hit("read.body", delivery.body or b"")
        told = TELLERS[delivery.platform].told(delivery.body or b"")
        with transaction(world.engine) as session:
            soon = _write(session, world, shop, delivery, told)
        with transaction(world.engine) as session:  # by itself: all that the shop's workers write meets on this row
            accounts.told(session, shop.id, delivery.platform, delivery.received_at)
    except Unreadable as error:
        finish(world, delivery.id, "poison", str(error))
        return
    except Exception as error:  # noqa: BLE001  (it stands on the row with its traceback, and is tried again)
        failed(world, delivery.id, error, delivery)
        return
    ask_soon(world, soon)


@dataclass(frozen=True)
class Meant:
    """A parcel that a carrier told of: its row, and its order by the shop's reference."""

    kind: Followed
    row: int
    order_ref: str


def meant(session: Session, shop: ConnectedShop, carrier: str, number: str) -> list[Meant]:
    """Those with that number; one that nobody has asked about yet is taken in. Of a customer who was erased nothing is learnt."""
    return [one for kind in KINDS for one in _known(session, kind, shop, carrier, number) or _new(session, kind, shop, carrier, number)]


def learn_of(session: Session, world: World, shop: ConnectedShop, parcels: Iterable[Meant], told: Told) -> list[Effect]:
    """What is due within moments."""
    said = Tracked(told.scans, whole=False)
    return [effect for one in parcels for effect in one.kind.learn(session, world, shop, one.row, said)]


def _known(session: Session, kind: Followed, shop: ConnectedShop, carrier: str, number: str) -> list[Meant]:
    mine = kind.numbered(shop.id, number, now() - polling.SILENT).where(kind.table.carrier == carrier)
    numbers = list(session.scalars(mine))
    rows = select(kind.table.id, Order.ref).join(Order, Order.id == kind.table.order_id).where(kind.table.id.in_(numbers), Order.erased_at.is_(None))
    return [Meant(kind, row, ref) for row, ref in session.execute(rows.order_by(kind.table.order_id, kind.table.id))]


def _new(session: Session, kind: Followed, shop: ConnectedShop, carrier: str, number: str) -> list[Meant]:
    kind.enrol(session, shop)
    return _known(session, kind, shop, carrier, number)


def _write(session: Session, world: World, shop: ConnectedShop, delivery: Delivery, told: Told) -> list[Effect]:
    row = session.scalars(select(Inbound).where(Inbound.id == delivery.id, Inbound.state == "new").with_for_update(skip_locked=True)).first()
    if row is None:
        return []  # another worker is at it
    ignored = told.ignored or ("" if delivery.platform in shop.settings.carriers.asked else NOT_ASKED)
    parcels = [] if ignored else meant(session, shop, delivery.platform, told.number)
    soon = learn_of(session, world, shop, parcels, told)
    row.state, row.reason, row.done_at = ("done", "", now()) if parcels else ("ignored", ignored or STRANGER, now())
    row.error, row.trace, row.failure, row.failed_at = "", "", "", None
    if parcels:
        row.order_ref = parcels[0].order_ref
    else:
        row.body = None  # it names somebody of whom this shop knows nothing
    return soon
