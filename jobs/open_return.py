"""A return that the merchant or her staff opens: the same facts as a platform's delivery, from the command line or the API."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jobs.deeds.mirror import plan_mirror
from jobs.deeds.returns import take
from jobs.pickups import book
from jobs.world import rules
from postventa import audit, state
from postventa.clock import now
from postventa.config import Settings
from postventa.events import ReturnApproved, ReturnCancelled, ReturnEvent, ReturnRequested
from postventa.followups.load import pairs
from postventa.followups.schedule import replan
from postventa.models import LabelRow, Order, OrderLine, ReturnCase
from postventa.returns.rules import choose_lines
from postventa.shops import ConnectedShop


def find_order(session: Session, shop: ConnectedShop, order: str, *, lock: bool = True) -> Order:
    """By the platform's id or by the number that the customer knows, with or without `#`. Raises `LookupError`."""
    number = order.removeprefix("#")
    wanted = select(Order).where(Order.shop_id == shop.id, or_(Order.ref == number, Order.number == number, Order.number == f"#{number}"))
    found = session.scalars(wanted.with_for_update() if lock else wanted).all()
    if not found:
        raise LookupError(f"{shop.settings.name} has no order {order}")
    return next((row for row in found if row.ref == number), found[0])


def open_return(
    session: Session,
    settings: Settings,
    shop: ConnectedShop,
    order: Order,
    wanted: Sequence[tuple[str, int]],
    reason: str,
    source: str,
    ref: str = "",
    *,
    actor: str,
) -> ReturnCase:
    """Open and approve a return; its label is made by a job. `actor` is who the audit log says did it.

    `wanted`: (line_ref or SKU, quantity), empty for everything that can still go back. `ref`: the caller's own reference; the same one
    again gives the same case. Raises `ValueError` with what to mend.
    """
    known = session.scalars(select(ReturnCase).where(ReturnCase.order_id == order.id, ReturnCase.ref == ref)).first() if ref else None
    if known is not None:
        return known
    lines = session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all()
    cases = session.scalars(select(ReturnCase).where(ReturnCase.order_id == order.id)).all()
    taken = [pairs(case.accepted) or pairs(case.lines) for case in cases if case.state not in ("declined", "cancelled")]
    chosen = choose_lines(lines, taken, wanted)
    name = ref or f"{source}-{secrets.token_hex(6)}"
    at = now()
    told = (ReturnRequested(order.ref, at, name, chosen, reason), ReturnApproved(order.ref, at, name, chosen, reason))
    case = begin(session, settings, shop, order, told, source)
    lines_back = {"order": order.ref, "lines": [[ref, quantity] for ref, quantity in chosen]}
    audit.record(session, actor, "return.create", shop_id=shop.id, subject=f"return {case.number}", after={"state": case.state, **lines_back})
    return case


def begin(
    session: Session,
    settings: Settings,
    shop: ConnectedShop,
    order: Order,
    told: Sequence[ReturnEvent],
    source: str,
    keep: Callable[[ReturnCase], None] = lambda case: None,
) -> ReturnCase:
    """The one way in which a return of ours begins, whoever opens it: the facts, the plan, and its place among the shop's own returns.

    `source`: which of our ways it came. `keep`: writes down what else is known of it, before anything is planned.
    """
    (dossier,), _ = state.apply(session, shop, [state.Telling(tuple(told), opened_by=source)])
    case = next(case for case in dossier.cases if case.ref == told[0].return_ref)
    keep(case)
    replan(session, [dossier], shop, rules(settings, shop))
    session.flush()
    plan_mirror(session, shop, order, case)
    return case


def void(session: Session, settings: Settings, shop: ConnectedShop, number: str, reason: str, *, actor: str) -> ReturnCase:
    """Call a return off and void its label. Raises `LookupError` for an unknown number, `ValueError` when the goods are back, or it is settled."""
    case = session.scalars(select(ReturnCase).where(ReturnCase.shop_id == shop.id, ReturnCase.number == number)).first()
    if case is None:
        raise LookupError(f"{shop.settings.name} has no return {number}")
    if case.state in ("received", "closed"):
        raise ValueError(f"return {number} is {case.state}: its label was used")
    order = session.scalars(select(Order).where(Order.id == case.order_id).with_for_update()).one()
    session.refresh(case)
    if case.settled_at is not None:
        raise ValueError(f"return {number} is settled: what it came to was given already")
    before = {"state": case.state}
    for label in session.scalars(select(LabelRow).where(LabelRow.return_case_id == case.id, LabelRow.voided_at.is_(None))):
        label.state, label.voided_at, label.void_reason = "voided", now(), reason
    book.call_off(session, shop, order, case, "the return was called off")
    called_off = ReturnCancelled(order.ref, now(), case.ref, (), reason)
    (dossier,), _ = state.apply(session, shop, [state.Telling((called_off,))])
    replan(session, [dossier], shop, rules(settings, shop))
    take(session, shop, order, case, called_off)
    audit.record(session, actor, "return.void", shop_id=shop.id, subject=f"return {number}", before=before, after={"state": case.state})
    return case
