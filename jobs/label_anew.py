"""The label of a return that its customer changed: it stays if it still fits the parcel, else it is voided, and another one is made.

A carrier cares where a parcel goes and what it weighs, by the steps of its price list; what is in it may change. Each further label has an effect
and a reference of its own, so that the first one, wherever it is printed already, cannot be taken for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from postventa import effects
from postventa.clock import now
from postventa.followups.base import Basis
from postventa.followups.schedule import effect_key
from postventa.models import Effect, LabelRow, Order, OrderLine, ReturnCase, State
from postventa.returns.rules import Pair, weight_of
from postventa.returns.wish import Method
from postventa.shops import ConnectedShop

NAME = "return_label"
STEPS = (1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000)
"""Grams up to which carriers of Europe ask the same price."""
WHY = "the customer changed the return"


@dataclass(frozen=True)
class Freight:
    """What a label depends on; `step` -1: nobody knows the weight."""

    kind: str
    """A label, the carrier's code, or nothing."""
    destination: tuple[tuple[str, str], ...]
    step: int


def freight(lines: Sequence[OrderLine], pieces: Sequence[Pair], method: str, destination: Mapping[str, str]) -> Freight:
    """Pure."""
    grams = weight_of(lines, pieces)
    labelled = method == "" or (method in list(Method) and Method(method).needs_label)
    kind = ("code" if method == Method.QR else "label") if labelled else ""
    return Freight(kind, tuple(sorted(destination.items())), bisect_left(STEPS, grams) if grams else -1)


def under_way(session: Session, case: ReturnCase) -> bool:
    """Whether a carrier is being asked, or may have made one that we do not know of yet."""
    begun = Effect.state.in_((State.CLAIMED, State.SENDING, State.UNKNOWN)) | ((Effect.state == State.PLANNED) & (Effect.attempts > 0))
    return session.scalar(select(Effect.id).where(*of(case), begun).limit(1)) is not None


def living(session: Session, case: ReturnCase) -> bool:
    """Whether there is one that holds."""
    return session.scalar(select(LabelRow.id).where(LabelRow.return_case_id == case.id, LabelRow.voided_at.is_(None)).limit(1)) is not None


def void(session: Session, case: ReturnCase) -> None:
    """The labels that there are hold no longer, and what waits to be made or mailed is called off. Its carrier takes it back in its own time."""
    for row in session.scalars(select(LabelRow).where(LabelRow.return_case_id == case.id, LabelRow.voided_at.is_(None))):
        row.state, row.voided_at, row.void_reason = "voided", now(), WHY
    waiting = (Effect.order_id == case.order_id, Effect.followup == NAME, Effect.subject_ref == case.ref, Effect.state == State.PLANNED)
    for effect in session.scalars(select(Effect).where(*waiting, Effect.attempts == 0)):
        effect.state, effect.reason, effect.done_at = State.CANCELLED, WHY, now()


def make(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase) -> Effect | None:
    """Have another one made, if the return needs one and none is there or on its way. The first is the plan's."""
    known = session.scalars(select(Effect).where(*of(case))).all()
    wanted = bool(freight((), (), case.method, {}).kind)
    waits = any(effect.state in effects.OPEN for effect in known)
    if case.state != "approved" or not wanted or waits or not known or living(session, case):
        return None
    again = len(known)
    return effects.plan(
        session,
        key=effect_key(shop, order, NAME, f"{case.ref}:{again}", "label"),
        shop_id=order.shop_id,
        order_id=order.id,
        kind="label",
        followup=NAME,
        recipient=order.email,
        legal_basis=Basis.TRANSACTIONAL,
        at=now(),
        due_at=now(),
        subject_ref=case.ref,
        data={"again": again},
    )


def of(case: ReturnCase) -> tuple[ColumnElement[bool], ...]:
    """The effects of all labels that a return ever was to have."""
    return Effect.order_id == case.order_id, Effect.followup == NAME, Effect.kind == "label", Effect.subject_ref == case.ref
