"""What a return comes to, once: the money, a credit or an exchange, from the moment that the rules name. What cannot be done by itself is an alarm.

Whoever calls holds the order's lock. The sum is the one that the customer was told, and never more than is left of what she paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from jobs.deeds.base import NoKeys
from jobs.deeds.returns import take
from jobs.refund_return import Owed, refund_it
from jobs.swap_return import credit_it, swap_it
from jobs.world import World
from postventa import alarms, audit, state
from postventa.clock import now
from postventa.dossier import Dossier
from postventa.events import ReturnClosed
from postventa.models import Order, ReturnCase
from postventa.returns import material
from postventa.returns.inspection import FINE, graded, is_clear
from postventa.returns.material import Material, pieces_of
from postventa.returns.money import ZERO, Sums
from postventa.returns.rules import Pair
from postventa.returns.wish import RefundWhen, Resolution
from postventa.shops import ConnectedShop

ALARM = "return-by-hand"
OURS = "service"
"""The audit log's name for what happens by rule."""


class ByHand(Exception):
    """A person has to do it; the text says what and why."""


def settle_touched(session: Session, world: World, shop: ConnectedShop, touched: Sequence[Dossier]) -> None:
    """After news of any kind about orders: those of their returns whose moment has come. Costs nothing for orders without one of ours."""
    for dossier in touched:
        for case in dossier.cases:
            if case.resolution and case.settled_at is None and has_come(case):
                settle(session, world, shop, dossier.order, case, actor=OURS)
                if is_over(case):
                    over = ReturnClosed(dossier.order.ref, now(), case.ref)
                    state.apply(session, shop, [state.Telling((over,))])
                    take(session, shop, dossier.order, case, over)


def is_over(case: ReturnCase) -> bool:
    """Whether it is settled, and the goods are here or stay where they are: nothing more is to happen."""
    goods = case.received_at is not None or case.resolution == Resolution.KEEP_ITEM
    return case.settled_at is not None and goods and case.state in ("approved", "received")


def has_come(case: ReturnCase) -> bool:
    """Whether the moment that the rules name has come for it."""
    if case.state not in ("approved", "received", "closed"):
        return False
    if case.resolution == Resolution.KEEP_ITEM:
        return True
    if case.refund_when == RefundWhen.AT_FIRST_SCAN:
        return case.scanned_at is not None or case.received_at is not None
    if case.refund_when == RefundWhen.AFTER_INSPECTION:
        return case.received_at is not None and case.inspected_at is not None
    return case.received_at is not None


def settle(
    session: Session,
    world: World,
    shop: ConnectedShop,
    order: Order,
    case: ReturnCase,
    *,
    actor: str,
    amount: Decimal | None = None,
    reason: str = "",
) -> bool:
    """Plan what it comes to; False: a person has to see to it, and an alarm says why. `amount`: what a person decided that goes back."""
    known = material.load(session, order).without(case.ref)
    try:
        owed = _owed(known, case, amount)
        way = _pay(session, shop, order, case, owed, actor)
    except (ByHand, NoKeys, ValueError) as trouble:  # a sum that cannot be meant, such as more than is left
        _ask(session, shop, order, case, str(trouble))
        return False
    case.settled_at = now()
    case.quoted = {**case.quoted, "refund": f"{owed.sums.refund:f}", "bonus": f"{owed.sums.bonus:f}", "settled_by": way}
    alarms.clear(session, ALARM, _subject(shop, case))
    after = {"by": way, "amount": f"{owed.sums.refund:f}", "currency": order.currency, "resolution": case.resolution}
    audit.record(session, actor, "return.settle", shop_id=shop.id, subject=f"return {case.number}", reason=reason, after=after)
    return True


def settled_by_hand(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, *, actor: str, reason: str) -> None:
    """A person has seen to it, in the shop or elsewhere."""
    case.settled_at = now()
    case.quoted = {**case.quoted, "settled_by": "hand"}
    alarms.clear(session, ALARM, _subject(shop, case))
    audit.record(session, actor, "return.settle", shop_id=shop.id, subject=f"return {case.number}", reason=reason, after={"by": "hand"})


def told(case: ReturnCase) -> Sums:
    """The sums that the customer was told."""
    said = {name: Decimal(str(case.quoted.get(name, "0"))) for name in ("goods", "shipping", "fee", "refund", "bonus")}
    return Sums(**said)


def document(sums: Sums, currency: str) -> dict[str, str]:
    """As they are kept."""
    return {name: f"{getattr(sums, name):f}" for name in ("goods", "shipping", "fee", "refund", "bonus")} | {"currency": currency}


def _owed(known: Material, case: ReturnCase, amount: Decimal | None) -> Owed:
    """Raises `ByHand` for what is not as it was promised."""
    sums, pieces = told(case), pieces_of(case, known.lines)
    if amount is None and not is_clear(case):
        raise ByHand("the inspection found something damaged or missing: decide what goes back, with `postventa return release`")
    if amount is not None:
        sums = Sums(sums.goods, sums.shipping, sums.goods + sums.shipping - amount, amount, ZERO if amount < sums.refund else sums.bonus)
    spends = sums.refund > 0 or case.resolution == Resolution.EXCHANGE
    if line := known.too_many(pieces) if spends else "":
        raise ByHand(f"of line {line} not so many pieces are left: some were refunded, went back otherwise, or were taken out of the order")
    if sums.refund > known.left:
        raise ByHand(f"{sums.refund} should go back, but of the order only {max(known.left, ZERO)} is left: something was refunded meanwhile")
    if spends and amount is None and known.refunded_since(case.created_at, {ref for ref, _ in pieces}):
        raise ByHand("money went back since this return was opened, perhaps for it: if it was not, `postventa return release`")
    return Owed(sums, pieces, _restocked(case, pieces))


def _restocked(case: ReturnCase, pieces: Sequence[Pair]) -> frozenset[str]:
    """Lines of which every piece was looked at, and is to go back into stock."""
    fine = {ref: sum(one.quantity for one in found if one.restock and one.grade == FINE) for ref, found in graded(case).items()}
    return frozenset(ref for ref, quantity in pieces if quantity and fine.get(ref, 0) >= quantity)


def _pay(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, owed: Owed, actor: str) -> str:
    """How it was done: refund, credit, exchange, or nothing where nothing is owed."""
    if case.resolution == Resolution.REPAIR:
        raise ByHand("a repair: tell the customer what becomes of it, then mark it as settled")
    if case.resolution == Resolution.EXCHANGE:
        if not swap_it(session, shop, order, case, owed, actor):
            raise ByHand("an exchange, but nobody said for what: ask the customer, send it, then mark it as settled")
        return "exchange"
    if owed.sums.refund <= 0:
        return "nothing"
    if case.resolution == Resolution.STORE_CREDIT:
        credit_it(session, shop, order, case, owed, actor)
        return "credit"
    refund_it(session, shop, order, case, owed, actor)
    return "refund"


def _ask(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, why: str) -> None:
    told = f"{shop.settings.name}, order {order.number}, return {case.number}: {why}"
    alarms.raise_alarm(session, "return-by-hand", _subject(shop, case), "warn", told)


def _subject(shop: ConnectedShop, case: ReturnCase) -> str:
    return f"{shop.settings.name}, {case.number}"
