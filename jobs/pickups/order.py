"""One pickup is ordered at its carrier, once: after a doubt it is looked for before it is ordered again, as return labels are."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.carriers.base import Pickup, Window
from connectors.errors import ConnectorError
from jobs import ask_carrier
from jobs import carrier_accounts as accounts
from jobs.heartbeat import beating
from jobs.pickups import book
from jobs.pickups.asked import case_of, driver, mine, request_of, window_of
from jobs.pickups.asked import unwanted as unwanted_now
from jobs.world import World
from postventa import effects, failpoints
from postventa.clock import now
from postventa.models import Effect, Order, ReturnCase, State
from postventa.models.db import transaction
from postventa.returns.appointment import Appointment, Stage
from postventa.returns.slots import slot_of
from postventa.shops import find

log = logging.getLogger("postventa.pickups")

BEGUN = "its hours had begun before the carrier could be asked"


@dataclass(frozen=True)
class Ready(ask_carrier.Ready):
    """A driver, and for when."""

    window: Window


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
    return Ready(held, request, shop, str(effect.data["carrier"]), doubted, unwanted, window_of(effect, slot))


def _made(world: World, ready: Ready) -> Pickup | None:
    try:
        return driver(world, ready.shop, ready.carrier).pickup(ready.request, ready.window)
    except (ConnectorError, ValueError) as error:
        with transaction(world.engine) as session:
            row = effects.locked_order(session, ready.held.effect_id)
            if ask_carrier.failed(session, world, ready, error):
                _lost(session, world, ready, row, str(error))
        log.warning("pickup not ordered: %s", error, extra={"effect": ready.held.effect_id})
        return None


def _lost(session: Session, world: World, ready: Ready, row: Order, why: str) -> None:
    case, it = _now(session, ready)
    if it is not None:
        book.lose(session, world, ready.shop, row, case, it, Stage.REFUSED, why)


def _now(session: Session, ready: Ready) -> tuple[ReturnCase, Appointment | None]:
    """The return and its appointment as they stand by now."""
    effect = session.get_one(Effect, ready.held.effect_id, populate_existing=True)
    case = case_of(session, effect)
    return case, mine(case, effect)


def _found(world: World, ready: Ready, since: datetime) -> Pickup | None:
    """What the carrier has under our number; ordered only once it is sure that nothing comes of the earlier request."""
    try:
        made = driver(world, ready.shop, ready.carrier).find_pickup(ready.request, ready.window)
    except (ConnectorError, ValueError) as error:
        _unreadable(world, ready, error)
        return None
    if made is not None:
        return made
    with transaction(world.engine) as session:
        row = effects.locked_order(session, ready.held.effect_id)
        if ask_carrier.rests(session, world, ready, since, "pickup"):
            return None
        if ready.unwanted or _is_late(session, world, ready, row):
            effects.drop(session, ready.held, State.CANCELLED, ready.unwanted or BEGUN)
            return None
    return _made(world, ready)


def _is_late(session: Session, world: World, ready: Ready, row: Order) -> bool:
    """Whether its hours began while nobody knew."""
    case, it = _now(session, ready)
    if it is None or not book.has_begun(it, now()):
        return False
    book.lose(session, world, ready.shop, row, case, it, Stage.REFUSED, BEGUN)
    return True


def _unreadable(world: World, ready: Ready, error: ConnectorError | ValueError) -> None:
    """Nobody can say whether somebody comes: tried again for as long as that may help, then a person has to look."""
    told = f"in doubt, please look whether {ready.carrier} has the pickup {ready.request.reference}: {error}"
    with transaction(world.engine) as session:
        row = effects.locked_order(session, ready.held.effect_id)
        if ask_carrier.unreadable(session, world, ready, error, told):
            book.trouble(session, ready.shop, row, _now(session, ready)[0], told)
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
