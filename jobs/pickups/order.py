"""One pickup is ordered at its carrier, once: after a doubt it is looked for before it is ordered again, as return labels are."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connectors.carriers.base import LabelRequest, Pickup, Window
from connectors.errors import ConnectorError, InDoubt, Refused
from jobs import carrier_accounts as accounts
from jobs.heartbeat import beating
from jobs.pickups import book
from jobs.pickups.asked import case_of, driver, mine, request_of, window_of
from jobs.pickups.asked import unwanted as unwanted_now
from jobs.world import World
from postventa import effects, failpoints
from postventa.clock import now, real_now
from postventa.models import Effect, Order, State
from postventa.models.db import transaction
from postventa.returns.appointment import Stage
from postventa.returns.slots import slot_of
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.pickups")

LOOK_AFTER = 10.0
"""Seconds until the carrier is asked what became of a request whose answer never came."""
BEGUN = "its hours had begun before the carrier could be asked"


@dataclass(frozen=True)
class Ready:
    """An order whose effect is in state `sending`."""

    held: effects.Claim
    request: LabelRequest
    window: Window
    shop: ConnectedShop
    carrier: str
    doubted: datetime | None
    """Since when it may have been ordered already."""
    unwanted: str
    """Why it is not called for any more; looked for all the same, since a driver may come."""


def order(world: World, effect_id: int) -> None:
    """Do it. Running it twice, or on two workers, orders once."""
    with transaction(world.engine) as session:
        ready = _prepare(session, world, effect_id)
    if ready is None:
        return
    failpoints.hit("pickup.after_sending")
    with beating(world, [ready.held]):
        made = _made(world, ready) if ready.doubted is None else _found(world, ready, ready.doubted)
    if made is None:
        return
    failpoints.hit("pickup.after_answer")
    with transaction(world.engine) as session:
        _keep(session, world, ready, made)


def _prepare(session: Session, world: World, effect_id: int) -> Ready | None:
    row = effects.locked_order(session, effect_id)
    held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, (book.KIND,))
    if held is None:
        return None
    effect = session.get_one(Effect, effect_id, populate_existing=True)
    shop, case = find(session, effect.shop_id, world.settings, world.secret), case_of(session, effect)
    it, doubted, slot = mine(case, effect), effects.doubted(effect), slot_of(str(effect.data["slot"]))
    unwanted = unwanted_now(row, case, it)
    if doubted is None and (unwanted or it is None or slot is None):
        effects.drop(session, held, State.CANCELLED, unwanted)
        return None
    if doubted is None and it is not None and book.has_begun(it, now()):
        effects.drop(session, held, State.CANCELLED, BEGUN)
        book.lose(session, world, shop, row, case, it, Stage.REFUSED, BEGUN)
        return None
    request = request_of(session, world, shop, row, case, effect, it)
    effects.begin(session, held, world.owner, "")
    return Ready(held, request, window_of(effect, slot), shop, str(effect.data["carrier"]), doubted, unwanted)


def _made(world: World, ready: Ready) -> Pickup | None:
    try:
        return driver(world, ready.shop, ready.carrier).pickup(ready.request, ready.window)
    except (ConnectorError, ValueError) as error:
        with transaction(world.engine) as session:
            row = effects.locked_order(session, ready.held.effect_id)
            _failed(session, world, ready, row, error)
        log.warning("pickup not ordered: %s", error, extra={"effect": ready.held.effect_id})
        return None


def _failed(session: Session, world: World, ready: Ready, row: Order, error: ConnectorError | ValueError) -> None:
    held = ready.held
    if isinstance(error, InDoubt):
        effects.look_first(session, held, world.owner, str(error), min(LOOK_AFTER, world.settings.recovery.doubt_after))
        return
    if isinstance(error, Refused):
        accounts.failed(session, ready.shop, ready.carrier, error)
        effects.rest(session, held, real_now() + accounts.REFUSED_AGAIN, f"waits: {error}")
        return
    if isinstance(error, ValueError) or error.permanent:
        effects.refused(session, held, world.owner, State.DEAD, str(error))
    elif effects.retry(session, held, world.owner, str(error), error.retry_after) is not State.DEAD:
        return
    effect = session.get_one(Effect, held.effect_id, populate_existing=True)
    case = case_of(session, effect)
    if (it := mine(case, effect)) is not None:
        book.lose(session, world, ready.shop, row, case, it, Stage.REFUSED, str(error))


def _found(world: World, ready: Ready, since: datetime) -> Pickup | None:
    """What the carrier has under our number; ordered only once it is sure that nothing comes of the earlier request."""
    try:
        made = driver(world, ready.shop, ready.carrier).find_pickup(ready.request, ready.window)
    except (ConnectorError, ValueError) as error:
        _unreadable(world, ready, error)
        return None
    if made is not None:
        return made
    ripe = since + timedelta(seconds=world.settings.recovery.doubt_after)
    with transaction(world.engine) as session:
        row = effects.locked_order(session, ready.held.effect_id)
        if real_now() < ripe:
            effects.rest(session, ready.held, ripe, f"in doubt: {ready.carrier} has no pickup {ready.request.reference} yet; looks again")
            return None
        if ready.unwanted or _is_late(session, world, ready, row):
            effects.drop(session, ready.held, State.CANCELLED, ready.unwanted or BEGUN)
            return None
    return _made(world, ready)


def _is_late(session: Session, world: World, ready: Ready, row: Order) -> bool:
    """Whether its hours began while nobody knew."""
    effect = session.get_one(Effect, ready.held.effect_id, populate_existing=True)
    case = case_of(session, effect)
    it = mine(case, effect)
    if it is None or not book.has_begun(it, now()):
        return False
    book.lose(session, world, ready.shop, row, case, it, Stage.REFUSED, BEGUN)
    return True


def _unreadable(world: World, ready: Ready, error: ConnectorError | ValueError) -> None:
    """Nobody can say whether somebody comes: tried again for as long as that may help, then a person has to look."""
    told = f"in doubt, please look whether {ready.carrier} has the pickup {ready.request.reference}: {error}"
    lasting = isinstance(error, ValueError) or error.permanent
    with transaction(world.engine) as session:
        row = effects.locked_order(session, ready.held.effect_id)
        again = None if isinstance(error, ValueError) else error.retry_after
        most = 0 if lasting else len(effects.BACKOFF)
        end = effects.retry(session, ready.held, world.owner, told, again, most=most, kind="looks", end=State.UNKNOWN)
        if end is State.UNKNOWN:
            book.trouble(session, ready.shop, row, case_of(session, session.get_one(Effect, ready.held.effect_id)), told)
    log.warning("pickup in doubt: %s", error, extra={"effect": ready.held.effect_id})


def _keep(session: Session, world: World, ready: Ready, made: Pickup) -> None:
    """Somebody comes; who is not wanted any more is called off again."""
    row = effects.locked_order(session, ready.held.effect_id)
    effect = session.get_one(Effect, ready.held.effect_id, populate_existing=True)
    case, turn = case_of(session, effect), int(str(effect.data["turn"]))
    effects.done(session, ready.held, world.owner, f"{ready.carrier} {made.reference}")
    accounts.answered(session, ready.shop, ready.carrier)
    it = mine(case, effect)
    if it is None or unwanted_now(row, case, it):
        book.plan(session, ready.shop, row, case, book.CALL_OFF, turn, carrier=ready.carrier, ref=made.reference)
        return
    book.come(session, world, ready.shop, row, case, it, made.reference)
    book.plan(session, ready.shop, row, case, book.CHECK, turn, book.SAYS_SOON, carrier=ready.carrier, ref=made.reference)
