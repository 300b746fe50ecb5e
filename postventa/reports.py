"""What staff and scripts read: the ledger and the inbox as plain documents (contract.md, JSON shapes)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from postventa.models import Attempt, AuditEntry, Effect, EventRow, Inbound, Order, Shop


def ledger(session: Session, order: str = "", limit: int = 0, shop_id: int | None = None) -> dict[str, Any]:
    """Every effect with state, reason and times; `order` narrows to one order (platform id or number), `limit` 0 means all."""
    query = select(Effect, Shop.name, Order.ref, Order.number).join(Shop, Shop.id == Effect.shop_id).outerjoin(Order, Order.id == Effect.order_id)
    if order:
        query = query.where(Effect.order_id.in_(_called(session, order)))
    if shop_id is not None:
        query = query.where(Effect.shop_id == shop_id)
    rows = session.execute(query.order_by(Effect.id).limit(limit or None))
    return {"effects": [_effect(effect, shop, ref, number) for effect, shop, ref, number in rows]}


def _called(session: Session, order: str) -> list[int]:
    """Orders of that id or number. Shop by shop, since numbers are a shop's own, and so the indexes are."""
    number, shops = order.removeprefix("#"), select(Shop.id).scalar_subquery()
    ids: set[int] = set()
    for which in (Order.ref == number, Order.number.in_((number, f"#{number}"))):
        ids.update(session.scalars(select(Order.id).where(Order.shop_id.in_(shops), which)))
    return sorted(ids)


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


def effect(session: Session, effect_id: int) -> dict[str, Any] | None:
    """One effect with its whole story: what was tried, what was told in the same mail, what people did to it."""
    query = select(Effect, Shop.name, Order.ref, Order.number).join(Shop, Shop.id == Effect.shop_id).outerjoin(Order, Order.id == Effect.order_id)
    found = session.execute(query.where(Effect.id == effect_id)).first()
    if found is None:
        return None
    row = found[0]
    merged = select(Effect.id).where(Effect.order_id == row.order_id, Effect.merged_into == effect_id)  # mails merge within an order only
    told_with = session.scalars(merged.order_by(Effect.id)).all()
    return {
        **_effect(*found),
        "legal_basis": row.legal_basis,
        "planned_at": _iso(row.planned_at),
        "not_before": _iso(row.not_before),
        "fence": row.fence,
        "lease_until": _iso(row.lease_until),
        "owner": row.owner,
        "merged_into": row.merged_into,
        "told_with": list(told_with),
        "repetition_of": row.data.get("again_of"),
        "tries": attempts(session, effect_id),
        "interventions": audit(session, 0, subject=f"effect {effect_id}")["entries"],
    }


def audit(session: Session, limit: int, *, action: str = "", actor: str = "", subject: str = "") -> dict[str, Any]:
    """Who did what, newest first; `limit` 0 means all. `action`: how it begins; `actor`: what it holds; `subject`: exactly."""
    query = select(AuditEntry, Shop.name).outerjoin(Shop, Shop.id == AuditEntry.shop_id).order_by(AuditEntry.id.desc()).limit(limit or None)
    if action:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    if actor:
        query = query.where(AuditEntry.actor.contains(actor, autoescape=True))
    if subject:
        query = query.where(AuditEntry.subject == subject)
    return {"entries": [_audited(entry, shop) for entry, shop in session.execute(query)]}


def _audited(entry: AuditEntry, shop: str | None) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": _iso(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "shop": shop or "",
        "subject": entry.subject,
        "reason": entry.reason,
        "before": entry.before,
        "after": entry.after,
        "hash": entry.hash,
    }


def inbox(session: Session, limit: int, state: str = "", chosen: Sequence[ColumnElement[bool]] = ()) -> dict[str, Any]:
    """Raw deliveries, newest first, and how many there are of each state. `chosen`: only these; `limit` 0 means all."""
    query = select(Inbound, Shop.name).join(Shop, Shop.id == Inbound.shop_id).where(*chosen).order_by(Inbound.id.desc()).limit(limit or None)
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
    """One raw delivery whole: headers, body, where it failed, and what came of it."""
    found = session.execute(select(Inbound, Shop.name).join(Shop, Shop.id == Inbound.shop_id).where(Inbound.id == inbound_id)).first()
    if found is None:
        return None
    row, shop = found
    body = row.body.decode("utf-8", "backslashreplace") if row.body is not None else None
    came_of_it = select(EventRow.kind, EventRow.order_ref, EventRow.at).where(EventRow.inbound_id == inbound_id).order_by(EventRow.id)
    events = [{"event": kind, "order": ref, "at": _iso(at)} for kind, ref, at in session.execute(came_of_it)]
    order = ledger(session, row.order_ref, 0, row.shop_id)["effects"] if row.order_ref else []
    return {
        **_delivery(row, shop),
        "shop_id": row.shop_id,
        "headers": row.headers,
        "body": body,
        "failure": row.failure,
        "trace": row.trace,
        "not_before": _iso(row.not_before),
        "done_at": _iso(row.done_at),
        "events": events,
        "effects": [{name: one[name] for name in ("id", "followup", "kind", "state", "reason", "due_at", "done_at")} for one in order],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
