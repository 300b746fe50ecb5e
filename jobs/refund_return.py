"""The refund of a return: in one piece, or in two where some lines go back into stock and others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from connectors.shops.writes import Refund
from jobs.deeds.refund import plan_refund
from postventa.models import Order, ReturnCase
from postventa.returns import material
from postventa.returns.material import Material
from postventa.returns.money import ZERO, Sums, cent_of, share
from postventa.returns.rules import Pair
from postventa.returns.wish import Resolution
from postventa.shops import ConnectedShop


@dataclass(frozen=True)
class Owed:
    """What is to be settled now."""

    sums: Sums
    pieces: tuple[Pair, ...]
    restocked: frozenset[str]
    """Lines whose pieces all go back into stock."""


def refund_it(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, owed: Owed, actor: str) -> None:
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
