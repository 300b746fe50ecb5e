"""By which name a request comes in, and what may be seen there.

Under `public_url` there is everything. Under a shop's own name (`pages_host`), and within its Shopify storefront (`postventa/web/shopify/proxy.py`),
there are that shop's customer pages and nothing else. Under the name for photos (`[server] photos_host`) there are photos alone, and under a name
that nobody gave us no customer pages.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

from flask import current_app, g, request
from flask.wrappers import Response
from sqlalchemy.exc import SQLAlchemyError

from postventa.config import AT_HOME
from postventa.directory import Directory
from postventa.models import Shop
from postventa.models.db import reading
from postventa.shops import everyone
from postventa.web.portal import headers, mishaps, photo_links
from postventa.web.portal.entries import entries
from postventa.web.portal.page import ONLY_SHOP, STOREFRONT, face, render, services

CUSTOMERS = ("portal", "returns", "withdraw")
"""The blueprints whose pages are for customers."""
OPERATORS = "ops"
"""The blueprint that says itself how the database is."""
_HOST = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9.])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")


def meet() -> Response | None:
    """Before every request of the application: the answer for what there is not under this name; None: go on."""
    environ, service = request.environ, services()
    shop_id: int | None = environ.get(STOREFRONT)
    name, server = name_of(environ.get("HTTP_HOST", "")), service.settings.server
    if shop_id is None:
        if name and name == server.photos_host:
            setattr(g, photo_links.ASKED, True)
            return None if request.endpoint in photo_links.HERE else _not_found()
        if is_ours(name, server.public_url, server.bind):
            return None
        shop_id = _shop_of(name)
    if shop_id is not None:
        setattr(g, ONLY_SHOP, shop_id)
        return None if request.blueprint in CUSTOMERS else _not_here(shop_id)
    strange = not name or may_be_a_shops(name)  # proxies call us by names without a dot, and by numbers
    return _not_found() if strange and server.public_url and request.blueprint in CUSTOMERS else None


@lru_cache(maxsize=1024)
def name_of(host: str) -> str:
    """The name in a Host header in small letters, without its port; empty for what is none: anybody may write one."""
    found = _HOST.fullmatch(host.lower())
    return found[1].rstrip(".") if found else ""


@lru_cache(maxsize=1024)
def is_ours(name: str, public_url: str, bind: str) -> bool:
    """Whether the service itself goes by that name. (Without a `public_url` it answers to any that is not a shop's.)"""
    bound = bind.rpartition(":")[0].lower()
    return bool(name) and name in (urlsplit(public_url).hostname, bound, *AT_HOME, *(f"[{home}]" for home in AT_HOME))


@lru_cache(maxsize=1024)
def may_be_a_shops(name: str) -> bool:
    """A name without a dot, or one that is a number, cannot be a shop's."""
    return "." in name and name.rpartition(".")[2][:1].isalpha()


def _shop_of(name: str) -> int | None:
    """The shop's id."""
    if not may_be_a_shops(name):
        return None
    try:
        shop = _directory().fresh().by_pages_host(name)
    except SQLAlchemyError:
        if request.blueprint == OPERATORS:
            return None
        raise
    return shop.id if shop is not None else None


def _directory() -> Directory:
    service = services()
    known = current_app.extensions.setdefault("postventa.directory", Directory(lambda: everyone(service.engine, service.settings, service.secret)))
    return cast(Directory, known)


def _not_here(shop_id: int) -> Response:
    """In the shop's own colours, since its customer typed or followed that address. The bare name leads to its pages."""
    with reading(services().engine) as session:
        row = session.get(Shop, shop_id)
        if row is None:
            return _not_found()
        g.face, there = face(row), entries(row)
    if not there or request.path != "/" or request.method not in ("GET", "HEAD"):
        return _not_found()
    return headers.protect(render("welcome.html", g.face, entries=there, root=request.script_root))


def _not_found() -> Response:
    return headers.protect(mishaps.page(404, *mishaps.NOT_FOUND))
