"""Whose page it is, in which language, and which order a mail's link proves: read anew with every request, as nothing is kept in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import abort, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa import addresses, track_links
from postventa.clock import now
from postventa.grounds import Ground
from postventa.locale import languages
from postventa.models import Order, OrderLine, Parcel, Shop
from postventa.shops import ConnectedShop, still_known
from postventa.web.portal.page import Face, face, services
from postventa.withdrawal import numbers
from postventa.withdrawal.official import Labels, labels

AFTER_DELIVERY, AT_MOST = timedelta(days=60), timedelta(days=425)
"""How long a mail's link fills the form in: after the last delivery, or since the order while that is not known; the form itself is always there."""


@dataclass(frozen=True)
class Line:
    """Something that was bought, as the form offers it."""

    ref: str
    title: str
    variant: str
    quantity: int
    ground: Ground | None
    """Why the merchant says that it cannot be withdrawn from."""

    @property
    def name(self) -> str:
        """Product and variant, once."""
        return f"{self.title} · {self.variant}" if self.variant and self.variant not in self.title else self.title


@dataclass(frozen=True)
class Visit:
    """One request for the function."""

    name: str
    """The shop in addresses."""
    shop: ConnectedShop
    face: Face
    labels: Labels
    link: str = ""
    """What the link carried, if it holds."""
    order: Order | None = None
    proven: bool = False
    """Whether the link was a mail's: then she reads the order's mail, and the form may say what it knows of her."""
    lines: tuple[Line, ...] = ()

    @property
    def language(self) -> str:
        return self.face.language


def visit(session: Session, name: str) -> Visit:
    """Abort with 404 for a name that is no shop's. One that left is still found: its customers' rights go on."""
    number = addresses.shop_number(services().secret, name)
    row = session.get(Shop, number) if number is not None else None
    if row is None:
        abort(404)
    shop = still_known(row, services().settings)
    link = request.values.get("o", "")[:200]
    order, lines, proven = _ordered(session, shop, link)
    shown = face(row, order)
    shown = g.face = replace(shown, language=_language(shown, order))
    words = labels(shown.language, shop.settings.withdrawal.label, shop.settings.locale)
    offered = tuple(_line(shop, line) for line in lines)
    return Visit(name, shop, shown, words, link if order is not None else "", order, proven, offered)


def _language(shown: Face, order: Order | None) -> str:
    """What she chose, else the order's, else her browser's, else the shop's."""
    chosen = request.values.get("lang", "")
    if chosen in languages():
        return chosen
    return shown.language if order is not None and order.locale else request.accept_languages.best_match(languages()) or shown.language


def _ordered(session: Session, shop: ConnectedShop, link: str) -> tuple[Order | None, Sequence[OrderLine], bool]:
    """The order whose mail or page led here, with its lines, and whether it was the mail."""
    number, _, key = link.partition(".")
    order = session.get(Order, int(number)) if number.isdecimal() and len(number) < 19 else None
    if order is None or order.shop_id != shop.id or order.erased_at is not None or order.test:
        return None, (), False
    mails = numbers.same(numbers.link_key(services().secret, shop.key, order.ref, order.email), key)
    if not (mails or _from_its_page(session, shop, order, key)) or now() > _end(session, order):
        return None, (), False
    return order, session.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)).all(), mails


def _from_its_page(session: Session, shop: ConnectedShop, order: Order, key: str) -> bool:
    """Whether the order's own page led here, which opens as ever: whoever took its links back took this one back, too."""
    secret = services().secret
    if not numbers.same(numbers.page_link_key(secret, shop.key, order.ref), key):
        return False
    page = track_links.find(session, secret, track_links.token(secret, shop.key, order.ref, order.id), now())
    return page is not None and not page.over


def _end(session: Session, order: Order) -> datetime:
    """When the link fills in no more."""
    times = session.scalars(select(Parcel.delivered_at).where(Parcel.order_id == order.id)).all()
    came = [moment for moment in times if moment is not None]
    begun = order.placed_at or order.created_at or order.seen_at
    return max(came) + AFTER_DELIVERY if came and len(came) == len(times) else begun + AT_MOST


def _line(shop: ConnectedShop, line: OrderLine) -> Line:
    wishes = shop.settings.withdrawal.exceptions
    return Line(line.ref, line.title, line.variant_title, line.quantity, wishes.get(line.sku) or wishes.get(line.product_ref))
