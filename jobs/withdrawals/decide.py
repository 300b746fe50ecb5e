"""What staff decide about a statement, each in the audit log: which order it is, that the money is back, that it is not owed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops.writes import Refund
from jobs.deeds.base import NoKeys, is_planned
from jobs.deeds.refund import NAME, plan_refund
from jobs.open_return import find_order
from jobs.return_steps import close_if_over
from jobs.withdrawals import match, receipt
from jobs.withdrawals.match import House
from jobs.withdrawals.standing import standing
from postventa import audit
from postventa.clock import now
from postventa.models import Effect, Order, ReturnCase, Shop, Withdrawal
from postventa.returns import material
from postventa.shops import connected, still_known
from postventa.withdrawal.words import REFUSALS

NOTE = 1000
"""Most characters of a note."""


class Elsewhere(ValueError):
    """Some of it is in another return, or was refunded: paying it here, too, would pay it twice."""


def join_by_hand(session: Session, world: House, row: Withdrawal, number: str, actor: str) -> None:
    """It is about that order of the shop. Raises `LookupError` for an unknown one, `ValueError` when it has one already."""
    if row.order_id is not None:
        raise ValueError(f"{row.ref} has its order already")
    row.tried_at = row.tried_at or now()
    shop = still_known(session.get_one(Shop, row.shop_id), world.settings)
    match.join(session, world, row, find_order(session, shop, number.strip()), "hand", actor)


def pay(session: Session, world: House, row: Withdrawal, amount: Decimal | None, actor: str) -> Effect | None:
    """Have the shop pay it back, once, under the statement's own reference. `amount`: another sum than the computed one.

    None if that was planned before. Raises `LookupError` without an order, `ValueError` for a sum that cannot be meant, `Elsewhere`, `NoKeys`.
    """
    found = select(Order).where(Order.id == row.order_id).with_for_update().execution_options(populate_existing=True)
    order = session.scalars(found).first() if row.order_id is not None else None
    if order is None:
        raise LookupError(f"{row.ref} has no order yet")
    shop = connected(session.get_one(Shop, row.shop_id), world.settings, world.secret)
    if shop is None:
        raise NoKeys("the shop is disconnected: its keys are gone")
    computed = standing(session, shop, row).owed
    if computed is None:
        raise LookupError(f"{row.ref} has no order yet")
    if amount is None or amount == computed.amount:
        if not is_planned(session, shop, order, NAME, row.ref):
            _refuse_twice(session, order, row, computed.lines)
        refund = Refund(order.ref, computed.amount, order.currency, computed.lines, computed.shipping, reason=row.ref)
    else:
        refund = Refund(order.ref, amount, order.currency, reason=row.ref)
    return plan_refund(session, shop, order, refund, key=row.ref, actor=actor)


def _refuse_twice(session: Session, order: Order, row: Withdrawal, lines: Sequence[tuple[str, int]]) -> None:
    line = material.load(session, order).without(row.ref).too_many(lines)
    if line:
        raise Elsewhere(f"pieces of line {line} are in another return, or were refunded already: see what is still owed")


def mark_refunded(session: Session, world: House, row: Withdrawal, actor: str) -> None:
    """The money went back in another way."""
    settled(session, row, "refunded", "hand", actor)
    close_return(session, world, row)


def close_return(session: Session, world: House, row: Withdrawal) -> None:
    """With the money back and the goods here nothing more is to happen to its return; goods that come later close it themselves."""
    shop = connected(session.get_one(Shop, row.shop_id), world.settings, world.secret)
    if row.return_case_id is None or shop is None:
        return
    session.flush()
    case = session.get_one(ReturnCase, row.return_case_id, populate_existing=True)
    order = session.get_one(Order, case.order_id, with_for_update=True, populate_existing=True)
    close_if_over(session, world, shop, order, case)


def refuse(session: Session, row: Withdrawal, ground: str, actor: str) -> None:
    """Nothing is owed, for a reason that the law knows. Raises `ValueError` for any other."""
    if ground not in REFUSALS:
        raise ValueError(f"{ground!r} is no ground that the law knows: {', '.join(REFUSALS)}")
    row.ground = ground
    settled(session, row, "refused", ground, actor)


def reopen(session: Session, row: Withdrawal, actor: str) -> None:
    """That was a mistake; the clock has run on."""
    before = {"state": row.state, "ground": row.ground}
    row.state, row.ground, row.settled_at, row.settled_by = "open", "", None, ""
    audit.record(session, actor, "withdrawal.reopen", shop_id=row.shop_id, subject=f"withdrawal {row.ref}", before=before)


def proof_of_dispatch(session: Session, row: Withdrawal, actor: str) -> None:
    """She has shown that the goods are on their way: the money may not be withheld any more (art. 107.3)."""
    row.released_at, row.released_how = row.released_at or now(), row.released_how or "hand"
    audit.record(session, actor, "withdrawal.release", shop_id=row.shop_id, subject=f"withdrawal {row.ref}")


def receipt_handed_over(session: Session, row: Withdrawal, actor: str) -> None:
    """She has the receipt on paper, or from another mailbox."""
    receipt.handed_over(session, row)
    audit.record(session, actor, "withdrawal.receipt", shop_id=row.shop_id, subject=f"withdrawal {row.ref}")


def settled(session: Session, row: Withdrawal, state: str, how: str, actor: str) -> None:
    """It is over."""
    before = {"state": row.state}
    row.state, row.settled_at, row.settled_by = state, now(), actor
    told = {"state": state, "how": how}
    audit.record(session, actor, f"withdrawal.{state}", shop_id=row.shop_id, subject=f"withdrawal {row.ref}", before=before, after=told)
