"""What the shop's people decide about a return: whether, how much of it, and what goes back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from jobs import change_told, settle_return
from jobs.customer_return import by_number, swaps_document, wish_of
from jobs.pickups import book
from jobs.return_steps import close_if_over, listed, settle_if_due, tell
from jobs.world import World
from postventa import audit
from postventa.clock import now
from postventa.events import ReturnApproved, ReturnDeclined
from postventa.models import Order, ReturnCase
from postventa.returns import material
from postventa.returns.money import cent_of, rounded
from postventa.returns.policy.law import Exemption
from postventa.returns.policy.store import at_version
from postventa.returns.quote import Quote, reckon
from postventa.returns.rules import Pair
from postventa.returns.wish import cut
from postventa.shops import ConnectedShop


def approve(
    session: Session, world: World, shop: ConnectedShop, number: str, *, actor: str, lines: Sequence[Pair] = (), ground: Exemption | None = None
) -> ReturnCase:  # fmt: skip
    """Agree to a return that waits. `lines`: only these pieces of it, with what they come to worked out anew; empty: all.

    What may be withdrawn from is left out of it on a legal `ground` only, as it is declined.
    Raises `LookupError`, and `ValueError` with what is wrong.
    """
    order, case = _waiting(session, shop, number)
    if lines:
        _agree_to(session, shop, order, case, lines, ground)
    case.decided_by = actor
    tell(session, world, shop, order, [ReturnApproved(order.ref, now(), case.ref)])
    book.agree(session, world, shop, order, case)
    if case.changes:  # the mail of its first approval went out, and its label may be void
        change_told.bring_up_to_date(session, shop, order, case)
    after = {"state": case.state, "lines": case.accepted or case.lines, "quoted": case.quoted, "ground": ground.value if ground is not None else ""}
    audit.record(session, actor, "return.approve", shop_id=shop.id, subject=f"return {number}", after=after)
    settle_if_due(session, world, shop, order, case, actor)
    return case


def decline(
    session: Session, world: World, shop: ConnectedShop, number: str, *, reason: str, actor: str, ground: Exemption | None = None
) -> ReturnCase:  # fmt: skip
    """Say no, with words for the customer. What she may withdraw from is refused on a legal ground only.

    Raises `LookupError`, and `ValueError` with what is wrong.
    """
    order, case = _waiting(session, shop, number)
    if not reason.strip():
        raise ValueError("say why: the customer reads it")
    if ground is None and case.decision and any(line.get("withdrawal") for line in case.decision):
        raise ValueError(f"return {number} was asked for within the days of withdrawal: it may be refused on a legal ground only")
    case.decided_by = actor
    book.call_off(session, shop, order, case, "the return was declined")
    tell(session, world, shop, order, [ReturnDeclined(order.ref, now(), case.ref, (), reason.strip())])
    after = {"state": case.state, "ground": ground.value if ground is not None else ""}
    audit.record(session, actor, "return.decline", shop_id=shop.id, subject=f"return {number}", after=after)
    return case


def release(session: Session, world: World, shop: ConnectedShop, number: str, *, actor: str, amount: Decimal | None = None, reason: str = "") -> bool:
    """Give back what is owed, before its moment or in spite of what was found. `amount`: less than was told, with a `reason`.

    False: it could not be done by itself, and an alarm says why. Raises `LookupError`, and `ValueError` with what is wrong.
    """
    order, case = by_number(session, shop, number)
    _not_settled(case)
    if case.state not in ("approved", "received", "closed"):
        raise ValueError(f"return {number} is {case.state}: approve it first")
    sums = settle_return.told(case)
    if amount is not None and not (_is_meant(amount, sums.goods + sums.shipping, order.currency) and reason.strip()):
        raise ValueError(f"a sum from 0 to {sums.goods + sums.shipping}, with a reason that can be told")
    done = settle_return.settle(
        session, world, shop, order, case, actor=actor, amount=sums.refund if amount is None else amount, reason=reason.strip()
    )
    close_if_over(session, world, shop, order, case)
    return done


def settled_by_hand(session: Session, world: World, shop: ConnectedShop, number: str, *, actor: str, reason: str) -> ReturnCase:
    """A person has done what the service could not: sent the exchange, paid the money. Raises `LookupError`, `ValueError`."""
    order, case = by_number(session, shop, number)
    _not_settled(case)
    if not reason.strip():
        raise ValueError("say what was done")
    settle_return.settled_by_hand(session, shop, order, case, actor=actor, reason=reason.strip())
    close_if_over(session, world, shop, order, case)
    return case


def part_of(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, lines: Sequence[Pair]) -> Quote:
    """What these pieces of a return would come to, by the rules and for the day of the wish. Changes nothing.

    Raises `ValueError` for others than were asked for.
    """
    wanted, wish = dict(lines), wish_of(case)
    asked = {line.ref: line.quantity for line in wish.lines}
    if not wanted or any(not 0 < quantity <= asked.get(ref, 0) for ref, quantity in wanted.items()):
        raise ValueError(f"return {case.number}: asked for are {listed(asked)}, not {listed(wanted) or 'nothing'}")
    then = case.requested_at or case.created_at
    rules = at_version(session, shop, case.policy_version)
    answer = reckon(rules, shop, material.load(session, order).without(case.ref), cut(wish, wanted), then)
    if not answer.decision.lines:  # the list itself is wrong by now, so that nothing of it was reckoned
        raise ValueError(f"return {case.number}: {'; '.join(problem.sentence('es') for problem in answer.problems)}")
    return answer


def needs_ground(case: ReturnCase, lines: Sequence[Pair]) -> bool:
    """Whether these pieces leave out some of which the customer may withdraw: that takes a ground of the law's."""
    wanted, free = dict(lines), {str(line["line"]) for line in case.decision if line.get("withdrawal")}
    return any(wanted.get(line.ref, 0) < line.quantity for line in wish_of(case).lines if line.ref in free)


def _is_meant(amount: Decimal, most: Decimal, currency: str) -> bool:
    return amount.is_finite() and 0 <= amount <= most and amount == rounded(amount, cent_of(currency))


def _waiting(session: Session, shop: ConnectedShop, number: str) -> tuple[Order, ReturnCase]:
    order, case = by_number(session, shop, number)
    if case.state != "requested":
        raise ValueError(f"return {number} is {case.state}: there is nothing to decide")
    return order, case


def _not_settled(case: ReturnCase) -> None:
    if case.settled_at is not None:
        raise ValueError(f"return {case.number} is settled already")
    if not case.resolution:
        raise ValueError(f"return {case.number} was opened in the shop: settle it there")


def _agree_to(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, lines: Sequence[Pair], ground: Exemption | None) -> None:
    """The wish cut down to these pieces, and reckoned anew."""
    answer = part_of(session, shop, order, case, lines)
    if ground is None and needs_ground(case, lines):
        raise ValueError(f"return {case.number} was asked for within the days of withdrawal: pieces may be left out of it on a legal ground only")
    case.accepted = [[ref, quantity] for ref, quantity in dict(lines).items()]
    case.wish = {**case.wish, "exchange": swaps_document(answer.wish)}
    case.quoted = settle_return.document(answer.sums, answer.currency)
