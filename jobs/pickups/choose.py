"""A customer or somebody of the shop chooses when a return's parcel is fetched, another day, or that nobody comes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from jobs.customer_return import OPEN, Refused, TooLate, by_number
from jobs.pickups import book, dial
from jobs.world import World
from postventa import audit
from postventa.clock import now
from postventa.models import Order, ReturnCase, State
from postventa.returns import appointment, fetching
from postventa.returns.appointment import LIVE, Appointment, Stage
from postventa.returns.problems import Problem
from postventa.returns.slots import slot_of
from postventa.returns.wish import Method
from postventa.shops import ConnectedShop

MOST = 12
"""Appointments that one return may have before a person has to be asked: each of them sends for a driver and writes a mail."""


class NoPhone(ValueError):
    """Whoever comes needs a telephone number."""


def choose(session: Session, world: World, shop: ConnectedShop, number: str, code: str, *, phone: str = "", actor: str = "customer") -> ReturnCase:
    """These hours, in place of those before. Choosing the same again changes nothing but whom to call, however often and at once.

    `phone`: as `phones.international` gives it; empty: the one that is known.
    Raises `LookupError`, `TooLate`, `NoPhone`, and `Refused` for hours that cannot be had.
    """
    order, case = by_number(session, shop, number)
    before, slot = appointment.of(case), slot_of(code)
    if before is not None and before.live and before.slot == slot and not before.is_over(now()):
        redial(session, world, shop, order, case, phone, actor=actor)
        return case
    why_not(shop, order, case)
    if before is not None and actor == "customer" and is_used_up(before):
        raise TooLate(f"return {number} had {before.turn} appointments: the shop has to be asked")
    if slot is None or slot not in fetching.offers(shop.settings, order, now()):
        raise Refused([Problem("slot")])
    dialled = phone or (before.phone if before is not None else "") or fetching.known_phone(order)
    if not dialled:
        raise NoPhone(f"return {number}: whoever comes needs a telephone number")
    was = {"slot": before.slot.code, "stage": before.stage.value} if before is not None else {}
    book.begin(session, world, shop, order, case, slot, dialled)
    audit.record(session, actor, "return.pickup", shop_id=shop.id, subject=f"return {number}", before=was, after={"slot": slot.code})
    return case


def redial(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, phone: str, *, actor: str = "customer") -> None:
    """Whom to call about the appointment that there is. Nothing happens where that is whom we know already, or nobody is to come.

    Raises `TooLate` once the parcel is on its way.
    """
    it = appointment.of(case)
    if it is None or not it.live or it.is_over(now()) or phone in ("", it.phone):
        return
    if is_gone(case):
        raise TooLate(f"return {case.number} is {case.state} or on its way: nobody is called about it")
    movable = not is_fixed(shop, order, it) and not (actor == "customer" and is_used_up(it))
    dial.dial(session, world, shop, order, case, it, phone, movable=movable)
    audit.record(session, actor, "return.pickup_phone", shop_id=shop.id, subject=f"return {case.number}", after={"slot": it.slot.code})


def call_off(session: Session, shop: ConnectedShop, number: str, *, actor: str = "customer", reason: str = "") -> ReturnCase:
    """Nobody is to come; the return itself stands. Harmless when nobody was to. Raises `LookupError`, and `TooLate` when the driver has his list."""
    order, case = by_number(session, shop, number)
    it = appointment.of(case)
    if it is None or it.stage is Stage.OFF:
        return case
    why_not(shop, order, case)
    book.call_off(session, shop, order, case, reason or "the customer called it off")
    audit.record(session, actor, "return.pickup_off", shop_id=shop.id, subject=f"return {number}", reason=reason, before={"slot": it.slot.code})
    return case


def done_by_hand(session: Session, world: World, shop: ConnectedShop, number: str, *, actor: str, reason: str) -> ReturnCase:
    """A person has ordered the pickup at the carrier, or found there that it is ordered. Raises `LookupError`, `ValueError`."""
    order, case = by_number(session, shop, number)
    it = appointment.of(case)
    if it is None or it.stage not in (Stage.WANTED, Stage.REFUSED):
        raise ValueError(f"return {number}: there is no pickup to settle")
    effect = book.ordering(session, shop, order, case, it.turn)
    if effect is not None and effect.state in (State.CLAIMED, State.SENDING):
        raise ValueError(f"return {number}: the carrier is being asked just now")
    if effect is not None and effect.state != State.DONE:
        effect.fence += 1
        effect.state, effect.reason, effect.done_at, effect.lease_until = State.DONE, "ordered by hand", now(), None
    book.come(session, world, shop, order, case, it, "")
    audit.record(session, actor, "return.pickup_done", shop_id=shop.id, subject=f"return {number}", reason=reason, after={"slot": it.slot.code})
    return case


def taken_by_hand(session: Session, shop: ConnectedShop, number: str, *, actor: str) -> ReturnCase:
    """Whoever came for it has it, says a person: it is on no list any more. What it comes to waits for its own moment.

    Raises `LookupError`, `ValueError`.
    """
    _, case = by_number(session, shop, number)
    it = appointment.of(case)
    if it is None or it.stage is not Stage.ORDERED:
        raise ValueError(f"return {number}: nobody was to come for it")
    book.fetched(case)
    audit.record(session, actor, "return.pickup_taken", shop_id=shop.id, subject=f"return {number}", before={"slot": it.slot.code})
    return case


def why_not(shop: ConnectedShop, order: Order, case: ReturnCase) -> None:
    """Raises `TooLate` for what cannot be chosen or called off (any more) from here."""
    it = appointment.of(case)
    if is_gone(case):
        raise TooLate(f"return {case.number} is {case.state} or on its way: nobody has to come for it")
    if it is not None and is_fixed(shop, order, it):
        raise TooLate(f"return {case.number}: whoever comes has it on his list already")


def is_gone(case: ReturnCase) -> bool:
    """Whether nobody has to come for it (any more)."""
    return case.method != Method.PICKUP or case.state not in OPEN or case.scanned_at is not None or bool(case.arrivals)


def is_used_up(it: Appointment) -> bool:
    """Whether a customer has chosen often enough by herself."""
    return it.turn >= MOST


def is_fixed(shop: ConnectedShop, order: Order, it: Appointment) -> bool:
    """Whether it is too late to move it and too early to say that nobody came."""
    return it.stage in LIVE and not it.is_over(now()) and not fetching.movable(shop.settings, order, it.slot, now())
