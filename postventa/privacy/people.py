"""Whom a request is about, and which rows of ours that touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from postventa import vault
from postventa.models import Customer, Order


@dataclass(frozen=True)
class Person:
    """A customer of one shop, as far as whoever asks can name them; at least one of the three."""

    ref: str = ""
    """The platform's id of the customer."""
    email: str = ""
    orders: tuple[str, ...] = ()
    """The platform's ids of orders that are certainly theirs, also where no customer was told."""

    def seal(self, secret: bytes, where: str) -> bytes:
        """For a row that waits."""
        return vault.seal(secret, asdict(self), where)

    @classmethod
    def unseal(cls, secret: bytes, sealed: bytes, where: str) -> Person:
        """Raises `cryptography.exceptions.InvalidTag`."""
        told: dict[str, Any] = vault.unseal(secret, sealed, where)
        return cls(str(told["ref"]), str(told["email"]), tuple(map(str, told["orders"])))


def customers_of(session: Session, shop_id: int, person: Person) -> Sequence[Customer]:
    """Their rows: one for each address under which they bought."""
    known = [Customer.ref == person.ref] if person.ref else []
    known += [Customer.email == person.email.strip().lower()] if person.email.strip() else []
    return session.scalars(select(Customer).where(Customer.shop_id == shop_id, or_(*known)).order_by(Customer.id)).all() if known else []


def orders_of(session: Session, shop_id: int, customers: Sequence[Customer], person: Person) -> Sequence[Order]:
    """Their orders: by customer, by address, and those that were named as far as they are nobody else's.

    A request may name any order: one that is known to be another customer's is left alone.
    """
    addresses = ({row.email for row in customers} | {person.email.strip().lower()}) - {""}
    named: ColumnElement[bool] = Order.ref.in_(person.orders)
    if person.ref or person.email:
        named = and_(named, Order.customer_id.is_(None), Order.email == "")
    theirs = or_(Order.customer_id.in_([row.id for row in customers]), Order.email.in_(addresses), named)
    return session.scalars(select(Order).where(Order.shop_id == shop_id, theirs).order_by(Order.id)).all()
