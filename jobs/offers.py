"""What a customer may choose from, with prices and stock of right now: a page asks, a job puts it to the shop, the page reads the answer.

A question is an effect like any other (`jobs/refetch.py`), so no request of ours waits for a shop, and one that is in trouble is not asked again and
again. Whoever asks the same within `SLOT` gets the same answer: nobody can keep a shop busy with a button.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops.base import ShopClient
from jobs import at_once
from postventa.clock import now
from postventa.eventlog import plain
from postventa.events import ProductSnapshot, VariantSnapshot
from postventa.models import Effect, State
from postventa.shops import ConnectedShop

KINDS, SEARCH = "fetch_kinds", "fetch_search"
NAMES = (KINDS, SEARCH)
SLOT = timedelta(minutes=5)
LONGEST = 100
"""Of what somebody looks for, in letters."""


class Unanswered(Exception):
    """The shop does not say: why, for the people who work with it."""


def ask_kinds(session: Session, shop: ConnectedShop, product_ref: str, country: str = "") -> Effect | None:
    """Ask what the product comes in. `country`: the buyer's. None: that is being asked already, or the shop gave us no keys."""
    return _ask(session, shop, KINDS, product_ref, country)


def kinds(session: Session, shop: ConnectedShop, product_ref: str, country: str = "") -> tuple[VariantSnapshot, ...] | None:
    """The answer, at most two slots old; empty: the product is gone. None: there is none yet. Raises `Unanswered`."""
    told = _told(session, shop, KINDS, product_ref, country)
    return None if told is None else tuple(map(_kind, told))


def ask_search(session: Session, shop: ConnectedShop, text: str) -> Effect | None:
    """Look for products on sale by a few words. None: that is being asked already, or the shop gave us no keys."""
    return _ask(session, shop, SEARCH, _words(text), "")


def found(session: Session, shop: ConnectedShop, text: str) -> tuple[ProductSnapshot, ...] | None:
    """What was found, without kinds. None: there is no answer yet. Raises `Unanswered`."""
    told = _told(session, shop, SEARCH, _words(text), "")
    return None if told is None else tuple(ProductSnapshot(**{**one, "categories": (), "variants": ()}) for one in told)


def question(client: ShopClient, effect: Effect) -> list[dict[str, Any]]:
    """Put it to the shop; the answer as it is kept. Raises `ConnectorError`."""
    if effect.followup == KINDS:
        return [plain(kind) for kind in client.variants(effect.subject_ref, str(effect.data.get("country", "")))]
    return [plain(one) for one in client.search_products(effect.subject_ref)]


def keep(effect_id: int, told: list[dict[str, Any]], session: Session) -> str:
    """Write the answer to its question."""
    effect = session.get_one(Effect, effect_id)
    effect.data = {**effect.data, "told": told}
    session.flush()
    return f"{len(told)} to choose from"


def _ask(session: Session, shop: ConnectedShop, name: str, about: str, country: str) -> Effect | None:
    return at_once.question(session, shop, _key(shop, name, about, country, _slot()), name, about, country=country) if about else None


def _told(session: Session, shop: ConnectedShop, name: str, about: str, country: str) -> list[Any] | None:
    """The answer of this slot, or of the one before while that is all there is."""
    latest = _slot()
    keys = [_key(shop, name, about, country, slot) for slot in (latest, latest - 1)]
    known = {effect.key: effect for effect in session.scalars(select(Effect).where(Effect.key.in_(keys)))}
    asked = [known[key] for key in keys if key in known]
    for effect in asked:
        told = effect.data.get("told")
        if isinstance(told, list):
            return told
    if asked and asked[0].state in (State.CANCELLED, State.DEAD):
        raise Unanswered(asked[0].reason)
    return None


def _key(shop: ConnectedShop, name: str, about: str, country: str, slot: int) -> str:
    return f"{shop.key}:{about}:{name}:{country}:{slot}"


def _slot() -> int:
    return int(now().timestamp() // SLOT.total_seconds())


def _words(text: str) -> str:
    return " ".join(text.lower().split())[:LONGEST]


def _kind(told: dict[str, Any]) -> VariantSnapshot:
    options = tuple((str(name), str(value)) for name, value in told["options"])
    return VariantSnapshot(**{**told, "options": options, "price": None if told["price"] is None else Decimal(told["price"])})
