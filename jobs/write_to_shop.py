"""One write into a shop: claim, take a last look, commit `sending`, write, commit the outcome.

Who tried before looks first: what the shop has already is done. What would cost somebody something if it were done twice (`Write.patient`) is not
repeated before nothing can come of the first request any more; what nobody can find out is left to a person.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import AskAPerson, ConnectorError, InDoubt, Refused
from connectors.shops.writes import Done, ShopWrites, Write
from jobs import shop_api
from jobs.deeds import DEEDS, owed, returns
from jobs.deeds.base import Deed, reference
from jobs.heartbeat import beating
from jobs.world import World, current
from postventa import effects, failpoints
from postventa.clock import real_now
from postventa.models import Attempt, Effect, Order, Shop, State
from postventa.models.db import transaction
from postventa.shops import ConnectedShop, find

log = logging.getLogger("postventa.writes")

LOOK_AFTER = 10.0
"""Seconds until the shop is asked what became of a request whose answer never came."""
WAITS = timedelta(minutes=5)
"""How often one looks whether what has to come before it is there; what brings it wakes it sooner."""
MOST_DOUBTS = 3
"""So many requests without an answer; then a person has to look, whatever the shop shows."""


@dataclass(frozen=True)
class Ready:
    """A write whose effect is in state `sending`."""

    held: effects.Claim
    shop: ConnectedShop
    deed: Deed
    wanted: Write
    reference: str
    tried: bool
    """Whether an earlier try came as far as the shop, perhaps."""
    doubted: datetime | None
    """Since when it may have been done already."""
    unwanted: str
    """Why it is not called for any more; looked for all the same."""
    alone: bool
    """It failed before: whether the fault is its own is asked first."""


@dataclass(frozen=True)
class NotYet:
    """Nothing was found, and something may still come of an earlier request until then."""

    until: datetime


@dataclass(frozen=True)
class Unseen:
    """Nothing was changed: the shop did not even say what there is."""

    error: ConnectorError
    alone: bool


Outcome = Done | NotYet | Unseen | str | Exception
"""A text: it was not there, and is not called for any more."""


def write_to_shop(effect_id: int) -> None:
    """Do one write. Running it twice, or on two workers, does it once."""
    world = current()
    try:
        with transaction(world.engine) as session:
            ready = _prepare(session, world, effect_id)
    except Exception as error:
        _unprepared(world, effect_id, error)
        raise
    if ready is None:
        return
    failpoints.hit("write.after_sending")
    with beating(world, [ready.held]):
        outcome = _outcome(world, ready)
    failpoints.hit("write.after_answer")
    with transaction(world.engine) as session:
        effects.locked_order_if_any(session, ready.held.effect_id)  # before the effect, as whoever plans does
        _keep(session, world, ready, outcome)
    failpoints.hit("write.after_done")
    if isinstance(outcome, Exception) and not isinstance(outcome, ConnectorError):
        raise outcome


def _unprepared(world: World, effect_id: int, error: Exception) -> None:
    """It does not even say what is to be written: counted on the row like any other failure, so that somebody sees it."""
    with transaction(world.engine) as session:
        held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, ("write",))
        if held is not None:
            effects.retry(session, held, world.owner, f"{type(error).__name__}: {error}")


def _prepare(session: Session, world: World, effect_id: int) -> Ready | None:
    held = effects.claim(session, effect_id, world.settings.recovery.lease, world.owner, ("write",))
    if held is None:
        return None
    effect = session.get_one(Effect, effect_id, populate_existing=True)
    shop = find(session, effect.shop_id, world.settings, world.secret)
    order = session.get(Order, effect.order_id) if effect.order_id is not None else None
    resting = shop_api.gone(shop) or shop_api.resting(session, world, shop)
    if resting is not None:
        effects.rest(session, held, *resting)
        return None
    return _ready(session, world, held, effect, order, shop)


def _ready(session: Session, world: World, held: effects.Claim, effect: Effect, order: Order | None, shop: ConnectedShop) -> Ready | None:
    deed, tried = DEEDS[effect.followup], effect.attempts > 0
    unwanted = deed.unwanted(session, effect, order)
    if unwanted and not tried:
        effects.drop(session, held, State.CANCELLED, unwanted)
        owed.not_given(session, effect, unwanted)
        return None
    waits = "" if unwanted else deed.waits(session, effect, order)
    if waits:
        effects.rest(session, held, real_now() + WAITS, waits)
        return None
    wanted, alone = deed.wanted(session, effect, order), "failures" in effect.data or session.get_one(Shop, shop.id).api_failures > 0
    name, doubted = reference(effect.key), effects.doubted(effect)
    effects.begin(session, held, world.owner, name)
    return Ready(held, shop, deed, wanted, name, tried, doubted, unwanted, alone)


def _outcome(world: World, ready: Ready) -> Outcome:
    """Never raises: whatever happened is the outcome, and what was not foreseen may have happened after the shop was asked."""
    alone = False
    try:
        alone = ready.alone and shop_api.answers(world, ready.shop)
        writes = shop_api.client(world, ready.shop).writes()
        looked = _looked(world, ready, writes)
        return looked if looked is not None else writes.do(ready.wanted, ready.reference)
    except ConnectorError as error:
        lasting = error.permanent and not isinstance(error, Refused)
        return error if lasting or isinstance(error, InDoubt) else Unseen(error, alone)
    except Exception as error:  # noqa: BLE001  (written down by `_keep`; what no connector expects rises after that)
        return error


def _looked(world: World, ready: Ready, writes: ShopWrites) -> Outcome | None:
    """What is there from an earlier try, or why nothing is to be done now; None: do it."""
    try:
        found = writes.find(ready.wanted, ready.reference) if ready.tried else None
    except ConnectorError as error:
        if isinstance(error, AskAPerson):
            return NotYet(_ripe(world, ready)) if _unripe(world, ready) else error
        if error.permanent and not isinstance(error, Refused):
            return Unseen(error, alone=True)
        raise
    if found is None and ready.wanted.patient and _unripe(world, ready):
        return NotYet(_ripe(world, ready))
    return found if found is not None else ready.unwanted or None


def _ripe(world: World, ready: Ready) -> datetime:
    """From then on nothing comes of the earlier request any more."""
    return (ready.doubted or real_now()) + timedelta(seconds=world.settings.recovery.doubt_after)


def _unripe(world: World, ready: Ready) -> bool:
    return ready.doubted is not None and real_now() < _ripe(world, ready)


def _keep(session: Session, world: World, ready: Ready, outcome: Outcome) -> None:
    held = ready.held
    if isinstance(outcome, Done):
        _done(session, world, ready, outcome)
    elif isinstance(outcome, NotYet):
        effects.rest(session, held, outcome.until, f"in doubt: the shop has nothing under {ready.reference} yet; looks again")
    elif isinstance(outcome, str):
        effects.drop(session, held, State.CANCELLED, outcome)
        owed.not_given(session, session.get_one(Effect, held.effect_id), outcome)
    elif isinstance(outcome, Unseen):
        _unseen(session, world, ready, outcome)
    else:
        _failed(session, world, ready, outcome)
    if not isinstance(outcome, Done):
        _given_up(session, held.effect_id)


def _given_up(session: Session, effect_id: int) -> None:
    effect = session.get_one(Effect, effect_id, populate_existing=True)
    if effect.state in (State.DEAD, State.CANCELLED):
        DEEDS[effect.followup].lost(session, effect)
        returns.wake(session, effect)


def _done(session: Session, world: World, ready: Ready, done: Done) -> None:
    shop_api.answered(session, ready.shop)
    effects.done(session, ready.held, world.owner, f"{done.said}; {done.left}" if done.left else done.said)
    effect = session.get_one(Effect, ready.held.effect_id, populate_existing=True)
    effect.data = {**effect.data, "ref": done.ref}
    ready.deed.after(session, effect, done)
    returns.wake(session, effect)
    log.info("written to the shop", extra={"effect": effect.id, "said": done.said})


def _failed(session: Session, world: World, ready: Ready, error: Exception) -> None:
    """By what is known of it: certainly not done, perhaps done, or nobody can find out."""
    held = ready.held
    if isinstance(error, AskAPerson):
        effects.doubt(session, held, world.owner, f"{error}; reference {ready.reference}", 0)
    elif isinstance(error, InDoubt) or not isinstance(error, ConnectorError):
        _doubtful(session, world, ready, error)
    else:
        shop_api.answered(session, ready.shop)
        effects.refused(session, held, world.owner, State.DEAD, str(error))
    log.warning("not written to the shop: %s", error, extra={"effect": held.effect_id})


def _doubtful(session: Session, world: World, ready: Ready, error: Exception) -> None:
    """Looked for soon; what is doubted again and again is left to a person."""
    detail = str(error) if isinstance(error, ConnectorError) else f"{type(error).__name__}: {error}"
    held = ready.held
    before = select(func.count()).where(Attempt.effect_id == held.effect_id, Attempt.outcome == "in_doubt")
    if (session.scalar(before) or 0) + 1 >= MOST_DOUBTS:
        effects.doubt(session, held, world.owner, f"{detail}; reference {ready.reference}", 0)
    else:
        effects.look_first(session, held, world.owner, detail, min(LOOK_AFTER, world.settings.recovery.doubt_after))


def _unseen(session: Session, world: World, ready: Ready, unseen: Unseen) -> None:
    """While it is in doubt nothing but looking helps: for as long as that may be, then a person has to look."""
    error, held = unseen.error, ready.held
    end, told = (State.UNKNOWN, f"in doubt, please look for {ready.reference} in the shop: {error}") if ready.doubted else (State.DEAD, str(error))
    if error.permanent and not isinstance(error, Refused):
        effects.retry(session, held, world.owner, told, most=0, kind="looks", end=end)
    elif unseen.alone and error.retry_after is None:
        effects.retry(session, held, world.owner, told, end=end)
    else:
        _rest(session, world, ready, error)


def _rest(session: Session, world: World, ready: Ready, error: ConnectorError) -> None:
    """Until the shop is well again, behind the others that wait. Who finds the trouble first spends a try; those that find that it lasts, none."""
    until, reason = shop_api.failed(session, world, ready.shop, error)
    behind = until + timedelta(seconds=world.settings.recovery.api_pause)
    if session.get_one(Shop, ready.shop.id).api_failures == 1 and not isinstance(error, Refused):
        effects.retry(session, ready.held, world.owner, str(error), (behind - real_now()).total_seconds())
    else:
        effects.rest(session, ready.held, behind, reason)
