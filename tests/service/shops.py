"""The shops of these tests, and their webhooks over real HTTP: Mara's two, and Otto's, who must see nothing of hers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from tests.pipeline.stories import STATUS_MAP, Sent

HOME = {"name": "Cerámica Alba, almacén", "street": "C/ Alfarería, 8", "postcode": "41010", "city": "Sevilla", "province": "Sevilla", "country": "ES"}
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Shop:
    """One `[[shops]]` of the configuration, and how that shop sends."""

    platform: str
    key: str
    secret: str
    settings: dict[str, Any] = field(repr=False)
    api_key: str = ""

    @property
    def path(self) -> str:
        return f"/webhooks/{self.platform}/{self.key}"

    @property
    def config(self) -> dict[str, Any]:
        own = {"key": self.key, "platform": self.platform, "webhook_secrets": [self.secret]}
        return {**own, **self.settings, **({"api_keys": [self.api_key]} if self.api_key else {})}

    def signature(self, body: bytes, secret: str = "") -> str:
        return base64.b64encode(hmac.digest((secret or self.secret).encode(), body, hashlib.sha256)).decode()

    def headers(self, sent: Sent, **changes: str | None) -> Headers:
        """As that platform sends them; `changes` by the header's role (`signature`, `topic`, `delivery_id`, `domain`), None leaves it out."""
        roles: dict[str, str | None] = {"topic": sent.topic, "delivery_id": sent.delivery_id, "signature": self.signature(sent.body), **changes}
        if self.platform == "woocommerce":
            names = {"topic": "X-WC-Webhook-Topic", "delivery_id": "X-WC-Webhook-Delivery-ID", "signature": "X-WC-Webhook-Signature"}
            more = [("X-WC-Webhook-Source", f"{self.settings['url']}/"), ("User-Agent", "WooCommerce/10.5.0 Hookshot (WordPress/6.9)")]
        else:
            roles.setdefault("domain", self.settings["domain"])
            names = {"topic": "Topic", "delivery_id": "Webhook-Id", "signature": "Hmac-Sha256", "domain": "Shop-Domain"}
            names = {role: f"X-Shopify-{name}" for role, name in names.items()}
            more = [("X-Shopify-API-Version", "2026-10"), ("User-Agent", "Shopify-Captain-Hook")]
        return [("Content-Type", "application/json"), *((names[role], value) for role, value in roles.items() if value is not None), *more]


ALBA = Shop(
    "woocommerce",
    "alba-4f0c6de1b7a94c1e8d20",
    "un-secreto-largo-de-alba",
    {
        "name": "Cerámica Alba",
        "url": "https://ceramica-alba.example",
        "status_map": STATUS_MAP,
        "return_address": HOME,
        "alert_email": "mara@ceramica-alba.example",
        "review_links": {"google_maps": "https://maps.example/alba"},
    },
    api_key="k-alba-7c1f5e2b90d34a6887e1f0b2",
)
LOLA = Shop(
    "shopify",
    "lola-93d1e0a2c5f84b7796aa",
    "un-secreto-largo-de-lola",
    {"name": "Zapatería Lola", "domain": "zapateria-lola.myshopify.com", "return_address": HOME},
    api_key="k-lola-7c1f5e2b90d34a6887e1f0b2",
)
OTTO = Shop(
    "woocommerce",
    "otto-1b2c3d4e5f60718293a4",
    "un-secreto-largo-de-otto",
    {"name": "Ottos Lampen", "url": "https://ottos-lampen.example", "status_map": STATUS_MAP, "locale": "de", "country": "DE"},
    api_key="k-otto-7c1f5e2b90d34a6887e1f0b2",
)
SHOPS = (ALBA, LOLA, OTTO)


@dataclass(frozen=True)
class Answer:
    """What the service said."""

    status: int
    body: bytes
    headers: dict[str, str]


def ask(port: int, method: str, path: str, body: bytes | Iterable[bytes] = b"", headers: Headers | None = None, timeout: float = 60) -> Answer:
    """One request, sent to the letter: headers may come twice, and an iterable goes out in chunks without a length."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers or []:
            connection.putheader(name, value)
        chunked = not isinstance(body, bytes)
        if chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        elif body or method not in ("GET", "HEAD", "DELETE"):
            connection.putheader("Content-Length", str(len(body)))  # type: ignore[arg-type]
        connection.endheaders(body or None, encode_chunked=chunked)
        return _heard(connection.getresponse())
    finally:
        connection.close()


def _heard(answer: HTTPResponse) -> Answer:
    return Answer(answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})
