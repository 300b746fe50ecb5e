"""Holding a shop's mails back, all or those of one follow-up, and letting them go: the same for a command and for a page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from postventa import audit
from postventa.clock import now
from postventa.models import Effect, Shop


def hold(session: Session, shop_id: int, held: bool, actor: str, *, followup: str = "", reason: str = "") -> None:
    """`followup` empty: all its mails. What waited only for this is looked at again at once. It is written down who did it."""
    row = session.get_one(Shop, shop_id, with_for_update=True, populate_existing=True)
    before = _held(row)
    if followup:
        row.held_followups = sorted({*row.held_followups, followup} if held else set(row.held_followups) - {followup})
    else:
        row.hold = held
    if not held:
        waiting = (Effect.shop_id == shop_id, Effect.state == "planned", Effect.reason.like("on hold:%"))
        session.execute(update(Effect).where(*waiting).values(due_at=now(), reason=""))
    change = {"before": before, "after": _held(row)}
    audit.record(session, actor, "shop.hold" if held else "shop.release", shop_id=shop_id, subject=f"shop {shop_id}", reason=reason, **change)


def _held(row: Shop) -> dict[str, Any]:
    return {"hold": row.hold, "held_followups": list(row.held_followups)}
