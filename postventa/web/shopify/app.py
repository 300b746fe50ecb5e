"""/shopify/app: the page that Shopify shows in a shop's admin. It holds nothing of any shop: its script asks for that with a session token.

Shopify signs the address under which it opens the page (`hmac`, for 90 seconds) and puts a session token into it. A page that is loaded again later
has neither in a good state: it is sent round by `/shopify/app/again`, where App Bridge gets a new token and comes back with it (`shopify-reload`).
https://shopify.dev/docs/apps/build/authentication-authorization/set-embedded-app-authorization
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connectors.errors import NotTrusted
from connectors.shops.shopify import id_token, signed_query
from connectors.shops.shopify.addresses import shop_domain
from postventa.clock import real_now
from postventa.web.portal.page import services
from postventa.web.shopify import headers, words
from postventa.web.shopify.limits import stranger
from postventa.web.shopify.page import note, shell
from postventa.web.shopify.service import limits

LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
HOST = re.compile(r"[A-Za-z0-9_=-]{1,300}")
"""Which admin it is, in base64. It is handed back to App Bridge as it came, and no address is made of it."""
ROUND = 30
"""Seconds in which one round trip has to bring a token: whoever is back without one is told so, and not sent round for ever."""


def show() -> AnyResponse:
    """The page itself for a shop that proves itself, else the way to a proof."""
    if not services().settings.shopify.known:
        return note(404, words.NO_APP)
    shop = _proven()
    if shop:
        headers.open_to(shop)
        return shell()
    if not limits().pass_on(stranger()):
        return note(429, words.TOO_MANY, inside=True)
    if not _said() or _was_round():
        return note(403, words.UNPROVEN, inside=True)
    return redirect(_round_trip(), 303)


def again() -> AnyResponse:
    """App Bridge loads the app page anew with a token, and no other page: it would bring the token wherever `shopify-reload` says."""
    if not services().settings.shopify.known:
        return note(404, words.NO_APP)
    if not limits().pass_on(stranger()):
        return note(429, words.TOO_MANY, inside=True)
    if not _said():
        return note(403, words.UNPROVEN, inside=True)
    if request.args.get("shopify-reload") not in [_home(seconds) for seconds in range(ROUND)]:
        return redirect(_round_trip(), 303)
    headers.open_to()
    return shell()


def _proven() -> str:
    """The shop that signed the address, or whose session token stands in it. Both are checked whole; nothing else of the address is believed."""
    app = services().settings.shopify
    try:
        return signed_query.verified(request.query_string.decode("ascii", "replace"), app.secrets, real_now().timestamp())["shop"]
    except NotTrusted:
        pass  # a page that is loaded again has an old signature: its token may be a new one
    try:
        return id_token.verified(request.args.get("id_token", ""), app.client_id, app.secrets).shop
    except NotTrusted:
        return ""


def _said() -> dict[str, str]:
    """What App Bridge needs to find the admin, and its language, as the address says it unproven; empty: it makes no sense."""
    shop, host, locale = shop_domain(request.args.get("shop", "")), request.args.get("host", ""), request.args.get("locale", "")
    language = {"locale": locale} if LOCALE.fullmatch(locale) else {}
    return {"shop": shop, "host": host, **language} if shop and HOST.fullmatch(host) else {}


def _was_round() -> bool:
    sent = request.args.get("round", "")
    return sent.isascii() and sent.isdigit() and 0 <= _now() - int(sent[:12]) < ROUND


def _round_trip() -> str:
    return f"{url_for('shopify.again')}?{urlencode({**_said(), 'shopify-reload': _home()})}"


def _home(ago: int = 0) -> str:
    """Our own page, whole, as App Bridge wants it; proofs that stood in the address are left behind."""
    return f"{services().settings.public_url}{url_for('shopify.app')}?{urlencode({**_said(), 'round': _now() - ago})}"


def _now() -> int:
    return int(real_now().timestamp())
