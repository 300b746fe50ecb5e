"""What staff and scripts read: the ledger and the inbox as plain documents (contract.md, JSON shapes)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from postventa.models import Attempt, Effect, Inbound, Order, Shop


def ledger(session: Session, order: str = "", limit: int = 0) -> dict[str, Any]:
    """Every effect with state, reason and times; `order` narrows to one order (platform id or number), `limit` 0 means all."""
    query = select(Effect, Shop.name, Order.ref, Order.number).join(Shop, Shop.id == Effect.shop_id).outerjoin(Order, Order.id == Effect.order_id)
    if order:
        number = order.removeprefix("#")
        query = query.where(or_(Order.ref == number, Order.number == number, Order.number == f"#{number}"))
    rows = session.execute(query.order_by(Effect.id).limit(limit or None))
    return {"effects": [_effect(effect, shop, ref, number) for effect, shop, ref, number in rows]}


def _effect(effect: Effect, shop: str, ref: str | None, number: str | None) -> dict[str, Any]:
    return {
        "id": effect.id,
        "shop": shop,
        "order": ref if ref is not None else str(effect.data.get("order_ref", "")),
        "order_number": number or "",
        "parcel": effect.parcel_ref,
        "subject": effect.subject_ref,
        "followup": effect.followup,
        "kind": effect.kind,
        "recipient": effect.recipient,
        "state": effect.state,
        "reason": effect.reason,
        "at": _iso(effect.at),
        "due_at": _iso(effect.due_at),
        "done_at": _iso(effect.done_at),
        "attempts": effect.attempts,
        "maybe_duplicate": effect.maybe_duplicate,
        "message_id": effect.message_id,
    }


def attempts(session: Session, effect_id: int) -> list[dict[str, Any]]:
    """What was tried for one effect, oldest first."""
    rows = session.scalars(select(Attempt).where(Attempt.effect_id == effect_id).order_by(Attempt.id))
    return [{"at": _iso(row.at), "outcome": row.outcome, "detail": row.detail, "worker": row.worker} for row in rows]


def inbox(session: Session, limit: int, state: str = "") -> dict[str, Any]:
    """Raw deliveries, newest first, and how many there are of each state. `limit` 0 means all."""
    query = select(Inbound, Shop.name).join(Shop, Shop.id == Inbound.shop_id).order_by(Inbound.id.desc()).limit(limit or None)
    if state:
        query = query.where(Inbound.state == state)
    counts = session.execute(select(Inbound.state, func.count()).group_by(Inbound.state))
    return {"deliveries": [_delivery(row, shop) for row, shop in session.execute(query)], "counts": dict(counts.all())}


def _delivery(row: Inbound, shop: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "shop": shop,
        "topic": row.topic,
        "delivery_id": row.delivery_id,
        "order": row.order_ref,
        "received_at": _iso(row.received_at),
        "state": row.state,
        "reason": row.reason,
        "attempts": row.attempts,
        "error": row.error,
    }


def delivery(session: Session, inbound_id: int) -> dict[str, Any] | None:
    """One raw delivery whole, body and headers included."""
    found = session.execute(select(Inbound, Shop.name).join(Shop, Shop.id == Inbound.shop_id).where(Inbound.id == inbound_id)).first()
    if found is None:
        return None
    row, shop = found
    body = row.body.decode("utf-8", "backslashreplace") if row.body is not None else None
    return {**_delivery(row, shop), "headers": row.headers, "body": body}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
