"""/shopify/connect: an owner connects a Shopify shop, in one of three ways. A job asks the shop; its page looks again until there is an answer."""

from __future__ import annotations

import logging

from flask import abort, redirect, url_for
from flask.wrappers import Response
from redis.exceptions import RedisError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from connectors.shops.shopify.addresses import shop_domain
from connectors.shops.shopify.subscriptions import DISPUTES, RIGHTS
from jobs import connect_shopify, queue
from postventa.accounts.roles import Right
from postventa.connecting import candidates
from postventa.connecting.candidates import Keys
from postventa.models import ShopCandidate
from postventa.models.db import reading, transaction
from postventa.web.portal.page import _, services
from postventa.web.shopify import standing
from postventa.web.shopify.service import keeper, redis
from postventa.web.shopify.words import FINDINGS
from postventa.web.staff.enrolment import line
from postventa.web.staff.guard import require
from postventa.web.staff.page import message, render, t, visitor

log = logging.getLogger("postventa.connecting")

CONNECT = Right.SHOPS_CONNECT
SCOPES = ", ".join(sorted({right for right in RIGHTS.values() if right} - {DISPUTES}))
LONGEST = 200
"""Characters of a key; Shopify's have under 80."""
NO_DOMAIN = _("Eso no es el dominio de una tienda de Shopify. Se parece a mi-tienda.myshopify.com.")
INCOMPLETE = _("Faltan datos: rellena los tres campos.")
NO_APP = _("Este servicio no tiene app propia: elige otra manera.")
OVER = (_("Esta comprobación ya no existe"), _("Las claves se guardan una hora sin usar. Escríbelas otra vez en «Conectar Shopify»."))


@require(CONNECT)
def show() -> Response:
    """The three ways, and the shops that there are."""
    return _page()


@require(CONNECT, fresh=True)
def through_app() -> Response:
    """The way to Shopify's own page for installing our app. It is a link: whoever follows it sees first where it leads."""
    app, domain = services().settings.shopify, _domain()
    if not app.known:
        return _page(t(NO_APP), 422)
    if not domain:
        return _page(t(NO_DOMAIN), 422)
    return render("shopify_go.html", domain=domain, address=f"https://{domain}/admin/oauth/install?client_id={app.client_id}")


@require(CONNECT, fresh=True)
def own() -> AnyResponse:
    """Keep keys of an app of the merchant's own, and have the shop asked."""
    domain, keys = _domain(), _keys()
    if not domain:
        return _page(t(NO_DOMAIN), 422)
    if keys is None:
        return _page(t(INCOMPLETE), 422)
    with transaction(services().engine) as session:
        row = candidates.add(session, services().secret, _me(), domain, keys)
        ref, number = row.ref, row.id
    _ask_soon(number)
    return redirect(url_for("shopify_connect.candidate", token=ref), 303)


@require(CONNECT)
def candidate(token: str) -> Response:
    """What came of it; until something did, the page is loaded again every two seconds."""
    with reading(services().engine) as session:
        return _candidate(_found(session, token))


@require(CONNECT, fresh=True)
def ask_again(token: str) -> AnyResponse:
    """The merchant changed something in Shopify: ask once more."""
    with transaction(services().engine) as session:
        row = _found(session, token, to_change=True)
        number = row.id if candidates.again(row) else 0
    if number:
        _ask_soon(number)
    return redirect(url_for("shopify_connect.candidate", token=token), 303)


@require(CONNECT, fresh=True)
def finish(token: str) -> AnyResponse:
    """Connect it although a scope is missing that we can do without."""
    try:
        with transaction(services().engine) as session:
            connect_shopify.connect(session, keeper(), _found(session, token, to_change=True))
    except connect_shopify.NotPossible as error:
        return _page(t(FINDINGS[error.name]), 422)
    return redirect(url_for("shopify_connect.candidate", token=token), 303)


def _page(problem: str = "", status: int = 200) -> Response:
    here = keeper()
    with reading(here.engine) as session:
        known = standing.everyone(session, here)
    values = {"shops": known, "app": here.settings.shopify, "scopes": SCOPES, "domain": line("domain", 120), "client_id": line("client_id", LONGEST)}
    return render("shopify_connect.html", status, problem=problem, **values)


def _candidate(row: ShopCandidate) -> Response:
    if candidates.is_over(row):
        return message(410, *OVER)
    found = candidates.findings(row)
    sentences = [(one.state, t(FINDINGS[one.name], **one.facts)) for one in found]
    failed = any(one.state == "fail" for one in found)
    name = str((row.told.get("about") or {}).get("name") or row.domain)
    answer = render("shopify_candidate.html", row=row, sentences=sentences, failed=failed, name=name)
    if row.step == "waiting":
        answer.headers["Refresh"] = "2"
    return answer


def _found(session: Session, token: str, *, to_change: bool = False) -> ShopCandidate:
    """Mine, or none."""
    return candidates.find(session, token, _me(), to_change=to_change) or abort(404)


def _me() -> str:
    found = visitor()
    assert found is not None
    return str(found.account.id)


def _domain() -> str:
    """As it was typed or copied: with or without https and a slash."""
    return shop_domain(line("domain", 120).lower().removeprefix("https://").partition("/")[0])


def _keys() -> Keys | None:
    """Of the form that was sent; None: something is missing."""
    secret, client_id, token = line("client_secret", LONGEST), line("client_id", LONGEST), line("access_token", LONGEST)
    return Keys(secret, client_id, token) if secret and bool(client_id) != bool(token) else None


def _ask_soon(number: int) -> None:
    """Within moments; if Redis is away, whenever the clock looks."""
    try:
        queue.enqueue(redis(), queue.NOW, "connect_shopify.try_keys", [number])
    except RedisError as error:
        log.warning("Redis is away (%s): keys are tried at the next turn", type(error).__name__)
