"""Who sent this, and is it to be kept? Signature, shop and platform, without a web framework, a network or a parser.

Whoever cannot prove who they are gets the same answer after the same work, whatever is wrong (promises.md 1).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.carriers import TELLERS
from connectors.carriers.base import Tells
from connectors.errors import BadSignature
from connectors.reading import clean
from connectors.shops import SHOPS
from connectors.shops.base import ShopPlatform
from connectors.signing import Lowered
from postventa.clock import real_now
from postventa.directory import Shops
from postventa.shops import ConnectedShop
from webhooks.inbox import Raw
from webhooks.noticed import Noticed
from webhooks.strangers import Strangers

log = logging.getLogger("postventa.webhooks")

PREFIX = "/webhooks/"
SHARED = "shopify"
"""The one address for all shops of a Shopify app: its app-wide subscriptions allow only one."""
DUMMY_SECRETS = ["no shop has this secret", "nor this one"]
"""Signed against when the shop is unknown, so that an unknown address costs what a wrong signature costs."""
KEPT = ("topic", "hmac", "signature", "shop-domain", "webhook-id", "event-id", "triggered-at", "api-version", "delivery-id", "source", "user-agent")


@dataclass(frozen=True)
class Answer:
    """Always without a body: nobody reads it, and it tells nobody anything."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


TAKEN = Answer(200)
LATER = Answer(503, {"Retry-After": "30"})


@dataclass(frozen=True)
class Reception:
    """What judges deliveries. `max_body`: bytes."""

    max_body: int
    shops: Callable[[], Shops]
    strangers: Strangers
    noticed: Noticed
    damaged: Callable[[], bool] = lambda: False
    """Whether the database is damaged: then not every shop may be known."""

    def unread(self, headers: Lowered) -> Answer | None:
        """The refusal of a body that need not be read."""
        if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            return Answer(415)
        return Answer(413) if announced(headers) > self.max_body else None

    def judge(self, path: str, headers: Lowered, body: bytes, sender: str | None) -> Raw | Answer:
        """What is to be stored before the answer, or the answer. `path`: what stands behind `/webhooks/`; `sender`: an IP address."""
        if len(body) > self.max_body:
            return Answer(413)
        if len(body) < announced(headers):
            return Answer(400)  # the sender hung up
        name, _, key = path.partition("/")
        if name in TELLERS:
            return self._of_carrier(TELLERS[name], self.shops().with_carrier(key), headers, body, sender)
        platform, shop = self._addressed(path, headers)
        checker = platform or SHOPS["woocommerce"]
        if shop is not None and checker.ping(body, headers):
            return TAKEN
        try:
            secret = checker.verify(body, headers, shop.settings.secrets_at(real_now()) if shop is not None else DUMMY_SECRETS)
        except BadSignature:
            return self._refused(sender)
        if shop is None or platform is None:
            return self._refused(sender)
        seen = platform.delivery(body, headers)
        if shop.platform == "shopify" and seen.shop_domain.lower() != shop.settings.domain.lower():
            self.noticed.wrong_shop(shop, clean(seen.shop_domain))
            return self._refused(sender)
        if secret:
            log.warning("delivery signed with a previous secret", extra={"shop": shop.id})
            self.noticed.previous_secret(shop, shop.platform)
        return Raw(shop.id, shop.platform, seen.topic, seen.delivery_id, _kept(headers), body, secret, shop_key=shop.key)

    def _of_carrier(self, carrier: Tells, shop: ConnectedShop | None, headers: Lowered, body: bytes, sender: str | None) -> Raw | Answer:
        """What a carrier tells by itself. It says nothing outside of the signed body, so its kind is not known before that is read."""
        secrets = shop.settings.carriers.secrets_at(carrier.name, real_now()) if shop is not None else []
        try:
            secret = carrier.verify(body, headers, secrets or DUMMY_SECRETS)
        except BadSignature:
            return self._refused(sender)
        if shop is None or not secrets:
            return self._refused(sender)
        if secret:
            log.warning("delivery of a carrier signed with a previous secret", extra={"shop": shop.id, "carrier": carrier.name})
            self.noticed.previous_secret(shop, carrier.name)
        return Raw(shop.id, carrier.name, carrier.name, "", _kept(headers), body, secret, shop_key=shop.key)

    def _addressed(self, path: str, headers: Lowered) -> tuple[ShopPlatform | None, ConnectedShop | None]:
        name, _, key = path.partition("/")
        platform = SHOPS.get(name)
        if path == SHARED:
            return platform, self.shops().by_domain(headers.get("x-shopify-shop-domain") or headers.get("shopify-shop-domain") or "")
        return platform, self.shops().by_key(name, key) if platform is not None else None

    def _refused(self, sender: str | None) -> Answer:
        """401 for all; 429 for who goes on and on. Neither tells what was wrong."""
        if self.strangers.refused(sender):
            return Answer(429, {"Retry-After": "10"})
        return LATER if self.damaged() else Answer(401)


def is_address(path: str) -> bool:
    """Whether deliveries come in at that path, the part behind `/webhooks/`."""
    name, _, key = path.partition("/")
    return path == SHARED or bool(name and key and "/" not in key)


def announced(headers: Lowered) -> int:
    """The body's length as the sender tells it; 0 when it does not."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _kept(headers: Lowered) -> dict[str, str]:
    """The headers that say something about the delivery; nothing of the sender's network."""
    return {name: value[:500] for name, value in headers.items() if _says_something(name)}


@lru_cache(maxsize=1024)
def _says_something(name: str) -> bool:
    return any(word in name for word in KEPT)
