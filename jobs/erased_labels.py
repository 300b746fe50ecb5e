"""The labels of a customer who is erased, which her carrier has with name and street: each goes back, is looked for, or is named to a person.

Called with the orders' locks held, before anything about them is forgotten; the carrier is asked afterwards, by the jobs that do that anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from jobs.labels import BACK, FOR_GOOD, UNUSED
from postventa import alarms, effects
from postventa.clock import now
from postventa.models import Effect, LabelRow, Order, ReturnCase, Shop, State

ALARM = "label-of-the-erased"
ASKED = ("label", "pickup")
"""Kinds of effects after which something with an address lies at a carrier."""
KEPT = "its carrier did not take it back"
DOUBT = "nobody knows whether its carrier made it"


@dataclass(frozen=True)
class Left:
    """`back`: labels that go back to their carrier; `doubts`: effects to be looked for there; `named`: how many a person has to look for."""

    back: int
    doubts: tuple[int, ...]
    named: int


def hand_over(session: Session, shop_id: int, orders: Sequence[Order], why: str) -> Left:
    """See to all of these orders' labels and pickups."""
    known = {order.id: order for order in orders}
    doubts = tuple(effect.id for effect in _asked(session, known, Effect.state == State.PLANNED) if effects.doubted(effect) is not None)
    back = named = 0
    for row, case in _labels(session, known):
        if row.voided_at is None and row.state in UNUSED and case.state not in BACK and case.scanned_at is None:
            row.state, row.voided_at, row.void_reason = "voided", now(), why
            back += row.carrier != "own"
        elif row.state in ("expired", "voided") and row.given_back_at is None and row.give_back_trouble.startswith(FOR_GOOD):
            tell(session, shop_id, known[case.order_id], f"the label {row.reference} of {row.carrier}", KEPT)
            named += 1
    for effect in _asked(session, known, Effect.state == State.UNKNOWN):
        tell(session, shop_id, known[effect.order_id or 0], f"the {effect.kind} of return {effect.subject_ref}", DOUBT)
        named += 1
    session.flush()
    return Left(back, doubts, named)


def tell(session: Session, shop_id: int, order: Order, what: str, why: str) -> None:
    """A person has to look at the carrier: an alarm for each, for a week, which names nobody."""
    shop = session.get_one(Shop, shop_id).name
    told = f"{shop}, order {order.number}: its customer was erased, but {what} may still lie at the carrier with name and address: {why}"
    alarms.raise_alarm(session, ALARM, f"{shop}, {order.number}, {what}"[:200], "warn", told[:500])


def _labels(session: Session, ids: Collection[int]) -> Sequence[tuple[LabelRow, ReturnCase]]:
    wanted = select(LabelRow, ReturnCase).join(ReturnCase, ReturnCase.id == LabelRow.return_case_id).where(ReturnCase.order_id.in_(ids))
    return [(row, case) for row, case in session.execute(wanted.order_by(LabelRow.id).with_for_update(of=LabelRow))]


def _asked(session: Session, ids: Collection[int], state: ColumnElement[bool]) -> Sequence[Effect]:
    wanted = select(Effect).where(Effect.order_id.in_(ids), Effect.kind.in_(ASKED), state)
    return session.scalars(wanted.order_by(Effect.id).execution_options(populate_existing=True)).all()
