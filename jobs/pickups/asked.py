"""What a carrier is asked for one appointment, and whether that is still wanted."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.carriers.base import Fetches, LabelRequest, Window
from connectors.errors import Unsupported
from jobs import carrier_accounts as accounts
from jobs.labels import label_request
from jobs.world import World
from postventa.models import Effect, Order, ReturnCase
from postventa.returns import appointment
from postventa.returns.appointment import Appointment, Stage
from postventa.returns.slots import Slot
from postventa.shops import ConnectedShop


def driver(world: World, shop: ConnectedShop, name: str) -> Fetches:
    """The carrier, if it sends drivers. Raises `Unsupported`, `ValueError`."""
    carrier = accounts.carrier_of(world, shop, name)
    if not isinstance(carrier, Fetches):
        raise Unsupported("fetch a parcel", name)
    return carrier


def case_of(session: Session, effect: Effect) -> ReturnCase:
    """The return that an effect is about, as it stands now."""
    wanted = select(ReturnCase).where(ReturnCase.order_id == effect.order_id, ReturnCase.ref == effect.subject_ref)
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def mine(case: ReturnCase, effect: Effect) -> Appointment | None:
    """The appointment that an effect is about, if it is the one that counts."""
    it = appointment.of(case)
    return it if it is not None and it.turn == effect.data["turn"] and it.stage is not Stage.OFF else None


def unwanted(row: Order, case: ReturnCase, it: Appointment | None) -> str:
    """Why nobody is to come any more; empty: somebody is."""
    if row.trashed or row.erased_at is not None:
        return "the order is gone"
    if case.state != "approved":
        return f"the return was {case.state}"
    return "" if it is not None else "another day was chosen, or nobody is to come"


def request_of(
    session: Session, world: World, shop: ConnectedShop, row: Order, case: ReturnCase, effect: Effect, it: Appointment | None
) -> LabelRequest:  # fmt: skip
    """The label's request with the appointment's own number, and whom to call."""
    request = label_request(session, world.settings, shop, row, case)
    sender = replace(request.sender, phone=it.phone if it is not None else "", email=row.email)
    return replace(request, reference=f"{case.number}-{effect.data['turn']}", sender=sender)


def window_of(effect: Effect, slot: Slot | None) -> Window:
    """When somebody is to come. Raises `ValueError`."""
    if slot is None:
        raise ValueError(f"effect {effect.id} does not say when somebody is to come")
    return Window(slot.day, slot.begin, slot.end, str(effect.data["zone"]))
