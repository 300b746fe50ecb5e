"""Links to an order's own pages (where it is; sending something back): derived, so that a mail costs no statement for them, and nothing is stored.

A token is 256 bits that only the service's secret gives (`links.token`), and the order's number behind a mask that the same secret gives: from the
token alone nobody learns how many orders there are. A copy of the database opens no page. What is stored of a token is its hash, and only once it was
revoked. Links that somebody asked for (`jobs/look_up.py`) are rows with a purpose and an end of their own (`links.issue`), under the same address.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa import links
from postventa.effects import insert_once
from postventa.models import Link, Order, Parcel, Shop

PURPOSE = "track"
RETURN = "return"
PURPOSES = (PURPOSE, RETURN)
"""What such links are for; one for the one opens nothing of the other."""
LIVES = timedelta(days=60)
"""After the last parcel's delivery (promises.md 4)."""
NEVER_DELIVERED = timedelta(days=180)
"""After the last sign of life of an order of which no delivery was ever told."""
ASKED_LIVES = timedelta(days=7)
"""At least so long a link lives that somebody asked for, however old the order is."""
MASK = b"postventa/track-mask/1"
LENGTH = 40
"""Bytes of a token: the proof, and the masked number."""


@dataclass(frozen=True)
class Tracked:
    """What a link leads to. `over`: it was ours, and opens nothing any more."""

    order: Order
    over: bool


def token(secret: bytes, shop_key: str, order_ref: str, order_id: int, purpose: str = PURPOSE) -> str:
    """The token of the order's page for that purpose: always the same one."""
    proof = links.proof(secret, purpose, f"{shop_key}:{order_ref}")
    return base64.urlsafe_b64encode(proof + _masked(secret, proof, order_id).to_bytes(8)).rstrip(b"=").decode()


def find(session: Session, secret: bytes, given: str, now: datetime, purpose: str = PURPOSE) -> Tracked | None:
    """The order behind a token for its page of that purpose; None for what never was one, or is for something else."""
    if not 0 < len(given) <= links.MAX_TOKEN:
        return None
    row = session.scalar(select(Link).where(Link.token_hash == links.fingerprint(given)))
    if row is not None and row.purpose != purpose:
        return None
    order = session.get(Order, row.order_id) if row is not None and row.order_id is not None else _derived(session, secret, given, purpose)
    if order is None or (row is not None and order.shop_id != row.shop_id):
        return None
    ended = not links.alive(row, now) if row is not None else now >= ends_at(session, order)
    return Tracked(order, ended)


def revoke(session: Session, secret: bytes, order: Order, now: datetime) -> None:
    """No link to this order's pages opens them any more: neither those of its mails nor those that were asked for."""
    shop = session.get_one(Shop, order.shop_id)
    common = {"shop_id": order.shop_id, "order_id": order.id, "email": "", "data": {}, "created_at": now}
    for purpose in PURPOSES:
        derived = links.fingerprint(token(secret, shop.key, order.ref, order.id, purpose))
        session.execute(insert_once(session, Link, {**common, "token_hash": derived, "purpose": purpose}, ["token_hash"]))
    for row in session.scalars(select(Link).where(Link.order_id == order.id, Link.purpose.in_(PURPOSES), Link.revoked_at.is_(None))):
        row.revoked_at = now


def ends_at(session: Session, order: Order) -> datetime:
    """When the links of its mails open nothing any more."""
    parcels = [parcel for parcel in session.scalars(select(Parcel).where(Parcel.order_id == order.id)) if not parcel.cancelled]
    delivered = [parcel.delivered_at for parcel in parcels]
    if (last := max((moment for moment in delivered if moment), default=None)) and all(delivered):
        return last + LIVES
    signs = [order.placed_at, order.prepared_at, order.completed_at, order.cancelled_at, last, *(parcel.dispatched_at for parcel in parcels)]
    return max((moment for moment in signs if moment), default=order.seen_at) + NEVER_DELIVERED


def _derived(session: Session, secret: bytes, given: str, purpose: str) -> Order | None:
    try:
        raw = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except (ValueError, binascii.Error):
        return None
    if len(raw) != LENGTH:
        return None
    number = _masked(secret, raw[:32], int.from_bytes(raw[32:]))
    order = session.get(Order, number) if 0 < number < 2**63 else None
    if order is None:
        return None
    shop = session.get_one(Shop, order.shop_id)
    right = token(secret, shop.key, order.ref, order.id, purpose)
    return order if hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")) else None


def _masked(secret: bytes, proof: bytes, number: int) -> int:
    """Puts the mask on, or takes it off."""
    return number ^ int.from_bytes(hmac.digest(secret, MASK + b"\0" + proof, "sha256")[:8])
