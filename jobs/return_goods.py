"""What happens to the goods of a return: a carrier has them, they come in, somebody looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import settle_return
from jobs.customer_return import by_number
from jobs.return_steps import listed, settle_if_due, tell
from jobs.world import World
from postventa import audit
from postventa.clock import now
from postventa.events import ReturnReceived, ReturnScanned
from postventa.models import LabelRow, Order, ReturnCase
from postventa.returns import material
from postventa.returns.inspection import Grade, problem_of, still_missing, ungraded
from postventa.returns.material import pieces_of
from postventa.returns.rules import Pair
from postventa.shops import ConnectedShop


def scanned(
    session: Session, world: World, shop: ConnectedShop, number: str, at: datetime, *, actor: str = settle_return.OURS, label_id: int | None = None
) -> ReturnCase:  # fmt: skip
    """A carrier has the parcel. Harmless when that is known. `label_id`: the one that was read, of a return with several; None: nobody knows which.

    Raises `LookupError`.
    """
    order, case = by_number(session, shop, number)
    unused = select(LabelRow).where(LabelRow.return_case_id == case.id, LabelRow.state.in_(("made", "mailed")))
    for label in session.scalars(unused if label_id is None else unused.where(LabelRow.id == label_id)):
        label.state = "scanned"
    tell(session, world, shop, order, [ReturnScanned(order.ref, at, case.ref)])
    settle_if_due(session, world, shop, order, case, actor)
    return case


def receive(
    session: Session,
    world: World,
    shop: ConnectedShop,
    number: str,
    *,
    actor: str,
    lines: Sequence[Pair] = (),
    grades: Sequence[Grade] = (),
) -> ReturnCase:
    """A parcel came in. `lines`: what was in it, empty: all that is still expected; `grades`: what was found, if it was looked at at once.

    The return counts as received with the last of its pieces. Raises `LookupError`, and `ValueError` with what is wrong.
    """
    order, case = _with_goods(session, shop, number)
    pieces = pieces_of(case, material.load(session, order).lines)
    expected = dict(still_missing(case, pieces))
    came = dict(lines) or expected
    if not came or any(quantity < 1 or quantity > expected.get(ref, 0) for ref, quantity in came.items()):
        raise ValueError(f"return {number}: expected are {listed(expected) or 'no more pieces'}, not {listed(came) or 'nothing'}")
    case.arrivals = [*case.arrivals, {"at": now().isoformat(), "by": actor, "lines": [[ref, quantity] for ref, quantity in came.items()]}]
    if grades:
        _grade(case, pieces, grades, actor)
    whole = not still_missing(case, pieces) or case.inspected_at is not None  # what was found missing is not waited for
    tell(session, world, shop, order, [ReturnReceived(order.ref, now(), case.ref)] if whole else [])
    after = {"state": case.state, "lines": [[ref, quantity] for ref, quantity in came.items()], "grades": [one.grade for one in grades]}
    audit.record(session, actor, "return.receive", shop_id=shop.id, subject=f"return {number}", after=after)
    settle_if_due(session, world, shop, order, case, actor)
    return case


def inspect(session: Session, world: World, shop: ConnectedShop, number: str, grades: Sequence[Grade], *, actor: str) -> ReturnCase:
    """What was found of pieces that came in, or did not (`missing`). With the last of them the return counts as inspected.

    Raises `LookupError`, and `ValueError` with what is wrong.
    """
    order, case = _with_goods(session, shop, number)
    pieces = pieces_of(case, material.load(session, order).lines)
    _grade(case, pieces, grades, actor)
    all_seen = case.received_at is None and case.inspected_at is not None  # what is graded need not have been taken in before
    tell(session, world, shop, order, [ReturnReceived(order.ref, now(), case.ref)] if all_seen else [])
    after = {"grades": [[one.ref, one.quantity, one.grade, one.restock] for one in grades]}
    audit.record(session, actor, "return.inspect", shop_id=shop.id, subject=f"return {number}", after=after)
    settle_if_due(session, world, shop, order, case, actor)
    return case


def look_again(session: Session, shop: ConnectedShop, number: str, *, actor: str) -> ReturnCase:
    """Forget what was found, so that it can be graded anew; what came in stays. Only while nothing was settled by it.

    Raises `LookupError`, and `ValueError` with what is wrong.
    """
    _, case = _with_goods(session, shop, number)
    if case.settled_at is not None:
        raise ValueError(f"return {number} is settled: what was found stays")
    if not case.inspection:
        raise ValueError(f"return {number}: nothing was looked at yet")
    before, case.inspection, case.inspected_at = {"grades": case.inspection}, [], None
    audit.record(session, actor, "return.look_again", shop_id=shop.id, subject=f"return {number}", before=before)
    return case


def _with_goods(session: Session, shop: ConnectedShop, number: str) -> tuple[Order, ReturnCase]:
    order, case = by_number(session, shop, number)
    if case.state not in ("approved", "received", "closed"):
        raise ValueError(f"return {number} is {case.state}: nothing is expected")
    return order, case


def _grade(case: ReturnCase, pieces: Sequence[Pair], grades: Sequence[Grade], actor: str) -> None:
    left = dict(ungraded(case, pieces))
    for one in grades:
        if problem := problem_of(one, left):
            raise ValueError(f"return {case.number}: {problem}")
        left[one.ref] -= one.quantity
    at = now()
    found = [
        {
            "at": at.isoformat(), "by": actor, "line": one.ref, "quantity": one.quantity,
            "grade": one.grade, "restock": one.restock, "note": one.note,
        }
        for one in grades
    ]  # fmt: skip
    case.inspection = [*case.inspection, *found]
    if not ungraded(case, pieces):
        case.inspected_at = case.inspected_at or at
