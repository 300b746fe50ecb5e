"""The query with which Shopify sends a browser to us during an installation, signed with the app's client secret.

Another scheme than that of webhooks: hexadecimal HMAC-SHA256 over the parameters, sorted, without `hmac` itself.
https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant#step-1-verify-the-installation-request
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote

from connectors.errors import NotTrusted
from connectors.shops.shopify.addresses import shop_domain

FRESH = 90.0
"""Seconds that a signed query is good for, as in Shopify's own JavaScript library; `shopifyapi` would take it for a day."""
LONGEST = 4096
MOST = 20
"""Characters and parameters of a query; Shopify's have about 300 and 7."""


def verified(query: str, secrets: Sequence[str], now: float) -> dict[str, str]:
    """The parameters of a query (what stands behind `?`) that Shopify signed in the last moments. `now`: Unix time. Raises `NotTrusted`."""
    found = _parameters(query)
    said = found.pop("hmac", "")
    message = "&".join(f"{quote(name, safe=_PLAIN)}={quote(value, safe=_PLAIN)}" for name, value in sorted(found.items())).encode()
    signed = [hmac.compare_digest(signature(message, secret), said.encode("utf-8", "replace")) for secret in secrets if secret]
    if not any(signed) or not _is_fresh(found.get("timestamp", ""), now):
        raise NotTrusted
    found["shop"] = shop_domain(found.get("shop", ""))
    if not found["shop"]:
        raise NotTrusted
    return found


def signature(message: bytes, secret: str) -> bytes:
    """As it stands in `hmac`."""
    return hmac.digest(secret.encode("utf-8", "surrogatepass"), message, hashlib.sha256).hex().encode()


_PLAIN = "*-._"
"""What Shopify does not escape (as a browser's URLSearchParams; a space is `%20`)."""


def _parameters(query: str) -> dict[str, str]:
    """Each once: which one of two counts would be anybody's guess."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST, errors="strict") if len(query) <= LONGEST else []
    except ValueError:
        raise NotTrusted from None
    found = dict(pairs)
    if len(found) < len(pairs) or not found:
        raise NotTrusted
    return found


def _is_fresh(timestamp: str, now: float) -> bool:
    return timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15 and abs(now - int(timestamp)) <= FRESH
