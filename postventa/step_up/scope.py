"""What a code or a proof is good for: one purpose, one order of one shop, and the address that the order has now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from postventa.models import Order


class Purpose(StrEnum):
    """What somebody wants who has to prove it."""

    DATA = "data"
    """See personal data, such as the label of a return with name and street."""
    ADDRESS = "address"
    """Change where something is sent."""
    PICKUP = "pickup"
    """Change when, and with whom to call, somebody comes to the door, or have nobody come."""
    PAYMENT = "payment"
    """Change where money goes, such as an IBAN."""
    POINTS = "points"
    """Spend loyalty points."""


@dataclass(frozen=True)
class Scope:
    """`email`: the order's, so that nothing of this outlives a change of it."""

    shop_id: int
    order_id: int
    email: str
    purpose: Purpose

    @classmethod
    def of(cls, order: Order, purpose: Purpose) -> Scope:
        return cls(order.shop_id, order.id, order.email.strip().lower(), purpose)

    @property
    def words(self) -> bytes:
        """All of it, for an HMAC."""
        parts = (str(self.shop_id), str(self.order_id), self.email, self.purpose)
        return b"\0".join(part.encode("utf-8", "replace") for part in parts)
