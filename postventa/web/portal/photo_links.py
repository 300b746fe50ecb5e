"""Where a photo is looked at: at the page's own host, or at one for photos alone (`[server] photos_host`), by an address that holds ten minutes.

A stranger's picture that some browser takes for a page then finds nobody's cookie and no page of ours beside it.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlencode

from flask import g, request, url_for

from postventa.clock import real_now
from postventa.web.portal.page import services

LIFE = 600
"""Seconds for which an address holds: as long as somebody looks at the page that has it."""
DOMAIN = b"postventa/photo/1"
ASKED = "photos_host"
"""On `g`: this request came in under the name for photos (`hosts.py`)."""
HERE = frozenset({"portal.photo", "portal.static", "portal.brand"})
"""All that there is under that name: photos, and what a page needs that says why one is not shown."""


def address(endpoint: str, *, name: str, **values: object) -> str:
    """Where the photo `name` is to be seen from now on; `endpoint`, `values`: its place on this host, which is taken unless photos have their own."""
    away = services().settings.photos_url
    if not away:
        return url_for(endpoint, name=name, **values)  # type: ignore[arg-type]
    g.pictures = sorted({*g.get("pictures", ()), away})  # the page may show it (`headers.py`)
    until = int(real_now().timestamp()) + LIFE
    told = {"size": values["size"]} if "size" in values else {}
    return f"{away}/photo/{name}.jpg?{urlencode({**told, 'until': until, 'key': _key(name, until)})}"


def apart() -> bool:
    """Whether photos have a host of their own."""
    return bool(services().settings.photos_url)


def asked() -> bool:
    """Whether this request came to it."""
    return bool(g.get(ASKED))


def holds(name: str) -> bool:
    """Whether the address of this request was made by us for that photo, and not too long ago."""
    until = request.args.get("until", "")
    if not (until.isascii() and until.isdecimal() and len(until) < 12 and real_now().timestamp() < int(until)):
        return False
    return hmac.compare_digest(request.args.get("key", "").encode("utf-8", "replace"), _key(name, int(until)).encode())


def _key(name: str, until: int) -> str:
    return hmac.digest(services().secret, b"\0".join((DOMAIN, name.encode(), str(until).encode())), "sha256").hex()
