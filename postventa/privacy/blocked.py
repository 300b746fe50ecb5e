"""What the law has the merchant keep after an erasure: locked away, used for nothing, and destroyed on its day.

Spain (LOPDGDD, art. 32): data that are erased are blocked first, for judges, prosecutors and authorities only, until claims have expired. Claims
from a sale: five years (TRLGDCU, art. 124).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from postventa import vault
from postventa.clock import now
from postventa.effects import insert_once
from postventa.models import BlockedData, Order

YEAR = timedelta(days=365.25)
WHO = ("email", "first_name", "last_name", "phone", "note", "shipping_address", "billing_address")
"""What an erasure takes from an order, and what could prove whose it was."""


def block(session: Session, secret: bytes, order: Order, words: Mapping[str, Any], years: int, case_id: int | None) -> bool:
    """Lock away whose order it is before that is erased. `words`: what else would be lost. False: nothing has to be kept (any more)."""
    until = _end(order, years)
    if until <= now() or not any(getattr(order, name) for name in WHO):
        return False
    told = {name: getattr(order, name) for name in WHO} | {"ref": order.ref, "number": order.number} | dict(words)
    values: dict[str, Any] = {"shop_id": order.shop_id, "order_id": order.id, "case_id": case_id, "blocked_at": now(), "until": until}
    values["sealed"] = vault.seal(secret, told, _where(order.shop_id, order.id))
    session.execute(insert_once(session, BlockedData, values, ["shop_id", "order_id"]))
    return True


def opened(session: Session, secret: bytes, shop_id: int, order_id: int) -> dict[str, Any]:
    """For a court or an authority that asks; whoever calls this writes into the audit log who that was. Raises `LookupError`."""
    row = session.scalars(select(BlockedData).where(BlockedData.shop_id == shop_id, BlockedData.order_id == order_id)).first()
    if row is None:
        raise LookupError("nothing is blocked for this order: it was not erased, or its time is over")
    return vault.unseal(secret, row.sealed, _where(shop_id, order_id)) | {"until": row.until.isoformat()}


def destroy(session: Session) -> Sequence[int]:
    """What has to be kept no longer is gone for good; the orders, by our number."""
    over = delete(BlockedData).where(BlockedData.until <= now()).returning(BlockedData.order_id)
    return session.scalars(over.execution_options(synchronize_session=False)).all()


def destroy_of(session: Session, shop_id: int) -> None:
    """All of one shop's: who only keeps data for a merchant gives them up with the contract (GDPR, art. 28(3)(g))."""
    session.execute(delete(BlockedData).where(BlockedData.shop_id == shop_id).execution_options(synchronize_session=False))


def _end(order: Order, years: int) -> datetime:
    return (order.placed_at or order.created_at or order.seen_at) + years * YEAR


def _where(shop_id: int, order_id: int) -> str:
    return f"blocked_data:{shop_id}:{order_id}"
