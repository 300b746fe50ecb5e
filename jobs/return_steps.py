"""What every step of a return ends with: facts into state, the order's plan, and what is owed by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from jobs import settle_return
from jobs.deeds.returns import take
from jobs.world import World, rules
from postventa import dossier, mirror, state
from postventa.clock import now
from postventa.events import ReturnClosed, ReturnEvent
from postventa.followups.schedule import replan
from postventa.models import Order, ReturnCase
from postventa.shops import ConnectedShop


def tell(session: Session, world: World, shop: ConnectedShop, order: Order, events: Sequence[ReturnEvent]) -> None:
    """Facts into state, if there are any, the order's plan by them and by what else was changed of the return, and what was decided into the shop."""
    session.flush()
    told = state.apply(session, shop, [state.Telling(tuple(events))])[0] if events else [dossier.load_one(session, order, lock=True)]
    replan(session, told, shop, rules(world.settings, shop))
    session.flush()
    for event in events:
        case = mirror.find(told[0].cases, event.return_ref)
        if case is not None:
            take(session, shop, order, case, event)


def settle_if_due(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, actor: str) -> None:
    """Settle it if its moment has come, and close it if that was all."""
    if case.resolution and case.settled_at is None and settle_return.has_come(case):
        settle_return.settle(session, world, shop, order, case, actor=actor)
    close_if_over(session, world, shop, order, case)


def close_if_over(session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase) -> None:
    """Close what nothing more is to happen to."""
    if settle_return.is_over(case):
        tell(session, world, shop, order, [ReturnClosed(order.ref, now(), case.ref)])


def listed(pairs: Mapping[str, int]) -> str:
    """Pieces of lines in words."""
    return ", ".join(f"{quantity} of line {ref}" for ref, quantity in pairs.items())
