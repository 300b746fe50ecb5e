"""Who stands at the counter: one order of one shop, by the link of its mails, read anew with every request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import abort, current_app, g, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session

from jobs.world import World
from postventa import shops, track_links
from postventa.clock import now
from postventa.emails.clean import plain
from postventa.locale.formats import zone_of
from postventa.models import Order, OrderLine, ReturnCase, Shop
from postventa.returns import material
from postventa.returns.material import Material
from postventa.returns.policy.store import InForce, in_force
from postventa.returns.quote import Quote, reckon
from postventa.returns.slots import Slot
from postventa.returns.wish import Wish
from postventa.shops import ConnectedShop
from postventa.web.portal import addresses, tongues
from postventa.web.portal.page import Face, _, face, render, services, stranger
from postventa.web.portal.tongues import NAMES, PARAMETER, Tongue
from postventa.web.portal.track import pictures_of
from postventa.web.portal.track_sheet import TITLE, VARIANT, Reader
from postventa.web.returns import pictures
from postventa.withdrawal import numbers
from postventa.withdrawal.official import labels

UNKNOWN = (_("Este enlace no abre ninguna devolución"), _("Puede que esté incompleto. Pide otro: te lo enviamos al correo con el que compraste."))
OVER = (_("Este enlace ya no funciona"), _("Por seguridad los enlaces duran un tiempo. Pide otro y sigue donde lo dejaste."))
SHOWN_BY = {
    "returns.confirm": "returns.choose",
    "returns.reconfirm": "returns.rechoose",
    "returns.change": "returns.case",
    "returns.move": "returns.pickup",
    "returns.hand_in": "returns.sent",
}
"""Where a form is sent to -> the page that shows it."""
CLOSED = (
    _("Esta tienda ya no atiende devoluciones por aquí"),
    _("Escríbele y cuéntale qué quieres devolver: tus derechos siguen siendo los mismos."),
)


class Inside(World):
    """What the jobs' own functions work with inside of a request: the application's connections. Its clock was installed when it started."""

    def __post_init__(self) -> None:
        service = services()
        self.__dict__.update(engine=service.engine, secret=service.secret)


@dataclass(frozen=True)
class Visit:
    """One request of whoever has the order's link."""

    token: str
    row: Shop
    shop: ConnectedShop
    order: Order
    face: Face
    rules: InForce
    known: Material
    case: ReturnCase | None = None
    """The return that she changes; None: she opens one."""
    at: datetime | None = None
    """The day for which the rules are asked, if not now."""
    photos: Mapping[str, int] = field(default_factory=dict)
    """line_ref -> pictures that she has sent of it already."""
    held: Slot | None = None
    """The appointment that she has, and may keep."""

    @property
    def choosing(self) -> str:
        """Where the pages of the choice are."""
        return "returns.choose" if self.case is None else "returns.rechoose"

    @property
    def searching(self) -> str:
        """Where another product is looked for."""
        return "returns.other" if self.case is None else "returns.reother"

    @property
    def named(self) -> dict[str, str]:
        """What their address names besides the order."""
        return {} if self.case is None else {"number": self.case.number}

    @property
    def world(self) -> World:
        return Inside(services().settings)

    @cached_property
    def reader(self) -> Reader:
        """How days and sums are written for her."""
        home, zone = self.shop.settings.country, self.order.timezone or self.shop.settings.timezone
        return Reader(self.face.language, zone, self.order.shipping_address.get("country", "") or home, home, now().astimezone(zone_of(zone)).date())

    @property
    def number(self) -> str:
        return plain(self.order.number or self.order.ref, 40)

    def quote(self, wish: Wish) -> Quote:
        """What the rules say of it. Changes nothing."""
        return reckon(self.rules, self.shop, self.known, wish, self.at or now(), today=now(), held=self.held)

    def line(self, ref: str) -> OrderLine:
        return next(line for line in self.known.lines if line.ref == ref)


@dataclass(frozen=True)
class Named:
    """A line as pages call it."""

    ref: str
    title: str
    variant: str
    image: str


def visit(session: Session, token: str) -> Visit:
    """The order behind the link. Ends the request with a page that says what to do where there is none, or none any more."""
    found = track_links.find(session, services().secret, token, now(), track_links.RETURN)
    order = found.order if found is not None and not _hidden(found.order) else None
    row = session.get_one(Shop, order.shop_id) if order is not None else addresses.only_shop(session)
    g.face = tongues.chosen(face(row, order) if row is not None else stranger())
    if found is None or order is None or row is None:
        abort(_no_order(row, UNKNOWN, 404))
    if found.over:
        abort(_no_order(row, OVER, 410))
    shop = shops.connected(row, services().settings, services().secret)
    if shop is None or shop.disconnected:
        abort(_no_order(None, CLOSED, 410))
    return Visit(token, row, shop, order, g.face, in_force(session, shop), material.load(session, order))


def names(session: Session, it: Visit) -> dict[str, Named]:
    """All lines of the order, with pictures from the shop's own hosts only."""
    found = pictures_of(session, it.row, list(it.known.lines))
    pictures.let_in(found.values())
    return {
        line.ref: Named(line.ref, plain(line.title, TITLE), plain(line.variant_title, VARIANT), found.get(line.ref, "")) for line in it.known.lines
    }


def show(template: str, it: Visit, status: int = 200, *, pairs: list[tuple[str, str]] | None = None, **values: Any) -> Response:
    """A page of this package's. `pairs`: what of the address stays when the language changes."""
    wishes = it.shop.settings.withdrawal
    law_words = labels(it.face.language, wishes.label, it.shop.settings.locale).function
    seen = {"tongues": offer(it, pairs or []), "asked": tongues.asked(), "law_words": law_words}
    return render(f"returns/{template}", it.face, status, it=it, **seen, **values)


def offer(it: Visit, pairs: list[tuple[str, str]]) -> list[Tongue]:
    """The languages, each with this very page."""
    asked = request.endpoint or ""
    endpoint = SHOWN_BY.get(asked, asked)
    return [Tongue(tag, name, address(endpoint, it, [*pairs, (PARAMETER, tag)], **(request.view_args or {}))) for tag, name in NAMES.items()]


def choice(it: Visit, pairs: list[tuple[str, str]]) -> str:
    """A page of the choice: of a new return, or of the one that she changes."""
    return address(it.choosing, it, pairs, **it.named)


def address(endpoint: str, it: Visit, pairs: list[tuple[str, str]], **values: Any) -> str:
    """A page of this order's, in the language that was chosen."""
    told: dict[str, Any] = {}
    for name, value in pairs:
        told.setdefault(name, []).append(value)
    if tongues.asked():
        told.setdefault(PARAMETER, [tongues.asked()])
    return url_for(endpoint, **{**told, **values, "token": it.token})


def law_page(it: Visit) -> str:
    """The withdrawal function with the order filled in; empty if this service has no such page."""
    if "withdraw.form" not in current_app.view_functions:
        return ""
    key = numbers.link_key(services().secret, it.shop.key, it.order.ref, it.order.email)
    return url_for("withdraw.form", shop=addresses.public_name(it.row), o=f"{it.order.id}.{key}", lang=it.face.language)


def _hidden(order: Order) -> bool:
    """Nobody is told of it: the customer's data were erased, or it is no order (any more)."""
    return order.erased_at is not None or order.trashed or order.test


def _no_order(shop: Shop | None, words: tuple[str, str], status: int) -> Response:
    """What there is to say instead, with the way to another link where it is known whose page this is."""
    way = addresses.look_up(shop, "return", tongues.asked()) if shop is not None else ""
    return render("returns/closed.html", g.face, status, title=words[0], text=words[1], way=way)
