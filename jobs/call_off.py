"""An exchange that is called off while nothing of it was sent, for money or credit instead.

What was not made yet is only changed. What the shop has made it is asked to let go (`deeds/exchange.py`), and the return comes to something else when
it has said that it did: until then the order's books count the exchange, and so its money goes back once. Whether it was paid, or packed, at that
very moment is the shop's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from sqlalchemy.orm import Session

from jobs import by_hand, settle_return
from jobs.customer_return import by_number, wish_of
from jobs.deeds import owed, swapped
from jobs.deeds.base import NoKeys, told
from jobs.deeds.exchange import plan_cancel
from jobs.return_steps import close_if_over, settle_if_due, tell
from jobs.world import World
from postventa import audit
from postventa.clock import now
from postventa.effects import OPEN
from postventa.models import Effect, Order, ReturnCase, State
from postventa.returns import material
from postventa.returns.material import Material
from postventa.returns.money import ZERO, Sums, cent_of, rounded
from postventa.returns.policy import Verdict
from postventa.returns.policy.store import at_version
from postventa.returns.quote import Quote, reckon
from postventa.returns.wish import Resolution, cut, pictured
from postventa.shops import ConnectedShop

INSTEAD = (Resolution.REFUND, Resolution.STORE_CREDIT)
NONE, WISHED, PLANNED, BUSY, UNMADE, MADE, LEAVING, OFF = "none", "wished", "planned", "busy", "unmade", "made", "leaving", "off"
"""How an exchange stands: there is none (any more), it is wished for, written down, being made, could not be made, is made, is let go, is gone."""
POSSIBLE = (WISHED, PLANNED, UNMADE, MADE)
STATES = ("requested", "approved", "received", "closed")


class NotNow(ValueError):
    """It cannot be called off at this moment, or not any more: why, for the people of the shop."""


def stage(case: ReturnCase, exchange: Effect | None) -> str:
    """One of the words above."""
    if case.resolution != Resolution.EXCHANGE or case.state not in STATES:
        return NONE
    if exchange is None:
        return WISHED if case.settled_at is None else NONE
    data = exchange.data
    if data.get("called_off") or data.get(swapped.CALLING):
        return OFF if data.get("called_off") else LEAVING
    if exchange.state == State.DONE:
        return MADE if data.get("ref") and not data.get("stays") else NONE
    if exchange.state in (State.DEAD, State.CANCELLED):
        return UNMADE
    return PLANNED if exchange.state == State.PLANNED and not exchange.attempts and not data.get("doubt") else BUSY


def choices(
    session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, exchange: Effect | None, *, staff: bool = False
) -> dict[Resolution, Quote]:  # fmt: skip
    """What it may come to instead, by the rules that held when it was asked for, less what went back already.

    What a person has to agree to is not offered to customers.
    """
    rules, known = at_version(session, shop, case.policy_version), _freed(session, order, case, exchange)
    wish = cut(wish_of(case), dict(material.pairs(case.accepted))) if case.accepted else wish_of(case)
    found = {}
    for resolution in INSTEAD:
        answer = reckon(rules, shop, known, replace(pictured(wish), resolution=resolution, exchange=()), case.requested_at or case.created_at)
        if not answer.problems and (staff or case.state == "requested" or answer.verdict is Verdict.APPROVE):
            found[resolution] = replace(answer, sums=_less(answer.sums, _given(exchange), answer.currency))
    return found


def call_off(
    session: Session, world: World, shop: ConnectedShop, number: str, *, instead: str, actor: str, reason: str = "", staff: bool = False
) -> ReturnCase:  # fmt: skip
    """For a refund or a credit `instead`. However often and at once it is asked for, it is called off once.

    Raises `LookupError`, `NotNow`, and `ValueError` for what is not offered instead.
    """
    order, case = by_number(session, shop, number)
    exchange = swapped.exchange_of(session, case, lock=True)
    standing = stage(case, exchange)
    if standing in (LEAVING, OFF) or (case.resolution == instead and case.wish.get("instead_of") is not None):
        return case
    if standing not in POSSIBLE:
        raise NotNow(f"the exchange of return {number} is {standing if standing == BUSY else case.state}: it cannot be called off now")
    answer = choices(session, shop, order, case, exchange, staff=staff).get(Resolution(instead) if instead in INSTEAD else Resolution.EXCHANGE)
    if answer is None:
        raise ValueError(f"return {number} cannot come to {instead or 'nothing'} instead of an exchange")
    if exchange is not None and standing == MADE:
        let_go(session, shop, order, case, exchange, instead=instead, actor=actor, reason=reason)
        return case
    if exchange is not None and standing == PLANNED:
        by_hand.cancel(session, exchange.id, actor=actor, reason=reason or "the exchange was called off")
    turn(session, world, shop, order, case, answer, exchange, actor=actor, reason=reason)
    if exchange is not None:
        swapped.tell(session, exchange, swapped.OFF)
    return case


def let_go(
    session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, exchange: Effect, *,
    instead: str, actor: str, reason: str = "", unpaid: bool = False,
) -> None:  # fmt: skip
    """Have the shop cancel what it made. Raises `NotNow` where it cannot be asked (again)."""
    try:
        effect = plan_cancel(session, shop, order, exchange, actor=actor, reason=reason, instead=instead, unpaid=unpaid)
    except NoKeys as lacking:
        raise NotNow(str(lacking)) from lacking
    if effect is None:
        raise NotNow(f"the shop was asked before to cancel the exchange of return {case.number}: see the ledger")
    exchange.data = {**exchange.data, swapped.CALLING: {"instead": instead, "by": actor, "at": now().isoformat()}}


def turn(
    session: Session, world: World, shop: ConnectedShop, order: Order, case: ReturnCase, answer: Quote, exchange: Effect | None, *,
    actor: str, reason: str = "",
) -> None:  # fmt: skip
    """The return comes to that instead: at once if its moment had come for the exchange; a mere wish waits for its moment like any other."""
    was, sums = {"resolution": case.resolution, "quoted": case.quoted}, answer.sums
    case.resolution = answer.wish.resolution
    case.wish = {**case.wish, "exchange": [], "instead_of": case.wish.get("exchange", [])}
    case.quoted = settle_return.document(sums, answer.currency)
    after = {"resolution": case.resolution, "quoted": case.quoted}
    audit.record(session, actor, "return.change", shop_id=shop.id, subject=f"return {case.number}", reason=reason, before=was, after=after)
    if exchange is None:
        case.refund_when = answer.refund_when
        tell(session, world, shop, order, ())
        settle_if_due(session, world, shop, order, case, actor)
        return
    case.settled_at = None
    known, pieces = material.load(session, order).without(case.ref), material.pairs(case.accepted) or material.pairs(case.lines)
    given = known.refunded_since(exchange.at, {ref for ref, _ in pieces})  # somebody gave money back in the shop: a person has to look
    settle_return.settle(session, world, shop, order, case, actor=actor, amount=None if given else sums.refund, reason=reason)
    close_if_over(session, world, shop, order, case)


def _freed(session: Session, order: Order, case: ReturnCase, exchange: Effect | None) -> Material:
    """As if its credit had not been spent: neither on the goods nor on what they left over."""
    known = material.load(session, order).without(case.ref)
    if exchange is None or exchange.data.get("called_off") or exchange.state not in (*OPEN, State.DONE):
        return replace(known, swapped=known.swapped - _given(exchange))
    return replace(known, swapped=known.swapped - owed.spent(exchange) - _given(exchange))


def _given(exchange: Effect | None) -> Decimal:
    """What went back already, since the goods cost less than the credit."""
    if exchange is None or told(exchange)["rest"] == "keep":
        return ZERO
    return Decimal(str(exchange.data.get("rest", "0")))


def _less(sums: Sums, given: Decimal, currency: str) -> Sums:
    """Without what went back already; what a credit has on top is less in the same measure."""
    left = max(sums.refund - given, ZERO)
    bonus = rounded(sums.bonus * left / sums.refund, cent_of(currency)) if sums.refund else ZERO
    return Sums(sums.goods, sums.shipping, sums.goods + sums.shipping - left, left, bonus)


def standing_of(session: Session, case: ReturnCase) -> tuple[Effect | None, str]:
    """The exchange, and how it stands."""
    exchange = swapped.exchange_of(session, case)
    return exchange, stage(case, exchange)


def offered(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, *, staff: bool = False) -> Mapping[Resolution, Quote]:
    """What it may come to now instead of the exchange; empty: it cannot be called off."""
    exchange, standing = standing_of(session, case)
    return choices(session, shop, order, case, exchange, staff=staff) if standing in POSSIBLE else {}
