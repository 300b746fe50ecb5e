"""/shopify/app/session: what the app page shows, for whoever brings a session token. No cookie counts here.

This is the moment in which a shop is connected: the token is exchanged for tokens of the app's own when there are none that work.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import jsonify, request
from flask.wrappers import Response

from connectors.errors import ConnectorError, NotTrusted, Refused
from connectors.shops.shopify import id_token
from jobs import shopify_install
from jobs.shopify_install import AtWork, Opened
from postventa import shops
from postventa.models.db import reading
from postventa.web.portal.page import services
from postventa.web.shopify import standing, words
from postventa.web.shopify.limits import stranger
from postventa.web.shopify.page import language, t
from postventa.web.shopify.service import door, keeper, limits
from postventa.web.shopify.standing import Standing
from postventa.web.shopify.words import Words
from postventa.web.staff.page import ago_in

log = logging.getLogger("postventa.shopify")

RETRY = "X-Shopify-Retry-Invalid-Session-Request"
"""App Bridge asks once more with a new token when it sees this."""


def look() -> Response:
    """Open the app with the token, and say how things stand."""
    if not services().settings.shopify.known:
        return _trouble(404, words.NO_APP)
    token = _bearer()
    try:
        app = services().settings.shopify
        shop = id_token.verified(token, app.client_id, app.secrets).shop
    except NotTrusted:
        return _not_proven()
    if not limits().pass_on(f"shop {shop}"):
        return _trouble(429, words.TOO_MANY)
    return _opened(token)


def _opened(token: str) -> Response:
    try:
        return jsonify(_told(shopify_install.open_app(keeper(), token, door())))
    except NotTrusted:
        return _not_proven()  # it ended between two looks at the clock
    except AtWork:
        return _trouble(409, words.ELSEWHERE)
    except Refused as error:
        log.warning("the app could not be opened: %s", error)
        return _trouble(502, words.NO_ACCESS)
    except ConnectorError as error:
        log.warning("the app could not be opened: %s", error)
        answer = _trouble(503, words.AWAY)
        answer.headers["Retry-After"] = str(max(1, round(error.retry_after or 5)))
        return answer


def _not_proven() -> Response:
    if not limits().pass_on(stranger()):
        return _trouble(429, words.TOO_MANY)
    answer = _trouble(401, words.UNPROVEN)
    answer.headers[RETRY] = "1"
    return answer


def _bearer() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _told(opened: Opened) -> dict[str, Any]:
    """All that the page shows, in words: its script puts them into their places and knows none of its own."""
    here = keeper()
    with reading(here.engine) as session:
        now = standing.of(session, here, shops.find(session, opened.shop_id, here.settings, here.secret))
    notices = _notices(now, opened)
    said = words.NOT_QUITE if notices else words.CONNECTED
    mails = [{"name": t(mail.name), "where": t(mail.where)} for mail in now.doubled]
    return {
        "state": "connected",
        "shop": now.shop.settings.name,
        "title": t(said.title),
        "text": t(said.text),
        "notices": notices,
        "facts": [{"title": t(words.NEWS), "lines": _news(now)}],
        "mails": {"title": t(words.TWICE.title), "text": t(words.TWICE.text), "list": mails, "left": _left(now)} if mails else None,
        "service": {"label": t(words.OPEN_SERVICE), "href": f"{here.settings.public_url}/account/sign-in"},
    }


def _notices(now: Standing, opened: Opened) -> list[dict[str, Any]]:
    """What a person has to do, the worst first."""
    found = []
    if now.state == "refused":
        found.append(_notice(words.REFUSED))
    if opened.missing:
        href = f"https://{opened.domain}/admin/oauth/install?client_id={services().settings.shopify.client_id}"
        found.append(_notice(words.LACKING, href=href, scopes=", ".join(opened.missing)))
    if now.shop.hold or now.shop.settings.hold:
        found.append(_notice(words.HELD))
    return found


def _notice(said: Words, href: str = "", **names: object) -> dict[str, Any]:
    return {"title": t(said.title), "text": t(said.text, **names), "button": {"label": t(said.button), "href": href} if href else None}


def _news(now: Standing) -> list[str]:
    told = [t(words.NEWS_WELL, when=ago_in(language(), now.last)) if now.last else t(words.NEWS_NONE)]
    if now.shop.found_by_poll:
        told.append(t(words.NEWS_POLLED, count=now.shop.found_by_poll))
    return told


def _left(now: Standing) -> list[str]:
    return [t(words.LEFT, mail=t(mail.name)) for mail in now.left]


def _trouble(status: int, said: Words) -> Response:
    """`again`: the page offers to ask once more."""
    answer = jsonify({"state": "trouble", "title": t(said.title), "text": t(said.text), "again": t(words.RETRY)})
    answer.status_code = status
    return answer
