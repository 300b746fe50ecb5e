"""Shopify's own names of shops, `name.myshopify.com`, which never change, and where their APIs are. Pure.

The expression in Shopify's documentation has no end mark, so that `a.myshopify.com.evil.example` would pass; ours has one.
https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from connectors.http import Door

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com\Z")


def shop_domain(said: str) -> str:
    """The name in small letters; empty for anything that is not a shop's name at Shopify."""
    name = said.strip().lower() if said.isascii() else ""
    return name if _NAME.match(name) else ""


def shop_of(address: str, path: str = "") -> str:
    """The shop of `https://{shop}` followed by exactly `path`; empty for any other address."""
    scheme, _, rest = address.partition("://")
    name = rest.removesuffix(path) if path else rest
    return shop_domain(name) if scheme == "https" and rest.endswith(path) and name == name.strip().lower() else ""


def endpoint(url: str, door: Door) -> str:
    """Where a shop's API is instead of at Shopify: a development shop's `url`, on a host that is listed in allow_private_hosts. Empty: at Shopify."""
    base = url.rstrip("/")
    return base if base and door.allows(urlsplit(base).hostname or "") else ""
