"""Who sent this form? The page's own button, or somebody else's page?

There is no session to steal, as the token is the key; a form still has to come from the page that showed it: it carries a seal that only
that page could know, and the browser must not say that another site sent it.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import abort, request

from postventa.web.portal.page import STOREFRONT, services

FIELD = "seal"
DOMAIN = b"postventa/form/1"


def seal(purpose: str, token: str) -> str:
    """What the hidden field of that page's form holds."""
    return hmac.digest(services().secret, b"\0".join((DOMAIN, purpose.encode(), token.encode())), "sha256").hex()


def insist(purpose: str, token: str) -> None:
    """Abort with 403 unless the form is ours."""
    sent = request.form.get(FIELD, "")
    if from_elsewhere() or not same(sent, seal(purpose, token)):
        abort(403)


def same(sent: str, right: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(sent.encode("utf-8", "replace"), right.encode())


def from_elsewhere() -> bool:
    """Whether the browser names another site as the sender. (Our pages send no referrer, so `Origin` is often "null": then the seal decides.)"""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    if STOREFRONT in request.environ:  # the shop has names that we do not know; the seal decides
        return False
    origin = request.headers.get("Origin", "null")
    return origin != "null" and urlsplit(origin).netloc not in (request.host, urlsplit(services().settings.public_url).netloc)
