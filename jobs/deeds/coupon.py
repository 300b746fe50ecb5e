"""A discount code of the customer's own in the shop."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from connectors.shops.writes import Coupon
from jobs.deeds.base import Deed, plan, told
from postventa.clock import now
from postventa.models import Customer, Effect, Order
from postventa.returns.numbers import ALPHABET
from postventa.shops import ConnectedShop

NAME = "write_coupon"


def plan_coupon(
    session: Session, shop: ConnectedShop, order: Order, *, key: str, secret: bytes, title: str, prefix: str = "GRACIAS",
    percent: Decimal = Decimal(0), amount: Decimal = Decimal(0), ends_at: datetime | None = None,
) -> str:  # fmt: skip
    """Have it made; the code, which is known at once. The same `key` for one order is the same code. Raises `ValueError`, `NoKeys`."""
    if (percent > 0) == (amount > 0) or percent > 100 or percent < 0 or amount < 0:
        raise ValueError("a coupon is worth either a percentage up to 100, or a sum")
    code = code_of(secret, f"{shop.key}:{order.ref}:{key}", prefix)
    document = {
        "code": code,
        "title": title,
        "percent": f"{percent:f}",
        "amount": f"{amount:f}",
        "currency": order.currency,
        "starts_at": now().isoformat(),
        "ends_at": ends_at.isoformat() if ends_at else "",
    }
    plan(session, shop, NAME, key, order, document, recipient=order.email, subject_ref=key)
    return code


def code_of(secret: bytes, key: str, prefix: str) -> str:
    """`GRACIAS-7K3M9Q2XA4`: 50 bits that nobody can guess, and the same for every try."""
    digest = int.from_bytes(hmac.new(secret, b"postventa/coupon/1\0" + key.encode(), hashlib.sha256).digest()[:7])
    return f"{prefix}-" + "".join(ALPHABET[digest >> 5 * place & 31] for place in range(10))


def _wanted(session: Session, effect: Effect, order: Order | None) -> Coupon:
    known = told(effect)
    customer = session.get(Customer, order.customer_id) if order is not None and order.customer_id else None
    return Coupon(
        code=str(known["code"]),
        title=str(known["title"]),
        starts_at=datetime.fromisoformat(str(known["starts_at"])),
        ends_at=datetime.fromisoformat(str(known["ends_at"])) if known["ends_at"] else None,
        percent=Decimal(str(known["percent"])),
        amount=Decimal(str(known["amount"])),
        currency=str(known["currency"]),
        email=effect.recipient,
        customer_ref=customer.ref if customer is not None else "",
    )


def _unwanted(session: Session, effect: Effect, order: Order | None) -> str:
    ends = told(effect)["ends_at"]
    return "it would have ended already" if ends and datetime.fromisoformat(str(ends)) <= now() else ""


DEED = Deed(NAME, _wanted, _unwanted)
