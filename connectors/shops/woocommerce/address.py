"""Where a shop is: what merchants type, made into addresses that can be tried. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

_TAIL = re.compile(r"/(?:wp-admin|wp-login\.php|wp-json|wc-auth|index\.php)(?:/.*)?\Z")
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
MAX_LENGTH = 500
DEPTH = 4
"""Folders of what was typed that may lie above WordPress: `/es/tienda/producto/zapato` is a page, not a place."""


@dataclass(frozen=True)
class Site:
    """Where WordPress is, without a slash at the end. `plain`: it has plain permalinks, so that there is no `/wp-json/`."""

    base: str
    plain: bool = False

    def index(self, plain: bool | None = None) -> str:
        """What describes the site and its API to everybody: https://developer.wordpress.org/rest-api/extending-the-rest-api/routes-and-endpoints/"""
        fields = "_fields=name,url,home,namespaces,timezone_string,gmt_offset"
        return f"{self.base}/?rest_route=/&{fields}" if (self.plain if plain is None else plain) else f"{self.base}/wp-json/?{fields}"

    def approval(self, values: dict[str, str]) -> str:
        """WooCommerce's own page on which a merchant approves an application; blanks as `%20`, which its redirects survive."""
        query = urlencode(values, quote_via=quote)
        if self.plain:
            return f"{self.base}/?wc-auth-version=1&wc-auth-route=authorize&{query}"
        return f"{self.base}/wc-auth/v1/authorize?{query}"


def read_address(typed: str) -> str:
    """What somebody typed or pasted as `https://name/folder`. Raises `ValueError` when it is no address.

    A scheme that is missing, or `http`, becomes `https`: whether the shop has it is found out. Pages of WordPress's own are cut off.
    """
    text = typed.strip()
    if not text or len(text) > MAX_LENGTH or re.search(r"[\s\\<>\"']", text):
        raise ValueError("no address")
    parts = urlsplit(text if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", text) else f"https://{text}")
    if parts.scheme.lower() not in ("https", "http") or "@" in parts.netloc:
        raise ValueError("no address of a shop")
    host = _host(parts.hostname or "")
    port = f":{parts.port}" if parts.port not in (None, 443, 80) else ""
    return f"https://{host}{port}{_TAIL.sub('', parts.path).rstrip('/')}"


def _host(name: str) -> str:
    """As DNS has it (`peña.es` is `xn--pea-8ma.es`); `[::1]` stays as it is, for the door to judge."""
    if ":" in name:
        return f"[{name}]"
    try:
        host = name.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError("no name of a server") from None
    if not _NAME.match(host):
        raise ValueError("no name of a server")
    return host


def candidates(base: str) -> tuple[str, ...]:
    """Where WordPress may be, most likely first: the folder that was typed, those above it, and last the top."""
    parts = urlsplit(base)
    top, folders = f"{parts.scheme}://{parts.netloc}", [f for f in parts.path.split("/") if f]
    return tuple("/".join([top, *folders[:count]]) for count in range(min(len(folders), DEPTH), -1, -1))


def same_shop(one: str, other: str) -> bool:
    """Whether two addresses have the same name, a `www.` apart: a redirect from one to the other is a correction and no surprise."""
    return _bare(one) == _bare(other) != ""


def _bare(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
