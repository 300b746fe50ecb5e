"""Another telephone number for an appointment that stays as it is: whoever comes learns of it, or somebody of the shop has to tell them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from jobs.pickups import book
from jobs.world import World
from postventa import effects
from postventa.models import Effect, Order, ReturnCase, State
from postventa.returns import appointment
from postventa.returns.appointment import HAND, Appointment, Stage
from postventa.shops import ConnectedShop

TELL = (
    "the customer gave another telephone number for the pickup of {day}, which whoever comes does not have yet: pass it on (it stands at the return)"
)


def dial(
    session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, it: Appointment, phone: str, *, movable: bool
) -> None:  # fmt: skip
    """Keep it. No carrier takes another number into a pickup that it has: that one is ordered anew, for the same hours, and the first is called off.

    `movable`: whether the day can still be had, and she may choose once more; else a person has to pass it on.
    """
    effect = None if it.by == HAND else book.ordering(session, shop, order, case, it.turn)
    if movable and _has_number(it, effect):
        book.begin(session, world, shop, order, case, it.slot, phone)
        return
    appointment.put(case, replace(it, phone=phone))
    if not (movable and it.by == HAND) and not _is_to_be_asked(it, effect):
        book.trouble(session, shop, order, case, TELL.format(day=it.slot.day))


def _is_to_be_asked(it: Appointment, effect: Effect | None) -> bool:
    """Whether the carrier has not heard of it yet: what it is asked then is what stands here."""
    if it.by == HAND or it.stage is not Stage.WANTED:
        return False
    return effect is None or (effect.state == State.PLANNED and effects.doubted(effect) is None)


def _has_number(it: Appointment, effect: Effect | None) -> bool:
    """Whether the carrier has, or may have, an order that can be called off by us."""
    if it.by == HAND or effect is None:
        return False
    if it.stage is Stage.ORDERED:
        return bool(it.ref)
    return effect.state in effects.AT_WORK or (effect.state == State.PLANNED and effects.doubted(effect) is not None)
