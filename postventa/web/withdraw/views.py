"""/withdraw/<shop>: what to withdraw from; the statement as it will be sent, with the law's button; and the receipt."""

from __future__ import annotations

import logging
from typing import Any, cast

from flask import abort, current_app, make_response, redirect, request, url_for
from flask.wrappers import Response
from redis import Redis
from werkzeug.wrappers import Response as AnyResponse

from jobs.withdrawals import model_form
from jobs.withdrawals.receipt import view_of
from jobs.withdrawals.take import take
from postventa import addresses
from postventa.models.db import reading
from postventa.web.portal import guard
from postventa.web.portal.mishaps import page as mishap
from postventa.web.portal.page import _, render, services
from postventa.web.portal.tongues import NAMES, Tongue
from postventa.web.withdraw import form as forms
from postventa.web.withdraw.visit import Visit, visit
from postventa.withdrawal import numbers, store
from postventa.withdrawal.model import trader
from postventa.withdrawal.statement import CONTRACT, EMAIL, ITEMS, NAME, read
from postventa.withdrawal.store import Submission
from postventa.withdrawal.words import ground, word

ASK, CONFIRM = "withdraw", "withdraw-confirm"
"""Purposes of the two forms' seals."""
MAX_FORM = 128 * 1024
LIMITS = {"name": NAME, "contract": CONTRACT, "email": EMAIL, "what": ITEMS}
TOO_MANY = (
    _("Han llegado demasiados formularios desde tu conexión"),
    _("Espera unos minutos y vuelve a intentarlo. También vale desistir con un correo a la tienda."),
)

log = logging.getLogger("postventa.withdrawals")


def show(shop: str) -> Response:
    """The form; with a mail's link it is filled in. Changes nothing."""
    with reading(services().engine) as session:
        it = visit(session, shop)
    return _form(it, forms.offered(it))


def send(shop: str) -> AnyResponse:
    """Step one shows the statement, step two sends it; the same page sent twice sends one."""
    request.max_content_length = MAX_FORM
    with reading(services().engine) as session:
        it = visit(session, shop)
        filled = forms.sent(it)
        flood = store.is_flood(session, services().secret, request.remote_addr or "")
    if request.form.get("step") != "confirm":
        guard.insist(ASK, shop)
        back = request.form.get("step") == "edit"
        return _form(it, filled, 200 if back else 422) if back or filled.wrong else _review(it, filled)
    key = forms.key()
    guard.insist(CONFIRM, forms.sealed(it, filled, key))
    if filled.wrong:
        abort(400)
    if flood:
        log.warning("statements of withdrawal refused: too many of one network")
        return mishap(429, *TOO_MANY)
    hint, channel = (it.order.id, "link") if it.order is not None and it.proven else (None, "page")
    how = Submission(key, channel, ip=request.remote_addr or "", order_hint=hint)
    redis = cast("Redis", current_app.extensions["postventa"].redis())
    row = take(services().engine, services().secret, it.shop, filled.statement, how, redis)
    opens = numbers.page_key(services().secret, row.ref)
    return redirect(url_for("withdraw.receipt", shop=shop, ref=row.ref, key=opens, lang=it.language), 303)


def receipt(shop: str, ref: str, key: str) -> Response:
    """What was declared and when, to print or to keep; for whoever has the key that only its sender got."""
    with reading(services().engine) as session:
        it = visit(session, shop)
        row = store.by_ref(session, ref)
    if row is None or row.shop_id != it.shop.id or row.content is None or not numbers.same(numbers.page_key(services().secret, row.ref), key):
        abort(404)
    statement, _said = read(row.content)
    return _page(it, "receipt.html", view=view_of(row, row.content), row=row, email=statement.email, title=word(statement.language, "receipt"))


def paper(shop: str) -> Response:
    """The law's instructions and its model form, filled in for the shop. Made once for each language; what is not known of the shop is left blank."""
    with reading(services().engine) as session:
        it = visit(session, shop)
    own, settings = it.shop.settings, services().settings
    page = addresses.withdraw_page(settings.pages_url(own), addresses.public_name(services().secret, it.shop.id, own.name))
    file = model_form.leaflet(trader(own, page, own.reply_to or settings.mail.reply_to), it.language, own.brand.colour)
    response = make_response(file.content)
    response.headers["Content-Type"] = file.mime
    response.headers["Content-Disposition"] = f'inline; filename="{file.filename}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _form(it: Visit, filled: forms.Filled, status: int = 200) -> Response:
    return _page(it, "form.html", status, filled=filled, said=filled.statement, seal=guard.seal(ASK, it.name), limits=LIMITS)


def _review(it: Visit, filled: forms.Filled) -> Response:
    key = forms.new_key()
    seal, again = guard.seal(CONFIRM, forms.sealed(it, filled, key)), guard.seal(ASK, it.name)
    return _page(it, "review.html", filled=filled, said=filled.statement, key=key, seal=seal, again=again)


def _page(it: Visit, template: str, status: int = 200, **values: Any) -> Response:
    def problem(name: str) -> str:
        return word(it.language, name)

    def why(which: Any) -> str:
        """Behind a colon, where only German begins a sentence with a capital."""
        said = ground(it.language, which)
        return said if it.language == "de" else said[:1].lower() + said[1:]

    here: dict[str, Any] = {"shop": it.name, "o": it.link or None, "number": forms.named() or None}
    links = [Tongue(tag, own, url_for("withdraw.form", **here, lang=tag)) for tag, own in NAMES.items()]
    return render(f"withdraw/{template}", it.face, status, it=it, problem=problem, why=why, tongues=links, **values)
