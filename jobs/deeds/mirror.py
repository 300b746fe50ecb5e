"""A return that was opened with us, in the returns that the shop keeps itself (Shopify): its people see it where they see all others."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.shops.writes import Done, OpenReturn
from jobs.deeds.base import Deed, able, pairs, plan
from jobs.world import current
from postventa import mirror, shops, state
from postventa.clock import now, real_now
from postventa.dossier import load_one
from postventa.events import ReturnMirrored
from postventa.followups.schedule import replan
from postventa.models import Effect, Order, ReturnCase, State
from postventa.shops import ConnectedShop

NAME = mirror.NAME


def plan_mirror(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase) -> Effect | None:
    """None where the shop keeps no returns, may not be written to, or knows this one; or if that was planned before."""
    if mirror.known_as(case) or not able(session, shop, OpenReturn):
        return None
    return plan(session, shop, NAME, case.ref, order, {"return": case.ref}, subject_ref=case.ref)


def case_of(session: Session, effect: Effect) -> ReturnCase | None:
    """The return that a write is about; it may have turned out to be the image of another one."""
    return session.scalars(select(ReturnCase).where(ReturnCase.order_id == effect.order_id, ReturnCase.ref == effect.subject_ref)).first()


def under_way(session: Session, case: ReturnCase) -> bool:
    """Whether the shop may have it, or will, and did not say by which name."""
    of_case = (Effect.order_id == case.order_id, Effect.followup == NAME, Effect.subject_ref == case.ref)
    return session.scalar(select(Effect.id).where(*of_case, Effect.state.in_(mirror.UNDER_WAY)).limit(1)) is not None


def _wanted(session: Session, effect: Effect, order: Order | None) -> OpenReturn:
    """As it stands when it goes over: what was agreed meanwhile needs nobody's yes in the shop any more."""
    case = case_of(session, effect)
    if case is None or order is None:
        return OpenReturn("", "", ())
    return OpenReturn(order.ref, case.number, pairs(case.accepted) or pairs(case.lines), case.reason, asked=case.approved_at is None)


def _unwanted(session: Session, effect: Effect, order: Order | None) -> str:
    case = case_of(session, effect)
    if case is None or order is None:
        return "there is no such return any more"
    if case.state in ("declined", "cancelled"):
        return f"the return was {case.state}"
    return "the shop threw the order away" if order.trashed else ""


def _after(session: Session, effect: Effect, done: Done) -> None:
    """From now on what the shop tells of it finds our case; and what waited for that is written next."""
    order, shop = session.get_one(Order, effect.order_id), _shop(session, effect)
    told = ReturnMirrored(order.ref, now(), effect.subject_ref, shop_ref=done.ref)
    session.flush()
    (dossier,), _ = state.apply(session, shop, [state.Telling((told,))])
    replan(session, [dossier], shop, current().rules(shop))
    waiting = (Effect.order_id == order.id, Effect.kind == "write", Effect.subject_ref == effect.subject_ref, Effect.state == State.PLANNED)
    session.execute(update(Effect).where(*waiting, Effect.attempts == 0).values(not_before=real_now()))


def _lost(session: Session, effect: Effect) -> None:
    """It is not there: what the shop told meanwhile of a return that might have been its image is about another one."""
    order, shop = session.get_one(Order, effect.order_id), _shop(session, effect)
    session.flush()
    replan(session, [load_one(session, order, lock=True)], shop, current().rules(shop))


def _shop(session: Session, effect: Effect) -> ConnectedShop:
    return shops.find(session, effect.shop_id, current().settings, current().secret)


DEED = Deed(NAME, _wanted, _unwanted, after=_after, lost=_lost)
