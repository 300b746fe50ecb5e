"""What happened, written down once: the only writer of the `event` table."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.clock import now
from postventa.effects import insert_once
from postventa.events import Event
from postventa.models import EventRow


def append(session: Session, shop_id: int, event: Event, inbound_id: int | None) -> bool:
    """Write the event; False when it was known. Told twice with different times, the earlier one stands."""
    values = {
        "shop_id": shop_id,
        "key": event.key,
        "kind": event.kind,
        "order_ref": event.order_ref,
        "data": plain({f.name: getattr(event, f.name) for f in dataclasses.fields(event) if f.name not in ("order_ref", "at", "order")}),
        "at": event.at,
        "learned_at": now(),
        "inbound_id": inbound_id,
    }
    if session.scalar(insert_once(session, EventRow, values, ["shop_id", "key"]).returning(EventRow.id)) is not None:
        return True
    known = session.scalars(select(EventRow).where(EventRow.shop_id == shop_id, EventRow.key == event.key)).one()
    known.at = min(known.at, event.at)
    return False


def history(session: Session, shop_id: int, order_ref: str) -> list[EventRow]:
    """All events of one order, in the order in which they happened."""
    query = select(EventRow).where(EventRow.shop_id == shop_id, EventRow.order_ref == order_ref).order_by(EventRow.at, EventRow.id)
    return list(session.scalars(query))


def plain(value: Any) -> Any:
    """Dataclasses, tuples, decimals and times as JSON can carry them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value
