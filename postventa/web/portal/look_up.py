"""/track/<shop>: ask for the link to an order with its number and address.

The answer is one page for everybody, in the same time: nothing is looked up here (`jobs/look_up.py` does, and mails the order's own address).
"""

from __future__ import annotations

import re
from datetime import timedelta

from flask import abort, g, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from postventa.accounts.limits import network
from postventa.clock import now, real_now
from postventa.models import LookUp, Shop
from postventa.models.db import reading, transaction
from postventa.web.portal import addresses, guard, look_up_limits, tongues
from postventa.web.portal.page import _, face, render, services
from postventa.web.portal.review_form import clean

PURPOSE = "look_up"
PURPOSES = ("track", "return")
MAX_FORM = 16 * 1024
MAX_NUMBER, MAX_EMAIL = 60, 254
EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")
WORDS = {
    "track": (_("¿Dónde está tu pedido?"), _("Dinos el número y el correo con el que compraste. Te enviamos un enlace que lo abre sin contraseña.")),
    "return": (_("¿Quieres devolver algo?"), _("Dinos el número y el correo con el que compraste. Te enviamos un enlace para elegir qué devuelves.")),
}
"""By purpose: (title, what happens)."""
NO_NUMBER = _("Falta el número de pedido. Lo tienes en cualquiera de nuestros correos.")
NO_EMAIL = _("Esa dirección de correo no está completa.")
TOO_MANY = (_("Vamos a esperar un poco"), _("Se ha pedido muchas veces seguidas. Prueba otra vez dentro de un rato, o escríbenos y te ayudamos."))


def show(shop: str) -> Response:
    """The form; after it, the one answer. Changes nothing. Links in the shop know the order's number, so that nobody has to type it."""
    with reading(services().engine) as session:
        _face(_shop(session, shop))
    if "sent" in request.args:
        return render("look_up_sent.html", g.face, again=_address("portal.look_up", shop), tongues=tongues.offer())
    return _form(shop, number=_tidy(request.args.get("number", ""), MAX_NUMBER))


def ask(shop: str) -> Response | Redirect:
    """Write down what was typed in. Whether there is such an order is nobody's business here."""
    request.max_content_length = MAX_FORM
    with reading(services().engine) as session:
        row = _shop(session, shop)
        _face(row)
    guard.insist(PURPOSE, shop)
    number, email = _line("number", MAX_NUMBER), _line("email", MAX_EMAIL).lower()
    if problems := _problems(number, email):
        return _form(shop, problems, number, email)
    with transaction(services().engine) as session:
        bare = re.sub(r"[^\w]", "", number.lower())
        verdict = look_up_limits.count(session, services().secret, network(request.remote_addr), row.id, bare, now())
        if verdict.few:
            _keep(session, row, number, email, verdict.wait)
    if not verdict.few:
        return render("message.html", g.face, 429, title=TOO_MANY[0], text=TOO_MANY[1], contact=True)
    return redirect(_address("portal.look_up", shop, sent="1"), 303)


def _shop(session: Session, name: str) -> Shop:
    shop = addresses.shop_by_public_name(session, name)
    if shop is None:
        abort(404)
    return shop


def _face(shop: Shop) -> None:
    g.face = tongues.chosen(face(shop))


def _keep(session: Session, shop: Shop, number: str, email: str, wait: timedelta) -> None:
    """With a link to return something wherever there is a page for it: one mail an hour has to do for both."""
    purpose = "return" if addresses.returns(shop) else "track"
    session.add(LookUp(shop_id=shop.id, purpose=purpose, number=number, email=email, asked_at=now(), due_at=real_now() + wait))


def _form(shop: str, problems: dict[str, str] | None = None, number: str = "", email: str = "") -> Response:
    title, text = WORDS[_wish()]
    seen = {"title": title, "text": text, "number": number, "email": email, "problems": problems or {}, "seal": guard.seal(PURPOSE, shop)}
    limits = {"number": MAX_NUMBER, "email": MAX_EMAIL}
    action = _address("portal.ask_look_up", shop)
    return render("look_up.html", g.face, 422 if problems else 200, action=action, limits=limits, tongues=tongues.offer(), **seen)


def _problems(number: str, email: str) -> dict[str, str]:
    found = {} if any(sign.isalnum() for sign in number) else {"number": NO_NUMBER}
    return found if EMAIL.fullmatch(email) else found | {"email": NO_EMAIL}


def _line(field: str, longest: int) -> str:
    return _tidy(request.form.get(field, ""), longest)


def _tidy(typed: str, longest: int) -> str:
    """One short line, without signs that nobody types."""
    return " ".join(clean(typed).split())[:longest]


def _wish() -> str:
    """What the words are about; the link is the same."""
    wish = request.args.get("purpose", "track")
    return wish if wish in PURPOSES else "track"


def _address(endpoint: str, shop: str, sent: str | None = None) -> str:
    wish = _wish()
    return url_for(endpoint, shop=shop, sent=sent, purpose=wish if wish != "track" else None, lang=tongues.asked() or None)
