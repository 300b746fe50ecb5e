"""What becomes of a pickup that was ordered: whether its carrier comes, and whether it stays away when it is called off."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy.orm import Session

from connectors.carriers.base import Fetching
from connectors.errors import ConnectorError, Refused
from jobs import carrier_accounts as accounts
from jobs.heartbeat import beating
from jobs.pickups import book
from jobs.pickups.asked import case_of, driver, mine
from jobs.world import World
from postventa import effects
from postventa.clock import now, real_now
from postventa.models import Effect, State
from postventa.models.db import transaction
from postventa.returns.appointment import Stage
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.pickups")

ASK_AGAIN = timedelta(minutes=10)
GONE = (Fetching.REFUSED, Fetching.CALLED_OFF)
SAID = {Fetching.REFUSED: "the carrier says that it does not come", Fetching.CALLED_OFF: "it was called off at the carrier"}


def check(world: World, effect_id: int) -> None:
    """Ask whether the carrier comes, until it says so or its hours begin."""
    taken = _take(world, effect_id)
    if taken is None:
        return
    held, shop, carrier, ref = taken
    try:
        with beating(world, [held]):
            stands = driver(world, shop, carrier).pickup_stands(ref)
    except (ConnectorError, ValueError) as error:
        _failed(world, held, shop, carrier, error)
        return
    with transaction(world.engine) as session:
        row = effects.locked_order(session, held.effect_id)
        effect = session.get_one(Effect, held.effect_id, populate_existing=True)
        case = case_of(session, effect)
        it = mine(case, effect)
        if it is not None and stands is Fetching.ASKED and not book.has_begun(it, now()):
            effects.rest(session, held, real_now() + ASK_AGAIN, "the carrier has not said yet whether it comes")
            return
        effects.done(session, held, world.owner, stands.value)
        if it is not None and it.stage is Stage.ORDERED and stands in GONE:
            book.lose(session, world, shop, row, case, it, Stage.REFUSED, SAID[stands])


def call_off(world: World, effect_id: int) -> None:
    """Have nobody come. Asking twice is asking once, so a doubt needs nothing but another try."""
    taken = _take(world, effect_id, writes=True)
    if taken is None:
        return
    held, shop, carrier, ref = taken
    try:
        with beating(world, [held]):
            stands = driver(world, shop, carrier).call_off_pickup(ref)
        if stands is Fetching.KEPT:
            raise ConnectorError(f"{carrier} comes all the same", permanent=True)
    except (ConnectorError, ValueError) as error:
        _failed(world, held, shop, carrier, error)
        return
    with transaction(world.engine) as session:
        effects.locked_order(session, held.effect_id)
        if stands in GONE:
            effects.done(session, held, world.owner, stands.value)
        else:
            effects.rest(session, held, real_now() + ASK_AGAIN, "the carrier has not said yet whether it stays away")


def _take(world: World, effect_id: int, *, writes: bool = False) -> tuple[effects.Claim, ConnectedShop, str, str] | None:
    """(claim, shop, carrier, its number of the pickup); None: it is not due, or somebody else's."""
    with transaction(world.engine) as session:
        effects.locked_order(session, effect_id)
        held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, (book.KIND,))
        if held is None:
            return None
        effect = session.get_one(Effect, effect_id, populate_existing=True)
        if writes:
            effects.begin(session, held, world.owner, "")
        shop = find(session, effect.shop_id, world.settings, world.secret)
        return held, shop, str(effect.data["carrier"]), str(effect.data["ref"])


def _failed(world: World, held: effects.Claim, shop: ConnectedShop, carrier: str, error: ConnectorError | ValueError) -> None:
    """Keys that are refused rest; all else is tried again, or a person's to look at."""
    log.warning("pickup: %s", error, extra={"effect": held.effect_id})
    with transaction(world.engine) as session:
        effects.locked_order(session, held.effect_id)
        if isinstance(error, Refused):
            accounts.failed(session, shop, carrier, error)
            effects.rest(session, held, real_now() + accounts.REFUSED_AGAIN, f"waits: {error}")
            return
        if isinstance(error, ValueError) or error.permanent:
            effects.refused(session, held, world.owner, State.DEAD, str(error))
        elif effects.retry(session, held, world.owner, str(error), error.retry_after) is not State.DEAD:
            return
        _given_up(session, shop, held.effect_id, str(error))


def _given_up(session: Session, shop: ConnectedShop, effect_id: int, why: str) -> None:
    effect = session.get_one(Effect, effect_id, populate_existing=True)
    row, case = effects.locked_order(session, effect_id), case_of(session, effect)
    what = "could not be called off, so somebody may come in vain" if effect.followup == book.CALL_OFF else "cannot be asked about"
    book.trouble(session, shop, row, case, f"the pickup {effect.data['ref']} {what}: {why}")
