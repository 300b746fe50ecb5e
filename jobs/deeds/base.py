"""What one kind of write consists of, and how one is written down as an effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops import SHOPS
from connectors.shops.writes import Done, Write
from postventa import effects
from postventa.clock import now
from postventa.followups.base import Basis
from postventa.models import Effect, Order, ShopToken
from postventa.returns.numbers import ALPHABET
from postventa.shops import ConnectedShop


class NoKeys(Exception):
    """The shop gave us no keys to write with."""


def _nothing(session: Session, effect: Effect, done: Done) -> None:
    """Nothing more follows."""


def _no_more(session: Session, effect: Effect) -> None:
    """Nor that."""


def _at_once(session: Session, effect: Effect, order: Order | None) -> str:
    return ""


def _still(session: Session, effect: Effect, order: Order | None) -> str:
    return "the shop threw the order away" if order is not None and order.trashed else ""


@dataclass(frozen=True)
class Deed:
    """`name`: the effect's `followup`.

    `wanted` says what is to be written, from the ledger. `unwanted` says why it is not called for any more, empty if it is; what was tried before is
    looked for all the same. `waits` says what has to be written before it, empty if nothing. `after` keeps what the shop answered, in the transaction
    that marks it as done, and `lost` follows in the one that gives it up; the effect's order is locked then.
    """

    name: str
    wanted: Callable[[Session, Effect, Order | None], Write]
    unwanted: Callable[[Session, Effect, Order | None], str] = _still
    after: Callable[[Session, Effect, Done], None] = _nothing
    waits: Callable[[Session, Effect, Order | None], str] = _at_once
    lost: Callable[[Session, Effect], None] = _no_more


def able(session: Session, shop: ConnectedShop, kind: type[Write]) -> bool:
    """Whether that can be written into the shop: its platform has a place for it, it gave us keys, and they are not known to lack the right."""
    if not shop.settings.has_api_keys:
        return False
    app = shop.settings.through_app
    scopes = session.scalar(select(ShopToken.scopes).where(ShopToken.shop_id == shop.id)) if app else None
    return SHOPS[shop.platform].takes(kind, scopes or None)


def key_of(shop: ConnectedShop, order: Order, name: str, key: str) -> str:
    """The effect's key: one for each wish."""
    return f"{shop.key}:{order.ref}:{name}:{key}"


def plan(session: Session, shop: ConnectedShop, name: str, key: str, order: Order, wanted: dict[str, Any], **more: Any) -> Effect | None:
    """Write it down; None when that `key` is known for this order. `more`: `at`, `due_at`, `recipient`, `subject_ref`. Raises `NoKeys`."""
    if not shop.settings.has_api_keys:
        raise NoKeys(f"{shop.settings.name} gave us no keys for its API: connect it with keys that may write")
    at: datetime = more.pop("at", None) or now()
    return effects.plan(
        session,
        key=key_of(shop, order, name, key),
        shop_id=shop.id,
        order_id=order.id,
        kind="write",
        followup=name,
        legal_basis=Basis.OPERATIONAL,
        at=at,
        data={"wanted": wanted},
        **{"recipient": "", "due_at": now(), **more},
    )


def is_planned(session: Session, shop: ConnectedShop, order: Order, name: str, key: str) -> bool:
    """Whether that key is known for this order."""
    return session.scalar(select(Effect.id).where(Effect.key == key_of(shop, order, name, key))) is not None


def follow(session: Session, before: Effect, name: str, key: str, wanted: dict[str, Any]) -> Effect | None:
    """What follows from a write that was done, for the same order and whom it was for; None when that `key` is known."""
    about, _, _ = before.key.partition(f":{before.followup}:")
    return effects.plan(
        session,
        key=f"{about}:{name}:{key}",
        shop_id=before.shop_id,
        order_id=before.order_id,
        kind="write",
        followup=name,
        legal_basis=before.legal_basis,
        at=now(),
        due_at=now(),
        recipient=before.recipient,
        subject_ref=key,
        data={"wanted": wanted},
    )


def reference(key: str) -> str:
    """`PV-7K3M9Q2XA4`: the same for every try of one effect, so that a shop's people and we find what it wrote."""
    digest = int.from_bytes(hashlib.sha256(f"postventa/write/1:{key}".encode()).digest()[:7])
    return "PV-" + "".join(ALPHABET[digest >> 5 * place & 31] for place in range(10))


def told(effect: Effect) -> dict[str, Any]:
    """What was planned, as it was planned."""
    wanted = effect.data["wanted"]
    if not isinstance(wanted, dict):
        raise TypeError(f"effect {effect.id} does not say what is to be written")
    return wanted


def pairs(listed: Any) -> tuple[tuple[str, int], ...]:
    """`[["line", 2], ...]` as tuples."""
    return tuple((str(ref), int(quantity)) for ref, quantity in listed)
