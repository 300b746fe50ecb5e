"""How things stand with a Shopify shop, read from the ledger: nobody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.shops import SHOPS
from connectors.shops.base import NativeMail
from connectors.shops.shopify.subscriptions import missing
from jobs.world import rules
from postventa import shop_tokens, shops
from postventa.models import Inbound, Shop
from postventa.shops import ConnectedShop
from postventa.web.shopify.service import Here

State = Literal["well", "lacking", "refused", "gone"]


@dataclass(frozen=True)
class Standing:
    """`lacking`: scopes that were not granted. `last`: when the shop told us something. `doubled`: its own mails that say what ours say."""

    shop: ConnectedShop
    state: State
    lacking: tuple[str, ...] = ()
    last: datetime | None = None
    doubled: tuple[NativeMail, ...] = ()
    left: tuple[NativeMail, ...] = ()
    """Its own mails that have no switch, and that we therefore leave to it."""


def of(session: Session, here: Here, shop: ConnectedShop) -> Standing:
    """One shop's."""
    row = session.get_one(Shop, shop.id)
    held = shop_tokens.held(session, here.secret, shop.id) if shop.settings.through_app else None
    lacking = missing(held.pair.scopes) if held is not None and held.pair.scopes else ()
    its = (Inbound.shop_id == shop.id, Inbound.source == "webhook", Inbound.platform == shop.platform)
    last = select(Inbound.stored_at).where(*its).order_by(Inbound.id.desc()).limit(1)
    off, mails = rules(here.settings, shop).off, SHOPS["shopify"].native_mails
    doubled = tuple(mail for mail in mails if mail.where and mail.followup not in off)
    left = tuple(mail for mail in mails if not mail.where and mail.followup in off)
    return Standing(shop, _state(row, lacking), lacking, session.scalar(last), doubled, left)


def everyone(session: Session, here: Here) -> list[Standing]:
    """All Shopify shops of this installation."""
    known = shops.all_of(session, here.settings, here.secret)
    return [of(session, here, shop) for shop in known if shop.platform == "shopify"]


def _state(row: Shop, lacking: tuple[str, ...]) -> State:
    if row.disconnected_at is not None:
        return "gone"
    if row.api_refused_at is not None:
        return "refused"
    return "lacking" if lacking else "well"
