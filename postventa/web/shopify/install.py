"""/shopify/install and /shopify/installed: the app is installed from outside of the admin. Shopify signs both addresses.

Between the two the browser carries the state in a cookie that no script reads and no other site sends (`__Host-`, Lax). It is no session: it opens
nothing, and is gone when the merchant is back, whatever came of it.
"""

from __future__ import annotations

import logging

from flask import redirect, request
from werkzeug.wrappers import Response as AnyResponse

from connectors.errors import ConnectorError, NotTrusted, Refused
from jobs import shopify_install
from jobs.shopify_install import STATE_LASTS, AtWork
from postventa.config import ConfigError
from postventa.web.portal.page import services
from postventa.web.shopify import words
from postventa.web.shopify.limits import stranger
from postventa.web.shopify.page import note
from postventa.web.shopify.service import door, keeper, limits

log = logging.getLogger("postventa.shopify")

COOKIE = "__Host-postventa-shopify"


def start() -> AnyResponse:
    """To Shopify, where the merchant agrees."""
    if not services().settings.shopify.known:
        return note(404, words.NO_APP)
    if not limits().pass_on(stranger()):
        return note(429, words.TOO_MANY)
    try:
        begun = shopify_install.begin(keeper(), _query())
    except NotTrusted:
        return note(403, words.LINK_OVER)
    except ConfigError:
        return note(503, words.NO_ADDRESS)
    answer = redirect(begun.url, 303)
    answer.set_cookie(COOKIE, begun.state, max_age=int(STATE_LASTS.total_seconds()), path="/", secure=True, httponly=True, samesite="Lax")
    return answer


def back() -> AnyResponse:
    """The merchant agreed, or did not."""
    answer = _finished()
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
    return answer


def _finished() -> AnyResponse:
    if not services().settings.shopify.known:
        return note(404, words.NO_APP)
    if not limits().pass_on(stranger()):
        return note(429, words.TOO_MANY)
    if request.args.get("error") == "access_denied":
        return note(403, words.DECLINED)
    try:
        opened = shopify_install.finish(keeper(), _query(), request.cookies.get(COOKIE, ""), door())
    except NotTrusted:
        return note(403, words.LINK_OVER)
    except AtWork:
        return note(409, words.ELSEWHERE)
    except Refused as error:
        log.warning("an installation was refused: %s", error)
        return note(502, words.NO_ACCESS)
    except ConnectorError as error:
        log.warning("an installation could not be finished: %s", error)
        return note(503, words.AWAY_INSTALLING)
    return redirect(opened.address, 303)


def _query() -> str:
    return request.query_string.decode("ascii", "replace")
