"""The one cookie: a random token for each browser, which means nothing until somebody signs in, and is another one from then on.

With an https address it is `__Host-`, so no other site and no neighbour on the same domain can set it. Without, it works on this machine only.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import g, request
from flask.wrappers import Response

from postventa.accounts.tokens import draw, well_formed
from postventa.web.portal.page import services

SECURE, PLAIN = "__Host-postventa", "postventa_local"


def allowed() -> bool:
    """Whether anybody may sign in at this address: by https, or from this machine and through no proxy."""
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return _https() or (not forwarded and _is_loopback(urlsplit(f"//{request.host}").hostname or ""))


def browser() -> str:
    """This browser's token; a new one if it has none."""
    if "browser" not in g:
        told = request.cookies.get(_name(), "")
        give(told if well_formed(told) else draw(), new=not well_formed(told))
    token: str = g.browser
    return token


def give(token: str, *, new: bool = True) -> None:
    """The browser's token from now on."""
    g.browser = token
    g.new_browser = new


def write(response: Response) -> Response:
    """Set the cookie if the token is a new one; never where everybody on the way could read it."""
    if g.get("new_browser") and allowed():
        response.set_cookie(_name(), g.browser, path="/", secure=_https(), httponly=True, samesite="Lax")
    return response


def _https() -> bool:
    return services().settings.public_url.startswith("https://")


def _name() -> str:
    return SECURE if _https() else PLAIN


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
