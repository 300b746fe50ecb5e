"""What is decided here about a return that the shop keeps too (Shopify), and the label that we made for it: its own returns, and images of ours."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from connectors.shops.writes import DecideReturn, ReturnLabel
from connectors.tracking import describe
from jobs.deeds import owed
from jobs.deeds.base import Deed, able, pairs, plan, told
from jobs.deeds.mirror import case_of, plan_mirror, under_way
from jobs.world import current
from postventa import links
from postventa.clock import now, real_now
from postventa.events import ReturnApproved, ReturnCancelled, ReturnChanged, ReturnClosed, ReturnDeclined, ReturnEvent
from postventa.mirror import UNDER_WAY, known_as
from postventa.models import Effect, LabelRow, Order, ReturnCase, State
from postventa.shops import ConnectedShop

STEPS: dict[type[ReturnEvent], str] = {
    ReturnApproved: "approve", ReturnChanged: "cut", ReturnDeclined: "decline", ReturnClosed: "close", ReturnCancelled: "cancel",
}  # fmt: skip
"""What is decided here -> the step that the shop's own return takes by it."""
CLOSE = "close"
LINK_LIVES = timedelta(days=14)
"""Shopify fetches a label within moments and keeps a copy; a shop that rests meanwhile gets a link of its day."""


def take(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, decided: ReturnEvent) -> Effect | None:
    """What was decided here about a return, as the next step of the one that the shop keeps; its webhook tells us that it was taken.

    None if no step follows from it, it was planned before, or the shop neither knows this return nor will. Who decided it, the audit log knows.
    """
    step = STEPS.get(type(decided))
    if step is None or not able(session, shop, DecideReturn):
        return None
    if isinstance(decided, ReturnApproved):
        plan_mirror(session, shop, order, case)  # one that was asked for before the shop gave us the right
    if not _kept_there(session, case) or (step == "cut" and not _has_less(case)):
        return None
    wanted = {"return": case.ref, "step": step, "note": decided.reason}
    which = f"{step}:{len(case.changes)}" if step == "cut" else step  # the one step that can follow several times
    return plan(session, shop, STEP.name, f"{case.ref}:{which}", order, wanted, subject_ref=case.ref)


def _has_less(case: ReturnCase) -> bool:
    """Whether its last change left goods out of it that the shop has in it: what nobody agreed to yet is cut down when it is."""
    last = case.changes[-1] if case.changes else {"before": {}, "after": {}}
    return case.approved_at is not None and last["before"].get("lines") != last["after"].get("lines")


def wake(session: Session, effect: Effect) -> None:
    """The money went back, or will not: returns of that order that waited for it are closed now."""
    if effect.followup in owed.OWED:
        waiting = (Effect.order_id == effect.order_id, Effect.followup == STEP.name, Effect.state == State.PLANNED, Effect.attempts == 0)
        session.execute(update(Effect).where(*waiting).values(not_before=real_now()))


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
    case = case_of(session, effect)
    stays = (pairs(case.accepted) or (pairs(case.lines) if case.changes else ())) if case is not None else ()
    agreed = stays if known["step"] in ("approve", "cut") else ()
    return DecideReturn(_name(session, effect), str(known["step"]), str(known["note"]), agreed)


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
    """One after the other, in the order in which they were decided; the return itself before all of them, and the money before it is closed."""
    case = case_of(session, effect)
    if case is not None and not known_as(case):
        return "waits: the shop does not have this return yet"
    before = (Effect.order_id == effect.order_id, Effect.followup == STEP.name, Effect.subject_ref == effect.subject_ref, Effect.id < effect.id)
    open_ones = select(Effect.id).where(*before, Effect.state.in_((State.PLANNED, State.CLAIMED, State.SENDING)))
    if session.scalar(open_ones.limit(1)) is not None:
        return "waits: an earlier step of this return is not in the shop yet"
    is_last = case is not None and effect.followup == STEP.name and told(effect)["step"] == CLOSE
    return "waits: what this return came to is not in the shop yet" if case is not None and is_last and _owing(session, case) else ""


def _owing(session: Session, case: ReturnCase) -> bool:
    """Whether money, credit or goods of it are on their way, or nobody knows what became of them."""
    mine = or_(Effect.subject_ref == case.number, Effect.subject_ref.startswith(f"{case.number}:", autoescape=True))
    under_way_now = (Effect.order_id == case.order_id, Effect.followup.in_(owed.OWED), Effect.state.in_(UNDER_WAY))
    return session.scalar(select(Effect.id).where(mine, *under_way_now).limit(1)) is not None


STEP = Deed("write_return_step", _step, _unknown, waits=_waits)
LABEL = Deed("write_return_label", _label, _useless, waits=_waits)
