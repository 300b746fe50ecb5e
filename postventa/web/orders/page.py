"""What the pages about orders share: which order, who asks, money and times as the reader writes them, and pictures of what was bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote, urlsplit

from flask import abort
from flask.wrappers import Response
from sqlalchemy.orm import Session

from postventa import shops
from postventa.accounts.sessions import Visitor
from postventa.locale import formats
from postventa.models import Order, Shop
from postventa.shops import ConnectedShop
from postventa.web.orders import words
from postventa.web.portal.page import services
from postventa.web.staff import headers
from postventa.web.staff.page import language, show, visitor

POLICY = "Content-Security-Policy"


@dataclass(frozen=True)
class Found:
    """An order and its shop; `shop`: with its settings, None if it is disconnected or gone from the configuration."""

    order: Order
    row: Shop
    shop: ConnectedShop | None

    @property
    def name(self) -> str:
        """What people call the order."""
        return self.order.number or self.order.ref

    @property
    def mailto(self) -> str:
        """The customer's address as a link (RFC 6068)."""
        return f"mailto:{quote(self.order.email, safe='@')}"

    @property
    def zone(self) -> str:
        """The shop's time zone."""
        return str(self.row.settings.get("timezone") or "UTC")

    @property
    def writes(self) -> bool:
        """Whether anything can be written into its shop."""
        return self.shop is not None and self.shop.settings.has_api_keys

    def when(self, moment: datetime) -> str:
        """A moment as the shop's people read it off their clock."""
        return f"{formats.date(moment, self.zone, language())}, {formats.clock(moment, self.zone, language())}"

    def money(self, amount: Decimal) -> str:
        """A sum in the order's currency."""
        return formats.money(amount, self.order.currency, language())


def found(session: Session, number: int) -> Found:
    """The order of that number; ends the request with 404."""
    order = session.get(Order, number) if number < 2**63 else None
    if order is None:
        abort(404)
    row, service = session.get_one(Shop, order.shop_id), services()
    return Found(order, row, shops.connected(row, service.settings, service.secret))


def writable(session: Session, number: int) -> tuple[Found, ConnectedShop]:
    """The same, if its shop can be written to; ends the request with 404."""
    it = found(session, number)
    if it.shop is None or not it.writes:
        abort(404)
    return it, it.shop


def render(template: str, status: int = 200, *, pictures: Iterable[str] = (), **values: object) -> Response:
    """A page of this package's. `pictures`: addresses that it shows pictures from."""
    return pictured(show(f"orders/{template}", status, stages=words.STAGES, **values), pictures)


def pictured(response: Response, pictures: Iterable[str]) -> Response:
    """The page, allowed to show pictures from those addresses."""
    hosts = sorted({host for url in pictures if (host := _host(url))})
    if hosts:
        response.headers[POLICY] = headers.ALWAYS[POLICY].replace("img-src 'self' data:", f"img-src 'self' data: {' '.join(hosts)}")
    return response


def picture(url: str) -> str:
    """The address, if it can be shown: over TLS, so that nobody on the way learns what was bought."""
    return url if _host(url) else ""


def _host(url: str) -> str:
    """`https://cdn.example` of an address; empty for what is none, or would say more to a browser than an address."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    safe = bool(name) and all(char.isascii() and (char.isalnum() or char in "-.") for char in name)
    return f"https://{name}{f':{port}' if port else ''}" if parts.scheme == "https" and safe else ""


def me() -> Visitor:
    """Who asks."""
    known = visitor()
    assert known is not None
    return known


def actor() -> str:
    """Who asks, as the audit log names them."""
    return f"account:{me().account.id}"
