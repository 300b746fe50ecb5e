"""Shops by their public names, and links from one customer page to another: the one place that builds them."""

from __future__ import annotations

from flask import current_app, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa import addresses
from postventa.models import Shop
from postventa.web.portal.page import services

RETURNS = "returns.entry"
"""The endpoint of `/returns/<shop>`; pages offer it only if it is there."""


def public_name(shop: Shop) -> str:
    """What stands for the shop in addresses: `zapateria-mara-7kqxvp`. Never its key."""
    return addresses.public_name(services().secret, shop.id, shop.name)


def shop_by_public_name(session: Session, name: str) -> Shop | None:
    """The shop that is meant; None if there is no such name, or the shop was disconnected."""
    number = addresses.shop_number(services().secret, name)
    shop = session.get(Shop, number) if number is not None else None
    return shop if shop is not None and shop.disconnected_at is None else None


def only_shop(session: Session) -> Shop | None:
    """The shop that everybody means who names none: the only one that there is."""
    two = session.scalars(select(Shop).where(Shop.disconnected_at.is_(None)).order_by(Shop.id).limit(2)).all()
    return two[0] if len(two) == 1 else None


def look_up(shop: Shop, purpose: str = "", lang: str = "", number: str = "") -> str:
    """Where a customer of that shop asks for a link. `purpose`: "return" for words about returning; `lang`: the language that was chosen;
    `number`: the order's, as whoever linked us knows it."""
    return url_for("portal.look_up", shop=public_name(shop), purpose=purpose or None, lang=lang or None, number=number or None)


def returns(shop: Shop, lang: str = "") -> str:
    """Where that shop takes things back; empty if this service has no such page."""
    return url_for(RETURNS, shop=public_name(shop), lang=lang or None) if RETURNS in current_app.view_functions else ""
