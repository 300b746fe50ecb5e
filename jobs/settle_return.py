"""What a return comes to, once: the money, a credit or an exchange, from the moment that the rules name. What cannot be done by itself is an alarm.

Whoever calls holds the order's lock. The sum is the one that the customer was told, and never more than is left of what she paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from connectors.shops.writes import Refund
from jobs.deeds.base import NoKeys
from jobs.deeds.exchange import plan_exchange
from jobs.deeds.refund import plan_refund
from jobs.deeds.store_credit import plan_store_credit
from jobs.world import World
from postventa import alarms, audit, state
from postventa.clock import now
from postventa.dossier import Dossier
from postventa.events import ReturnClosed
from postventa.models import Customer, Order, ReturnCase
from postventa.products import find as find_products
from postventa.products import variant
from postventa.returns import material
from postventa.returns.inspection import FINE, graded, is_clear
from postventa.returns.material import Material, pieces_of
from postventa.returns.money import ZERO, Sums, cent_of, share
from postventa.returns.rules import Pair
from postventa.returns.wish import RefundWhen, Resolution
from postventa.shops import ConnectedShop

ALARM = "return-by-hand"
OURS = "service"
"""The audit log's name for what happens by rule."""
BONUS_LIVES = timedelta(days=365)
"""What the merchant adds to a credit may end; the customer's own money does not."""


@dataclass(frozen=True)
class Owed:
    """What is to be settled now."""

    sums: Sums
    pieces: tuple[Pair, ...]
    restocked: frozenset[str]
    """Lines whose pieces all go back into stock."""


class ByHand(Exception):
    """A person has to do it; the text says what and why."""


def settle_touched(session: Session, world: World, shop: ConnectedShop, touched: Sequence[Dossier]) -> None:
    """After news of any kind about orders: those of their returns whose moment has come. Costs nothing for orders without one of ours."""
    for dossier in touched:
        for case in dossier.cases:
            if case.resolution and case.settled_at is None and has_come(case):
                settle(session, world, shop, dossier.order, case, actor=OURS)
                if is_over(case):
                    state.apply(session, shop, [state.Telling((ReturnClosed(dossier.order.ref, now(), case.ref),))])


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
    if sums.refund > known.left:
        raise ByHand(f"{sums.refund} should go back, but of the order only {max(known.left, ZERO)} is left: something was refunded meanwhile")
    restocked = frozenset(ref for ref, found in graded(case).items() if found and all(one.restock and one.grade == FINE for one in found))
    return Owed(sums, pieces, restocked)


def _pay(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, owed: Owed, actor: str) -> str:
    """How it was done: refund, credit, exchange, or nothing where nothing is owed."""
    if case.resolution == Resolution.REPAIR:
        raise ByHand("a repair: tell the customer what becomes of it, then mark it as settled")
    if case.resolution == Resolution.EXCHANGE:
        return _exchange(session, shop, order, case, owed, actor)
    if owed.sums.refund <= 0:
        return "nothing"
    if case.resolution == Resolution.STORE_CREDIT:
        return _credit(session, shop, order, case, owed, actor)
    _refund(session, shop, order, case, owed, actor)
    return "refund"


def _exchange(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, owed: Owed, actor: str) -> str:
    """An order in the shop for what goes out. Another kind of the same product costs nothing more; for a dearer product the customer pays there."""
    outgoing = [(str(swap["variant"]), int(swap["quantity"])) for swap in case.wish.get("exchange", [])]
    if not outgoing:
        raise ByHand("an exchange, but nobody said for what: ask the customer, send it, then mark it as settled")
    worth, even = max(owed.sums.refund, ZERO), _alike(session, order, case)
    plan_exchange(
        session, shop, order, key=case.number, outgoing=outgoing, credit=worth, currency=order.currency, actor=actor, note=case.number, even=even
    )
    return "exchange"


def _alike(session: Session, order: Order, case: ReturnCase) -> bool:
    """Whether everything that is wanted is another kind of the product that comes back."""
    products = {line.ref: line.product_ref for line in order.lines}
    known = find_products(session, order.shop_id, [ref for ref in products.values() if ref])
    for swap in case.wish.get("exchange", []):
        product = known.get(products.get(str(swap["ref"]), ""))
        if product is None or variant(product, str(swap["variant"])) is None:
            return False
    return True


def _credit(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, owed: Owed, actor: str) -> str:
    """Shopify credits a known customer with the refund itself, which books the goods too; the bonus comes on top. All others get a code.

    The mail that brings it goes out when the shop has made it (`jobs/deeds/credited.py`).
    """
    sums, customer = owed.sums, session.get(Customer, order.customer_id) if order.customer_id else None
    by_refund = shop.platform == "shopify" and customer is not None and bool(customer.ref)
    case.quoted = {**case.quoted, "worth": f"{sums.credit:f}"}
    if by_refund:
        _refund(session, shop, order, case, owed, actor)
    if not by_refund or sums.bonus > 0:
        key, amount = (f"{case.number}:bonus", ZERO) if by_refund else (case.number, sums.refund)
        title, ends = f"{case.number} ({order.number})", now() + BONUS_LIVES if sums.bonus > 0 else None
        plan_store_credit(
            session, shop, order, key=key, amount=amount, bonus=sums.bonus, currency=order.currency, actor=actor, title=title, ends_at=ends
        )
    return "credit"


def _refund(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, owed: Owed, actor: str) -> None:
    """In one piece; in two where some lines go back into stock and others do not, as a refund restocks all of its lines or none."""
    parts = _in_two(session, order, case, owed)
    for key, wanted in parts:
        plan_refund(session, shop, order, wanted, key=key, actor=actor)


def _in_two(session: Session, order: Order, case: ReturnCase, owed: Owed) -> list[tuple[str, Refund]]:
    sums, keep = owed.sums, case.resolution == Resolution.KEEP_ITEM
    as_credit = case.resolution == Resolution.STORE_CREDIT
    back = tuple(pair for pair in owed.pieces if pair[0] in owed.restocked)
    rest = tuple(pair for pair in owed.pieces if pair[0] not in owed.restocked)
    worth = _worth(material.load(session, order).without(case.ref), back, order.currency)
    whole = Refund(
        order_ref=order.ref,
        amount=sums.refund,
        currency=order.currency,
        lines=() if keep else owed.pieces,
        shipping=ZERO if keep else sums.shipping,
        withheld=ZERO if keep else sums.fee,
        restock=bool(back) and not rest,
        as_credit=as_credit,
        reason=case.number,
    )
    if keep or not back or not rest or worth <= 0 or sums.refund - worth <= 0:
        return [(case.number, whole)]
    first = Refund(order.ref, sums.refund - worth, order.currency, rest, sums.shipping, sums.fee, False, as_credit, case.number)
    return [(case.number, first), (f"{case.number}:stock", Refund(order.ref, worth, order.currency, back, ZERO, ZERO, True, as_credit, case.number))]


def _worth(known: Material, pieces: Sequence[Pair], currency: str) -> Decimal:
    rows, cent = {line.ref: line for line in known.lines}, cent_of(currency)
    return sum((share(rows[ref].total, rows[ref].quantity, known.taken(ref), quantity, cent) for ref, quantity in pieces), ZERO)


def _ask(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, why: str) -> None:
    told = f"{shop.settings.name}, order {order.number}, return {case.number}: {why}"
    alarms.raise_alarm(session, "return-by-hand", _subject(shop, case), "warn", told)


def _subject(shop: ConnectedShop, case: ReturnCase) -> str:
    return f"{shop.settings.name}, {case.number}"
