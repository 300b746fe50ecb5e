"""Keys of a Shopify shop that an owner typed in, sealed until the shop was asked whether they work. The shop itself is asked by a job.

A row that waits is work: whoever lost the word of it in Redis finds it here. Keys are kept for an hour and not a moment longer than they are needed.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from postventa import vault
from postventa.clock import real_now
from postventa.models import ShopCandidate

LIVES = timedelta(hours=1)
"""Time to add a scope in the Dev Dashboard and to come back."""
KEPT = timedelta(days=1)
"""Rows that ended stay so long, for support; their keys do not."""
LOST = timedelta(minutes=3)
"""A worker that has asked for so long was killed: longer than all questions to a shop may take."""


@dataclass(frozen=True)
class Keys:
    """`client_id` and `client_secret` of an app in the Dev Dashboard, or `access_token` and `client_secret` of an app of the older kind."""

    client_secret: str = field(repr=False)
    client_id: str = ""
    access_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class KeyFinding:
    """One thing that a look at a shop brought up. `name`: its sentence in `postventa/web/shopify/words.py`; `state`: ok | warn | fail."""

    name: str
    state: str
    facts: Mapping[str, str] = field(default_factory=dict)


def add(session: Session, secret: bytes, account: str, domain: str, keys: Keys) -> ShopCandidate:
    """A new one that waits; an older one of that account for that shop is over."""
    mine = (ShopCandidate.account == account, ShopCandidate.domain == domain)
    session.execute(update(ShopCandidate).where(*mine, ShopCandidate.step != "connected").values(step="ended", secrets=None))
    ref = random.token_urlsafe(32)
    row = ShopCandidate(ref=ref, account=account, domain=domain, step="waiting", told={}, expires_at=real_now() + LIVES)
    row.secrets = vault.seal(secret, asdict(keys), _where(ref))
    session.add(row)
    session.flush()
    return row


def find(session: Session, ref: str, account: str, *, to_change: bool = False) -> ShopCandidate | None:
    """That account's."""
    mine = (ShopCandidate.ref == ref, ShopCandidate.account == account)
    query = select(ShopCandidate).where(*mine)
    return session.scalars(query.with_for_update() if to_change else query).one_or_none()


def opened(secret: bytes, row: ShopCandidate) -> Keys:
    """Its keys. Raises `InvalidTag` under another secret, `ValueError` once they are thrown away."""
    if row.secrets is None:
        raise ValueError("its keys are not kept any more")
    return Keys(**vault.unseal(secret, row.secrets, _where(row.ref)))


def is_over(row: ShopCandidate) -> bool:
    """Whether the keys have to be typed in again."""
    return row.step == "ended" or (row.step != "connected" and row.expires_at <= real_now())


def waiting(session: Session) -> list[int]:
    """Those whose shop is to be asked."""
    return list(session.scalars(select(ShopCandidate.id).where(*_waits(real_now())).order_by(ShopCandidate.id)))


def take(session: Session, number: int) -> ShopCandidate | None:
    """To ask its shop now, unless somebody else does."""
    row = session.scalars(select(ShopCandidate).where(ShopCandidate.id == number, *_waits(real_now())).with_for_update()).one_or_none()
    if row is not None:
        row.asked_at = real_now()
        session.flush()
    return row


def tell(session: Session, number: int, asked_at: datetime, findings: Sequence[KeyFinding], about: Mapping[str, Any] | None) -> ShopCandidate | None:
    """Keep what came of it. None: it ended meanwhile, or somebody else asked later."""
    mine = (ShopCandidate.id == number, ShopCandidate.step == "waiting", ShopCandidate.asked_at == asked_at)
    row = session.scalars(select(ShopCandidate).where(*mine).with_for_update()).one_or_none()
    if row is not None:
        row.step, row.told = "told", {"findings": [asdict(one) for one in findings], "about": dict(about) if about else None}
    return row


def again(row: ShopCandidate) -> bool:
    """Have its shop asked once more; whether it can be."""
    if row.step != "told" or is_over(row):
        return False
    row.step, row.asked_at = "waiting", None
    return True


def settle(row: ShopCandidate, shop_id: int) -> None:
    """Its keys are a shop's now, and are kept there only."""
    row.step, row.secrets, row.shop_id = "connected", None, shop_id


def findings(row: ShopCandidate) -> list[KeyFinding]:
    """What was found, in the order in which it was."""
    return [KeyFinding(**one) for one in row.told.get("findings", [])]


def forget(session: Session) -> None:
    """Throw away keys whose hour is over, and rows whose day is."""
    now = real_now()
    over = (ShopCandidate.expires_at <= now, ShopCandidate.step != "connected")
    session.execute(update(ShopCandidate).where(*over).values(step="ended", secrets=None))
    session.execute(delete(ShopCandidate).where(ShopCandidate.expires_at <= now - KEPT))


def _waits(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(ShopCandidate.asked_at.is_(None), ShopCandidate.asked_at <= now - LOST)
    return (ShopCandidate.step == "waiting", ShopCandidate.expires_at > now, free)


def _where(ref: str) -> str:
    return f"shop_candidate:{ref}:secrets"
