"""Pictures of goods come from the shop's own hosts, or not at all: a page asks no third party for anything."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import g

from postventa.config import Brand
from postventa.models import Shop
from postventa.web.portal.track import is_own


def shown(url: str, shop: Shop, brand: Brand) -> str:
    """A picture's address, if this page may show it; else empty."""
    if not is_own(url, shop, brand):
        return ""
    let_in([url])
    return url


def let_in(urls: Iterable[str]) -> None:
    """Let this page ask their hosts (`portal/headers.py`)."""
    g.pictures = sorted({*g.get("pictures", ()), *(f"https://{urlsplit(url).netloc}" for url in urls)})
