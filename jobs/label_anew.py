"""The label of a return that its customer changed: it stays if it still fits the parcel, else it is voided, and another one is made.

A carrier cares where a parcel goes and what it weighs, by the steps of its price list; what is in it may change. Between a label and a code for the
telephone it cares only where it gives codes: elsewhere both are the same label, which is shown in another way. Each further label has an effect and a
reference of its own, so that the first one, wherever it is printed already, cannot be taken for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
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


LABEL, CODE, NOTHING = "label", "code", ""
"""What a carrier is asked for."""


@dataclass(frozen=True)
class Freight:
    """The parcel, as far as a label depends on it; `step` -1: nobody knows the weight."""

    destination: tuple[tuple[str, str], ...]
    step: int


def freight(lines: Sequence[OrderLine], pieces: Sequence[Pair], destination: Mapping[str, str]) -> Freight:
    """Pure."""
    grams = weight_of(lines, pieces)
    return Freight(tuple(sorted(destination.items())), bisect_left(STEPS, grams) if grams else -1)


def is_needed(method: str) -> bool:
    """Whether that way of sending it needs anything of a carrier. Pure."""
    return not method or (method in list(Method) and Method(method).needs_label)


def kind_of(shop: ConnectedShop, method: str) -> str:
    """What that way of sending it needs of the shop's carrier. Pure."""
    if not is_needed(method):
        return NOTHING
    return CODE if method == Method.QR and shop.settings.gives_qr else LABEL


def serves(session: Session, shop: ConnectedShop, case: ReturnCase) -> frozenset[str]:
    """The kinds for which the label that there is will do, or the one that is to be made.

    A carrier that was asked for a code and gave a label would give one again: that one does for both.
    """
    row = session.scalars(holding(case).order_by(LabelRow.id.desc()).limit(1)).first()
    if row is None:
        return frozenset({kind_of(shop, case.method)})
    if row.qr is not None:
        return frozenset({CODE})
    asked = str(session.get_one(Effect, row.effect_id).data.get("kind", kind_of(shop, case.method)))
    return frozenset({LABEL, asked} if asked == CODE else {LABEL})


def under_way(session: Session, case: ReturnCase) -> bool:
    """Whether a carrier is being asked, or may have made one that we do not know of yet."""
    begun = Effect.state.in_((State.CLAIMED, State.SENDING, State.UNKNOWN)) | ((Effect.state == State.PLANNED) & (Effect.attempts > 0))
    return session.scalar(select(Effect.id).where(*of(case), begun).limit(1)) is not None


def living(session: Session, case: ReturnCase) -> bool:
    """Whether there is one that holds."""
    return session.scalars(holding(case).limit(1)).first() is not None


def void(session: Session, case: ReturnCase) -> None:
    """The labels that there are hold no longer, and what waits to be made or mailed is called off. Its carrier takes it back in its own time."""
    for row in session.scalars(holding(case)):
        row.state, row.voided_at, row.void_reason = "voided", now(), WHY
    waiting = (Effect.order_id == case.order_id, Effect.followup == NAME, Effect.subject_ref == case.ref, Effect.state == State.PLANNED)
    for effect in session.scalars(select(Effect).where(*waiting, Effect.attempts == 0)):
        effect.state, effect.reason, effect.done_at = State.CANCELLED, WHY, now()


def make(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase) -> Effect | None:
    """Have another one made, if the return needs one and none is there or on its way. The first is the plan's."""
    known = session.scalars(select(Effect).where(*of(case))).all()
    waits = any(effect.state in effects.OPEN for effect in known)
    if case.state != "approved" or not is_needed(case.method) or waits or not known or living(session, case):
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


def holding(case: ReturnCase) -> Select[LabelRow]:
    """Its labels that were not voided."""
    return select(LabelRow).where(LabelRow.return_case_id == case.id, LabelRow.voided_at.is_(None))


def of(case: ReturnCase) -> tuple[ColumnElement[bool], ...]:
    """The effects of all labels that a return ever was to have."""
    return Effect.order_id == case.order_id, Effect.followup == NAME, Effect.kind == "label", Effect.subject_ref == case.ref
