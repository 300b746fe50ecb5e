"""What the checker judges: what was sent and answered, what the ledger says, and what really arrived."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from sqlalchemy import Engine, select

from postventa.models import Attempt, AuditEntry, Effect, Inbound, Order, Parcel, ReturnCase, Shop, Suppression
from postventa.models.db import reading
from tests.peers.smtp import Mail

Row = TypeVar("Row")
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Taken:
    """One delivery that was answered with 2xx."""

    shop: str
    """The shop's key."""
    topic: str
    delivery_id: str
    digest: str
    order_ref: str

    @classmethod
    def of(cls, shop: str, topic: str, delivery_id: str, body: bytes, order_ref: str = "") -> Taken:
        return cls(shop, topic, delivery_id, hashlib.sha256(body).hexdigest(), order_ref)


@dataclass
class Account:
    """Everything there is to judge by. `expected`: (shop's key, order) -> follow-ups that it calls for, once all its deliveries were taken."""

    engine: Engine
    taken: Sequence[Taken] = ()
    mails: Sequence[Mail] = ()
    expected: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    quiet: tuple[str, str] = ("21:00", "09:00")
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def shops(self) -> dict[int, Shop]:
        return {row.id: row for row in self._all(Shop)}

    @cached_property
    def effects(self) -> dict[int, Effect]:
        return {row.id: row for row in self._all(Effect)}

    @cached_property
    def orders(self) -> dict[int, Order]:
        return {row.id: row for row in self._all(Order)}

    @cached_property
    def audit(self) -> list[AuditEntry]:
        return self._all(AuditEntry)

    @cached_property
    def attempts(self) -> dict[int, list[Attempt]]:
        return grouped((row.effect_id, row) for row in self._all(Attempt))

    @cached_property
    def parcels(self) -> dict[int, list[Parcel]]:
        return grouped((row.order_id, row) for row in self._all(Parcel))

    @cached_property
    def returns(self) -> dict[int, list[ReturnCase]]:
        return grouped((row.order_id, row) for row in self._all(ReturnCase))

    @cached_property
    def suppressions(self) -> list[Suppression]:
        return self._all(Suppression)

    @cached_property
    def stored(self) -> set[tuple[str, str, str, str]]:
        """(shop's key, topic, delivery id, hash of the body) of everything in the inbox whose body is still there."""
        with reading(self.engine) as session:
            rows = session.execute(select(Inbound.shop_id, Inbound.topic, Inbound.delivery_id, Inbound.body).execution_options(yield_per=500))
            return {(self.shops[s].key, topic, ident, hashlib.sha256(body or b"").hexdigest()) for s, topic, ident, body in rows}

    @cached_property
    def arrived(self) -> dict[int, list[Mail]]:
        """Effect -> its mails, in the order of their arrival."""
        return grouped((mail.effect, mail) for mail in sorted(self.mails, key=lambda mail: mail.at))

    def _all(self, model: type[Row]) -> list[Row]:
        with reading(self.engine) as session:
            return list(session.scalars(select(model)))


def grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    """Key -> its values, in their order."""
    found: dict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
