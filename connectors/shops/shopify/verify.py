"""Shopify's signature: base64 of HMAC-SHA256 over the raw body, keyed with the app's client secret.

https://shopify.dev/docs/apps/build/webhooks/verify-deliveries ; webhooks carry `X-Shopify-*` headers, their successors ("Events")
`shopify-*`. None of the headers is signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.reading import moment
from connectors.shops.base import Delivery
from connectors.signing import lowered, signer

FAMILIES = ("x-shopify-", "shopify-")


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> int:
    """The index of the secret that signed `body`. Raises `BadSignature`, after the same work whatever is wrong."""
    keys = [secret.encode("utf-8", "surrogatepass") for secret in secrets]
    known = lowered(headers)
    said = {known[prefix + "hmac-sha256"].strip() for prefix in FAMILIES if prefix + "hmac-sha256" in known}
    return signer(body, said.pop() if len(said) == 1 else "", keys)  # two families that differ prove nothing


def delivery(body: bytes, headers: Mapping[str, str]) -> Delivery:
    """What the headers say. Deliveries are told apart by the webhook id; one action of the merchant shares one event id."""
    known = lowered(headers)
    topic, action = _header(known, "topic").lower(), _header(known, "action").lower()
    return Delivery(
        topic=f"{topic}/{action}" if action and "/" not in topic else topic,
        delivery_id=_header(known, "webhook-id") or _header(known, "event-id"),
        shop_domain=_header(known, "shop-domain").lower(),
        triggered_at=moment(_header(known, "triggered-at")),
        test=_header(known, "test").lower() == "true",
    )


def ping(body: bytes, headers: Mapping[str, str]) -> bool:
    """Shopify sends no greeting."""
    return False


def _header(known: Mapping[str, str], name: str) -> str:
    return next((known[prefix + name].strip() for prefix in FAMILIES if prefix + name in known), "")
