"""What happened, written down once: the only writer of the `event` table."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.events import Event, PrivacyRequested
from postventa.models import EventRow
from postventa.models.many import execute_many

_KNOWN = select(EventRow.key, EventRow.at).where(EventRow.shop_id == bindparam("shop"), EventRow.key.in_(bindparam("keys", expanding=True)))
_NEW = insert(EventRow)
_EARLIER = (
    update(EventRow)
    .where(EventRow.shop_id == bindparam("shop"), EventRow.key == bindparam("known_key"))
    .values(at=bindparam("earlier", type_=EventRow.at.type))
    .execution_options(synchronize_session=False)
)


class EventLog:
    """One shop's events while several deliveries are read: looked up together, written together."""

    def __init__(self, shop_id: int) -> None:
        self._shop_id = shop_id
        self._at: dict[str, datetime] = {}
        self._new: dict[str, dict[str, Any]] = {}
        self._earlier: dict[str, datetime] = {}

    def look_up(self, session: Session, keys: Iterable[str]) -> None:
        """Which of these were written before. `keys`: those of all events that may be appended, except for orders that are new."""
        wanted = {"shop": self._shop_id, "keys": list(set(keys))}
        if wanted["keys"]:
            self._at.update(session.execute(_KNOWN, wanted).all())

    def append(self, event: Event, inbound_id: int | None) -> bool:
        """Note the event; False when it was known. Told twice with different times, the earlier one stands."""
        key = event.key
        if key not in self._at:
            self._at[key] = event.at
            self._new[key] = self._values(key, event, inbound_id)
            return True
        if event.at < self._at[key]:
            self._at[key] = event.at
            if key in self._new:
                self._new[key]["at"] = event.at
            else:
                self._earlier[key] = event.at
        return False

    def write(self, session: Session) -> None:
        """Everything that was noted, in two statements at most."""
        if self._new:
            execute_many(session.connection(), _NEW, list(self._new.values()))
        if self._earlier:
            earlier = [{"shop": self._shop_id, "known_key": key, "earlier": at} for key, at in self._earlier.items()]
            execute_many(session.connection(), _EARLIER, earlier)
        self._new, self._earlier = {}, {}

    def _values(self, key: str, event: Event, inbound_id: int | None) -> dict[str, Any]:
        return {
            "shop_id": self._shop_id,
            "key": key,
            "kind": event.kind,
            "order_ref": event.order_ref,
            "data": details(event),
            "at": event.at,
            "learned_at": now(),
            "inbound_id": inbound_id,
        }


def history(session: Session, shop_id: int, order_ref: str) -> list[EventRow]:
    """All events of one order, in the order in which they happened."""
    query = select(EventRow).where(EventRow.shop_id == shop_id, EventRow.order_ref == order_ref).order_by(EventRow.at, EventRow.id)
    return list(session.scalars(query))


def details(event: Event) -> dict[str, Any]:
    """What an event says besides what stands in columns; an order's description stands in the order itself."""
    if isinstance(event, PrivacyRequested):
        return {"detail": event.detail}  # whom it is about stands in the case, sealed, and can be forgotten there
    return {name: plain(getattr(event, name)) for name in _fields(type(event)) if name not in ("order_ref", "at", "order")}


def plain(value: Any) -> Any:
    """Dataclasses, tuples, decimals and times as JSON can carry them."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in _fields(type(value))}
    return value


def _fields(kind: type[Any]) -> tuple[str, ...]:
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return known


_FIELDS: dict[type[Any], tuple[str, ...]] = {}
"""Of each dataclass that was met: asking for them every time takes longer than all else here."""
