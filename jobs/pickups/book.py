"""What happens to an appointment: chosen, ordered, called off, gone wrong. Whoever calls holds the order's lock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.pickups import mails
from jobs.world import World
from postventa import alarms, effects
from postventa.clock import now
from postventa.followups.base import Basis
from postventa.models import Effect, Order, ReturnCase, State
from postventa.returns import appointment, fetching
from postventa.returns.appointment import HAND, Appointment, Stage
from postventa.returns.slots import Slot
from postventa.shops import ConnectedShop

ORDER, CHECK, CALL_OFF = "pickup_order", "pickup_check", "pickup_call_off"
"""Follow-ups of its effects."""
KIND = "pickup"
ALARM = "pickup-trouble"
SAYS_SOON = timedelta(minutes=5)
"""A carrier says within minutes whether it comes."""
LATE = "that day could not be ordered any more when the return was agreed to"


class Known(Protocol):
    """A shop by its number and its name in keys: `ConnectedShop` is one, and its row."""

    @property
    def id(self) -> int: ...
    @property
    def key(self) -> str: ...


def open_with(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, slot: Slot, phone: str) -> None:
    """A return is asked for together with a day and hours: they are ordered as soon as it is agreed to."""
    appointment.put(case, appointment.first(slot, fetching.zone(shop.settings, order), phone, shop.settings.fetched_by or HAND))
    agree(session, world, shop, order, case)


def begin(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, slot: Slot, phone: str) -> None:
    """Somebody chose another day and hours: they take the place of those before."""
    before = appointment.of(case)
    if before is not None:
        _give_up(session, shop, order, case, before)
    zone = fetching.zone(shop.settings, order)
    appointment.put(case, appointment.following(before, slot, zone, phone, shop.settings.fetched_by or HAND))
    agree(session, world, shop, order, case)


def agree(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase) -> None:
    """Have somebody come, if the return is agreed to and somebody is wanted. Harmless when that was done."""
    it = appointment.of(case)
    if it is None or it.stage is not Stage.WANTED or case.state != "approved" or ordering(session, shop, order, case, it.turn) is not None:
        return
    if not fetching.movable(shop.settings, order, it.slot, now()):
        lose(session, world, shop, order, case, it, Stage.REFUSED, LATE)
    elif it.by == HAND:
        come(session, world, shop, order, case, it, "")
    else:
        plan(session, shop, order, case, ORDER, it.turn, carrier=it.by, slot=it.slot.code, zone=it.zone)


def come(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, it: Appointment, ref: str) -> None:
    """Somebody comes. The customer reads of the first appointment in the mail about her return, and of each one after that in a mail of its own."""
    appointment.put(case, it.at(Stage.ORDERED, ref=ref))
    if it.turn > appointment.OPENING:
        mails.tell(session, world, shop, order, case, mails.AGREED, it.turn)


def lose(
    session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, it: Appointment, stage: Stage, why: str
) -> Effect | None:  # fmt: skip
    """Nobody comes, or came in vain: the customer is asked for another day. What the carrier refused is a person's to look at, too."""
    appointment.put(case, it.at(stage, why=why))
    if stage is Stage.REFUSED:
        trouble(session, shop, order, case, f"the pickup of {it.slot.day} cannot be had, and the customer is asked for another day: {why}")
    return mails.tell(session, world, shop, order, case, mails.AGAIN, it.turn)


def call_off(session: Session, shop: Known, order: Order, case: ReturnCase, why: str) -> bool:
    """Nobody is to come any more. False: nobody was to."""
    it = appointment.of(case)
    if it is None or it.stage in (Stage.OFF, Stage.FETCHED):
        return False
    _give_up(session, shop, order, case, it)
    appointment.put(case, it.at(Stage.OFF, why=why))
    return True


def fetched(case: ReturnCase) -> None:
    """It was: whoever came has it."""
    it = appointment.of(case)
    if it is not None and it.stage is not Stage.FETCHED:
        appointment.put(case, it.at(Stage.FETCHED))


def gone(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, at: datetime) -> None:
    """The parcel has been on its way since then: whoever was to come on that day or before has it, and whoever comes on a later one comes in vain."""
    it = appointment.of(case)
    if it is None or at.astimezone(ZoneInfo(it.zone)).date() >= it.slot.day:
        fetched(case)
    else:
        call_off(session, shop, order, case, "the parcel came back in another way")


def plan(
    session: Session, shop: Known, order: Order, case: ReturnCase, name: str, turn: int, after: timedelta = timedelta(0), **told: str
) -> None:  # fmt: skip
    """One question to the carrier; once for each appointment."""
    effects.plan(
        session,
        key=key_of(shop, order, case, name, turn),
        shop_id=shop.id,
        order_id=order.id,
        kind=KIND,
        followup=name,
        recipient="",
        legal_basis=Basis.OPERATIONAL,
        at=now(),
        due_at=now() + after,
        subject_ref=case.ref,
        data={"turn": turn, **told},
    )


def key_of(shop: Known, order: Order, case: ReturnCase, name: str, turn: int) -> str:
    """The effect's key."""
    return f"{shop.key}:{order.ref}:{name}:{case.ref}#{turn}"


def ordering(session: Session, shop: Known, order: Order, case: ReturnCase, turn: int) -> Effect | None:
    """The effect that orders an appointment, locked; None: there is none."""
    wanted = select(Effect).where(Effect.key == key_of(shop, order, case, ORDER, turn)).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).first()


def has_begun(it: Appointment, at: datetime) -> bool:
    """Whether its hours have begun: nobody is called any more, and nobody is called off."""
    return at >= it.slot.starts(it.zone)


def trouble(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, what: str) -> None:
    """A person has to look: an alarm for each return, for a week."""
    alarms.raise_alarm(session, ALARM, f"{shop.settings.name}, {case.number}", "warn", f"{shop.settings.name}, order {order.number}: {what}"[:500])


def _give_up(session: Session, shop: Known, order: Order, case: ReturnCase, it: Appointment) -> None:
    """What was not ordered yet never is; what was is called off. What is being ordered is called off by whoever hears the answer."""
    if not it.live or it.by == HAND:
        return
    effect = ordering(session, shop, order, case, it.turn)
    if effect is not None and effect.state == State.PLANNED and not effects.doubted(effect):
        effect.fence += 1
        effect.state, effect.reason, effect.done_at = State.CANCELLED, "nobody is to come any more", now()
    elif it.stage is Stage.ORDERED and it.ref and not has_begun(it, now()):
        plan(session, shop, order, case, CALL_OFF, it.turn, carrier=it.by, ref=it.ref)
