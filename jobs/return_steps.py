"""What every step of a return ends with: facts into state, the order's plan, and what is owed by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import settle_return
from jobs.deeds.returns import take
from jobs.world import World, rules
from postventa import dossier, mirror, state
from postventa.clock import now
from postventa.config import Settings
from postventa.events import ReturnChanged, ReturnClosed, ReturnEvent
from postventa.followups.schedule import replan
from postventa.models import Order, ReturnCase, Withdrawal
from postventa.models.types import word
from postventa.shops import ConnectedShop


class House(Protocol):
    """What is needed of a worker's world, or of the web's services."""

    @property
    def settings(self) -> Settings: ...


def tell(session: Session, world: House, shop: ConnectedShop, order: Order, events: Sequence[ReturnEvent]) -> None:
    """Facts into state, if there are any, the order's plan by them and by what else was changed of the return, and what was decided into the shop."""
    session.flush()
    told = state.apply(session, shop, [state.Telling(tuple(events))])[0] if events else [dossier.load_one(session, order, lock=True)]
    replan(session, told, shop, rules(world.settings, shop))
    session.flush()
    for event in sorted(events, key=lambda one: isinstance(one, ReturnChanged)):  # what is agreed to now can be cut down afterwards
        case = mirror.find(told[0].cases, event.return_ref)
        if case is not None:
            take(session, shop, order, case, event)


def settle_if_due(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, actor: str) -> None:
    """Settle it if its moment has come, and close it if that was all."""
    if case.resolution and case.settled_at is None and settle_return.has_come(case):
        settle_return.settle(session, world, shop, order, case, actor=actor)
    close_if_over(session, world, shop, order, case)


def close_if_over(session: Session, world: House, shop: ConnectedShop, order: Order, case: ReturnCase) -> None:
    """Close what nothing more is to happen to."""
    if settle_return.is_over(case) or _is_withdrawn(session, case):
        tell(session, world, shop, order, [ReturnClosed(order.ref, now(), case.ref)])


def _is_withdrawn(session: Session, case: ReturnCase) -> bool:
    """Whether it came of a statement of withdrawal, and both are back: the goods here, and the money with her."""
    if case.resolution or case.received_at is None or case.state != "received":
        return False
    paid = (Withdrawal.order_id == case.order_id, Withdrawal.return_case_id == case.id, Withdrawal.state == word("refunded"))
    return session.scalar(select(Withdrawal.id).where(*paid).limit(1)) is not None


def listed(pairs: Mapping[str, int]) -> str:
    """Pieces of lines in words."""
    return ", ".join(f"{quantity} of line {ref}" for ref, quantity in pairs.items())
