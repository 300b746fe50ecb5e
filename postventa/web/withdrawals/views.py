"""/withdrawals: all that are open, each with its clock; one of them with its evidence; and the form for what came by other ways."""

from __future__ import annotations

import secrets
from typing import Any

from flask import request
from flask.wrappers import Response
from sqlalchemy import select

from postventa import addresses
from postventa.accounts.roles import Right
from postventa.clock import now
from postventa.grounds import Ground
from postventa.locale import languages
from postventa.locale.formats import language_name, zone_of
from postventa.models import Shop
from postventa.models.db import reading
from postventa.shops import still_known
from postventa.web.portal.page import _, services
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t
from postventa.web.withdrawals.page import CHANNELS, found, render, shown
from postventa.withdrawal import numbers, store
from postventa.withdrawal.words import LATE, ground

SAVED = {
    "join": _("Unido a su pedido."),
    "pay": _("Se lo hemos pedido a la tienda: cuando lo confirme, constará aquí."),
    "again": _("Ya estaba pedido: no se devuelve dos veces."),
    "refunded": _("Marcado como devuelto."),
    "refuse": _("Marcado como no procedente."),
    "reopen": _("Abierto de nuevo."),
    "proof": _("Anotado: el dinero ya no se puede retener."),
    "receipt": _("Anotado: el cliente tiene su acuse de recibo."),
    "note": _("Nota guardada."),
    "added": _("Anotado. El acuse de recibo sale ahora por correo."),
}
OTHERS = [name for name in CHANNELS if name not in ("page", "link")]
SEES = Right.RETURNS_DECIDE


@require(SEES)
def index() -> Response:
    """The open ones, the oldest first; below them those that are over."""
    with reading(services().engine) as session:
        ids = session.scalars(select(Shop.id)).all()
        open_ones = [shown(session, row) for row in store.of_shops(session, ids)]
        over = [shown(session, row) for row in store.of_shops(session, ids, settled=True, limit=50)]
    return render("index.html", open_ones=open_ones, over=over)


@require(SEES)
def one(ref: str) -> Response:
    """All about one of them."""
    return page(ref)


def page(ref: str, problem: str = "", status: int = 200) -> Response:
    """The same, after something could not be done."""
    with reading(services().engine) as session:
        it = shown(session, found(session, ref))
    saved = SAVED.get(request.args.get("saved", ""), "")
    grounds = [(LATE, t("Llegó fuera de plazo")), *((which.value, ground(language(), which)) for which in Ground)]
    printed = f"{it.row.ref}/{numbers.page_key(services().secret, it.row.ref)}"
    known = {"grounds": grounds, "printed": printed, "public": _public(it.shop.id)}
    return render("one.html", status, x=it, problem=problem, saved=t(saved) if saved else "", **known)


@require(SEES)
def new() -> Response:
    """A form for what came by mail, by post or by telephone."""
    return form({})


def form(filled: dict[str, str], problem: str = "", status: int = 200) -> Response:
    """The same, after something was missing."""
    with reading(services().engine) as session:
        shops = [still_known(row, services().settings) for row in session.scalars(select(Shop).order_by(Shop.name, Shop.id))]
    here = now().astimezone(zone_of(shops[0].settings.timezone)) if shops else now()
    known: dict[str, Any] = {"key": secrets.token_hex(16), "shops": shops, "others": OTHERS, "today": f"{here:%Y-%m-%dT%H:%M}", "filled": filled}
    return render("new.html", status, problem=problem, languages=_languages(), **known)


def _languages() -> list[tuple[str, str]]:
    return [(tag, language_name(tag, language())) for tag in languages()]


def _public(shop_id: int) -> str:
    with reading(services().engine) as session:
        row = session.get_one(Shop, shop_id)
    return addresses.public_name(services().secret, row.id, row.name)
