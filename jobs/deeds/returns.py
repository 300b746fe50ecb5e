"""What is decided here about a return that the shop keeps too (Shopify), and the label that we made for it: its own returns, and images of ours."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops.writes import DecideReturn, ReturnLabel
from connectors.tracking import describe
from jobs.deeds.base import Deed, able, plan, told
from jobs.deeds.mirror import case_of, under_way
from jobs.world import current
from postventa import audit, links
from postventa.clock import now
from postventa.mirror import known_as
from postventa.models import Effect, LabelRow, Order, ReturnCase, State
from postventa.shops import ConnectedShop

STEPS = ("approve", "decline", "close", "cancel")
LINK_LIVES = timedelta(days=14)
"""Shopify fetches a label within moments and keeps a copy; a shop that rests meanwhile gets a link of its day."""


def plan_step(
    session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, step: str, *, note: str = "", actor: str
) -> Effect | None:  # fmt: skip
    """Take the next step of a return in the shop; its webhook tells us that it was taken. `note`: why not, for the customer.

    None if that was planned before, or the shop neither knows this return nor will. Raises `ValueError`.
    """
    if step not in STEPS:
        raise ValueError(f'"{step}" is none of {", ".join(STEPS)}')
    if not _kept_there(session, case) or not able(session, shop, DecideReturn):
        return None
    effect = plan(session, shop, STEP.name, f"{case.ref}:{step}", order, {"return": case.ref, "step": step, "note": note}, subject_ref=case.ref)
    if effect is not None:
        audit.record(session, actor, f"return.{step}", shop_id=shop.id, subject=f"return {case.number}", reason=note, after={"effect": effect.id})
    return effect


def plan_label(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, label: LabelRow) -> Effect | None:
    """Show the shop's people the label that we made. None if that was planned before, or the shop neither knows this return nor will."""
    if not _kept_there(session, case) or not able(session, shop, ReturnLabel):
        return None
    page = describe(label.carrier, label.tracking_number)[1] if label.tracking_number else ""
    wanted = {"return": case.ref, "label": label.reference, "number": label.tracking_number or label.reference, "page": page}
    return plan(session, shop, LABEL.name, f"{case.ref}:{label.reference}", order, wanted, subject_ref=case.ref)


def _kept_there(session: Session, case: ReturnCase) -> bool:
    return bool(known_as(case)) or under_way(session, case)


def _name(session: Session, effect: Effect) -> str:
    case = case_of(session, effect)
    return known_as(case) if case is not None else ""


def _step(session: Session, effect: Effect, order: Order | None) -> DecideReturn:
    known = told(effect)
    return DecideReturn(_name(session, effect), str(known["step"]), str(known["note"]))


def _label(session: Session, effect: Effect, order: Order | None) -> ReturnLabel:
    known = told(effect)
    return ReturnLabel(_name(session, effect), _link(session, effect), str(known["number"]), str(known["page"]))


def _link(session: Session, effect: Effect) -> str:
    """Where the shop can fetch the file, if it can reach us. It is a key, so it is made when it is needed and kept nowhere."""
    world, label = current(), _row(session, effect)
    if label is None or label.pdf is None or not world.settings.in_production:
        return ""
    token = links.issue(
        session, secret=world.secret, shop_id=effect.shop_id, purpose="label", subject=f"{label.id}:{now():%Y-%m-%d}", order_id=effect.order_id,
        effect_id=effect.id, data={"label": label.id}, now=now(), expires_at=now() + LINK_LIVES,
    )  # fmt: skip
    return f"{world.settings.public_url}/label/{token}.pdf"


def _row(session: Session, effect: Effect) -> LabelRow | None:
    named = (LabelRow.shop_id == effect.shop_id, LabelRow.reference == str(told(effect)["label"]))
    return session.scalars(select(LabelRow).where(*named)).first()


def _unknown(session: Session, effect: Effect, order: Order | None) -> str:
    case = case_of(session, effect)
    if case is None or not _kept_there(session, case):
        return "the shop does not know this return"
    return "the shop threw the order away" if order is not None and order.trashed else ""


def _useless(session: Session, effect: Effect, order: Order | None) -> str:
    label = _row(session, effect)
    return "the label was voided" if label is None or label.voided_at is not None else _unknown(session, effect, order)


def _waits(session: Session, effect: Effect, order: Order | None) -> str:
    """One after the other, in the order in which they were decided; the return itself before all of them."""
    case = case_of(session, effect)
    if case is not None and not known_as(case):
        return "waits: the shop does not have this return yet"
    before = (Effect.order_id == effect.order_id, Effect.followup == STEP.name, Effect.subject_ref == effect.subject_ref, Effect.id < effect.id)
    open_ones = select(Effect.id).where(*before, Effect.state.in_((State.PLANNED, State.CLAIMED, State.SENDING)))
    return "waits: an earlier step of this return is not in the shop yet" if session.scalar(open_ones.limit(1)) is not None else ""


STEP = Deed("write_return_step", _step, _unknown, waits=_waits)
LABEL = Deed("write_return_label", _label, _useless, waits=_waits)
