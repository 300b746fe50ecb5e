"""`POST /webhooks/<platform>/<key>`: verify -> store raw, durable -> wake a worker -> 200 (promises.md 1).

Whoever cannot prove who they are gets the same 401 after the same work, whatever is wrong. No network and no parsing in here.
"""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import BinaryIO, cast

from flask import Blueprint, Response, current_app, request

from connectors.errors import BadSignature
from connectors.reading import clean
from connectors.shops import SHOPS
from connectors.shops.base import ShopPlatform
from connectors.signing import Lowered, lowered
from postventa.clock import real_now
from postventa.damage import Marker
from postventa.directory import Directory
from postventa.shops import ConnectedShop
from webhooks.inbox import Inbox, Overloaded, Raw
from webhooks.noticed import Noticed
from webhooks.strangers import Strangers

log = logging.getLogger("postventa.webhooks")
blueprint = Blueprint("webhooks", __name__)

DUMMY_SECRETS = ["no shop has this secret", "nor this one"]
"""Signed against when the shop is unknown, so that an unknown address costs what a wrong signature costs."""
KEPT = ("topic", "hmac", "signature", "shop-domain", "webhook-id", "event-id", "triggered-at", "api-version", "delivery-id", "source", "user-agent")

PIECE = 64 * 1024
REFUSED, REFUSED_WITHIN = 64 * 1024 * 1024, 2.0
"""Bytes and seconds for which a refused body is listened to before the answer."""


@blueprint.post("/webhooks/<platform>/<key>")
def by_key(platform: str, key: str) -> Response:
    """One shop's own address."""
    found = SHOPS.get(platform)
    return _receive(found, _directory().by_key(platform, key) if found is not None else None)


@blueprint.post("/webhooks/shopify")
def shopify_app() -> Response:
    """One address for all shops of a Shopify app: its app-wide subscriptions allow only one."""
    domain = request.headers.get("X-Shopify-Shop-Domain") or request.headers.get("shopify-shop-domain") or ""
    return _receive(SHOPS["shopify"], _directory().by_domain(domain))


def _receive(platform: ShopPlatform | None, shop: ConnectedShop | None) -> Response:
    body = _body()
    if isinstance(body, Response):
        return body
    headers = lowered(dict(request.headers))
    checker = platform or SHOPS["woocommerce"]
    if shop is not None and checker.ping(body, headers):
        return _answer(200)
    try:
        secret = checker.verify(body, headers, shop.settings.secrets_at(real_now()) if shop is not None else DUMMY_SECRETS)
    except BadSignature:
        return _refused()
    if shop is None or platform is None:
        return _refused()
    seen = platform.delivery(body, headers)
    if shop.platform == "shopify" and seen.shop_domain.lower() != shop.settings.domain.lower():
        _noticed().wrong_shop(shop, clean(seen.shop_domain))
        return _refused()
    if secret:
        log.warning("delivery signed with a previous secret", extra={"shop": shop.id})
        _noticed().previous_secret(shop)
    return _store(Raw(shop.id, shop.platform, seen.topic, seen.delivery_id, _kept(headers), body, secret, shop_key=shop.key))


def _refused() -> Response:
    """401 for all; 429 for who goes on and on. Neither tells what was wrong. While the database is damaged it may not know every shop: 503."""
    flood = cast(Strangers, current_app.extensions["postventa.strangers"]).refused(request.remote_addr)
    if not flood and cast(Marker, current_app.extensions["postventa.damage"]).known:
        return _answer(503, {"Retry-After": "30"})
    return _answer(429, {"Retry-After": "10"}) if flood else _answer(401)


def _body() -> bytes | Response:
    """The raw bytes, or the refusal. Never more than the cap is kept in memory."""
    cap = current_app.extensions["postventa"].settings.server.max_body
    encoded = request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity")
    announced = request.content_length or 0
    stream = request.environ["wsgi.input"]  # the server ends it where the body ends, with or without a length
    body = b"" if encoded or announced > cap else _read(stream, cap + 1)
    if encoded or announced > cap or len(body) > cap:
        _throw_away(stream)
        return _answer(415 if encoded else 413)
    return body if len(body) >= announced else _answer(400)  # shorter than announced: the sender hung up


def _read(stream: BinaryIO, most: int) -> bytes:
    parts: list[bytes] = []
    while most > 0 and (part := stream.read(min(most, PIECE))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def _throw_away(stream: BinaryIO) -> None:
    """Most senders look for an answer only when all of theirs is out; one that is cut off sees a broken connection and no 413."""
    deadline, left = time.monotonic() + REFUSED_WITHIN, REFUSED
    while left > 0 and time.monotonic() < deadline and (part := stream.read(PIECE)):
        left -= len(part)


def _store(raw: Raw) -> Response:
    try:
        cast(Inbox, current_app.extensions["postventa.inbox"]).store(raw)
    except Overloaded as error:
        log.error("delivery not stored: %s", error, extra={"shop": raw.shop_id})
        return _answer(503, {"Retry-After": "30"})
    return _answer(200)


def _answer(status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(b"", status, headers)


def _kept(headers: Lowered) -> dict[str, str]:
    """The headers that say something about the delivery; nothing of the sender's network."""
    return {name: value[:500] for name, value in headers.items() if _says_something(name)}


@lru_cache(maxsize=1024)
def _says_something(name: str) -> bool:
    return any(word in name for word in KEPT)


def _noticed() -> Noticed:
    return cast(Noticed, current_app.extensions["postventa.noticed"])


def _directory() -> Directory:
    return cast(Directory, current_app.extensions["postventa.directory"])
