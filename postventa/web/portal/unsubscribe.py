"""/unsubscribe/<token>: stop a kind of mail, with one click in the mail programme (RFC 8058) or with a button here.

These links never expire. GET and HEAD change nothing: mail scanners open every link.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import abort, g, make_response, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from postventa import effects, links
from postventa.models import Order, Shop, Suppression
from postventa.models.db import reading, transaction
from postventa.web.portal import guard
from postventa.web.portal.page import Face, _, face, render, services

PURPOSE = "unsubscribe"
REASON = "unsubscribed"
MAX_FORM = 16 * 1024
WORDS = {
    "reviews": {
        "ask": _("¿Dejamos de pedirte opiniones?"),
        "detail": _("{shop} no volverá a escribir a {email} para pedir una opinión. Los avisos de tus pedidos te seguirán llegando."),
        "button": _("No pedirme más opiniones"),
        "done": _("Hecho: no te pediremos más opiniones"),
    },
    "marketing": {
        "ask": _("¿Dejamos de enviarte novedades?"),
        "detail": _("{shop} no volverá a escribir a {email} con novedades ni sugerencias. Los avisos de tus pedidos te seguirán llegando."),
        "button": _("No enviarme más novedades"),
        "done": _("Hecho: no te enviaremos más novedades"),
    },
}
"""By category of suppression."""


@dataclass(frozen=True)
class Wish:
    """Whose mail of which kind a link can stop."""

    shop_id: int
    email: str
    category: str
    face: Face
    stopped: bool = False
    can_undo: bool = False


def show(token: str) -> Response:
    """Ask, or tell that it is done and offer to undo it. Changes nothing."""
    with reading(services().engine) as session:
        wish = _wish(session, token)
    known: dict[str, Any] = {"words": WORDS[wish.category], "email": mask(wish.email), "seal": guard.seal(PURPOSE, token)}
    return render("unsubscribe.html", wish.face, wish=wish, token=token, undone="undone" in request.args, **known)


def decide(token: str) -> Response | Redirect:
    """Stop the mails at once: for the mail programme without page, cookie or redirect, for the button with the page's seal. Or undo it."""
    request.max_content_length = MAX_FORM
    one_click = request.form.get("List-Unsubscribe", "").strip().lower() == "one-click"
    with transaction(services().engine) as session:
        wish = _wish(session, token)
        if not one_click:
            guard.insist(PURPOSE, token)
        undo = not one_click and request.form.get("do") == "undo"
        _resume(session, wish) if undo else _stop(session, wish)
    if one_click:
        return make_response("", 200)
    return redirect(url_for("portal.unsubscribe", token=token, undone=1 if undo else None), 303)


def mask(email: str) -> str:
    """Enough to recognise one's own address, not enough to learn somebody's: `a•••@correo.example`."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}•••{at}{domain}" if at else "•••"


def _wish(session: Session, token: str) -> Wish:
    """Abort with 404 unless the token is one of ours for this purpose."""
    link = links.known(session, token, PURPOSE)
    if link is None or not link.email:
        abort(404)
    shop = session.get_one(Shop, link.shop_id)
    order = session.get(Order, link.order_id) if link.order_id is not None else None
    g.face = face(shop, order)
    told = str(link.data.get("category") or "")
    wish = Wish(link.shop_id, link.email.strip().lower(), told if told in WORDS else "marketing", g.face)
    row = _row(session, wish)
    return wish if row is None or row.until is not None else replace(wish, stopped=True, can_undo=row.reason == REASON)


def _row(session: Session, wish: Wish) -> Suppression | None:
    mine = (Suppression.shop_id == wish.shop_id, Suppression.email == wish.email, Suppression.category == wish.category)
    return session.scalar(select(Suppression).where(*mine))


def _stop(session: Session, wish: Wish) -> None:
    """Once, and for good: a pause that stood there before has no end any more."""
    effects.suppress_address(session, wish.shop_id, wish.email, wish.category, REASON)
    row = _row(session, wish)
    if row is not None and row.until is not None:
        row.until, row.reason = None, REASON


def _resume(session: Session, wish: Wish) -> None:
    """Takes back only what the customer asked for: an address that bounced stays as it is."""
    row = _row(session, wish)
    if row is not None and row.reason == REASON:
        session.delete(row)
