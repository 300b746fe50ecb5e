"""What a visitor of the storefront asks for below the app's path there, as Shopify passes it on: the app proxy.

It adds five parameters to the visitor's own and signs all of them with the app's client secret: hexadecimal HMAC-SHA256 over `name=value`, sorted
and without anything between, where the values of a name that came more than once stand with commas between. The body is not signed.
https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from connectors.errors import NotTrusted
from connectors.shops.shopify.addresses import shop_domain
from connectors.shops.shopify.signed_query import signature

FRESH = 300.0
"""Seconds that such a request is good for; it is passed on at once, so they only have to cover two clocks that differ."""
LONGEST, MOST = 8192, 100
"""Characters and parameters of a query; the visitor's own are among them."""
ADDED = ("shop", "path_prefix", "timestamp", "logged_in_customer_id", "signature")
_PREFIX = re.compile(r"(?:/[a-z]{2}(?:-[a-z]{2})?)?/(?:apps|a|community|tools)/[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Asked:
    """A request as it says of itself: nothing is proven before `prove`."""

    shop: str
    """`name.myshopify.com`."""
    prefix: str
    """Where our pages are in that storefront, such as `/apps/postventa`; the merchant may change it."""
    timestamp: int
    """Unix time."""
    query: str
    """The visitor's own parameters. Who is signed in there is not among them: it opens nothing here."""
    message: bytes
    said: bytes


def read(query: str) -> Asked:
    """What stands behind `?`. Raises `NotTrusted` for what Shopify would never send."""
    pairs = _pairs(query)
    added = {name: [value for key, value in pairs if key == name] for name in ADDED}
    if any(len(values) > 1 for values in added.values()):
        raise NotTrusted  # which one counts would be anybody's guess
    one = {name: values[0] if values else "" for name, values in added.items()}
    shop, prefix, timestamp = shop_domain(one["shop"]), one["path_prefix"], one["timestamp"]
    if not (shop and _PREFIX.fullmatch(prefix) and timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15):
        raise NotTrusted
    own = urlencode([(name, value) for name, value in pairs if name not in ADDED])
    return Asked(shop, prefix, int(timestamp), own, _message(pairs), one["signature"].encode("utf-8", "replace"))


def prove(asked: Asked, secrets: Sequence[str], now: float) -> None:
    """That Shopify passed it on in the last moments. Raises `NotTrusted`, after the same work whatever is wrong."""
    signed = [hmac.compare_digest(signature(asked.message, secret), asked.said) for secret in secrets if secret]
    if not any(signed) or abs(now - asked.timestamp) > FRESH:
        raise NotTrusted


def _pairs(query: str) -> list[tuple[str, str]]:
    if len(query) > LONGEST:
        raise NotTrusted
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except ValueError:
        raise NotTrusted from None


def _message(pairs: Sequence[tuple[str, str]]) -> bytes:
    """Sorted as whole words `name=value`, as Shopify's own example sorts them."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name != "signature":
            values.setdefault(name, []).append(value)
    return "".join(sorted(f"{name}={','.join(several)}" for name, several in values.items())).encode("utf-8", "surrogatepass")
