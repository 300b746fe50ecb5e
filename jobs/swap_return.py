"""A return that ends as other goods, or as credit, in the shop's own way."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy.orm import Session

from jobs.deeds.exchange import plan_exchange
from jobs.deeds.store_credit import BONUS, plan_store_credit
from jobs.refund_return import Owed, refund_it
from postventa.clock import now
from postventa.models import Customer, Order, ReturnCase
from postventa.products import find as find_products
from postventa.products import variant
from postventa.returns.money import ZERO
from postventa.shops import ConnectedShop

BONUS_LIVES = timedelta(days=365)
"""What the merchant adds to a credit may end; the customer's own money does not."""


def swap_it(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, owed: Owed, actor: str) -> bool:
    """An order in the shop for what goes out; False: nobody said for what.

    Another kind of the same product costs nothing more, unless something is kept; for a dearer product the customer pays there.
    Raises `ValueError` where there was an exchange before.
    """
    outgoing = [(str(swap["variant"]), int(swap["quantity"])) for swap in case.wish.get("exchange", [])]
    worth, even = max(owed.sums.refund, ZERO), owed.sums.fee <= 0 and _is_even(case, owed) and _alike(session, order, case)
    if not outgoing:
        return False
    made = plan_exchange(
        session, shop, order, key=case.number, outgoing=outgoing, credit=worth, currency=order.currency, actor=actor, note=case.number, even=even
    )
    if made is None:  # one that was called off, which cannot be asked for again under the same key
        raise ValueError(f"an exchange of return {case.number} was called off before: send the goods, then mark it as settled")
    return True


def _is_even(case: ReturnCase, owed: Owed) -> bool:
    """Whether as many pieces go out as come back, line by line: what comes back beyond them is worth something."""
    wanted: Counter[str] = Counter()
    for swap in case.wish.get("exchange", []):
        wanted[str(swap["ref"])] += int(swap["quantity"])
    return wanted == Counter(dict(owed.pieces))


def _alike(session: Session, order: Order, case: ReturnCase) -> bool:
    """Whether everything that is wanted is another kind of the product that comes back."""
    products = {line.ref: line.product_ref for line in order.lines}
    known = find_products(session, order.shop_id, [ref for ref in products.values() if ref])
    for swap in case.wish.get("exchange", []):
        product = known.get(products.get(str(swap["ref"]), ""))
        if swap.get("product") or product is None or variant(product, str(swap["variant"])) is None:
            return False
    return True


def credit_it(session: Session, shop: ConnectedShop, order: Order, case: ReturnCase, owed: Owed, actor: str) -> None:
    """Shopify credits a known customer with the refund itself, which books the goods too; the bonus comes on top. All others get a code.

    The mail that brings it goes out when the shop has made it (`jobs/deeds/credited.py`).
    """
    sums, customer = owed.sums, session.get(Customer, order.customer_id) if order.customer_id else None
    by_refund = shop.platform == "shopify" and customer is not None and bool(customer.ref)
    case.quoted = {**case.quoted, "worth": f"{sums.credit:f}"}
    if by_refund:
        refund_it(session, shop, order, case, owed, actor)
    if not by_refund or sums.bonus > 0:
        key, amount = (f"{case.number}:{BONUS}", ZERO) if by_refund else (case.number, sums.refund)
        title, ends = f"{case.number} ({order.number})", now() + BONUS_LIVES if sums.bonus > 0 else None
        plan_store_credit(
            session, shop, order, key=key, amount=amount, bonus=sums.bonus, currency=order.currency, actor=actor, title=title, ends_at=ends
        )
