"""The shops' side of a delivery: the platform's own headers, and the signature over the exact bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import uuid
from http import HTTPStatus

from postventa.demo.data import Delivery
from postventa.demo.door import Answer, knock
from postventa.demo.folder import Folder

PLATFORMS = {"lola": "shopify", "alba": "woocommerce"}


TRIES, PAUSE = 20, 0.5
"""How often a delivery is sent that the service cannot store just now, and the seconds in between: a busy machine's disk may stand still."""


def send(folder: Folder, delivery: Delivery) -> Answer:
    """POST it to the shop's own address; after a 503 it is sent again, as shops do. Raises `OSError` when nobody answers."""
    for _ in range(TRIES - 1):
        answer = _sent(folder, delivery)
        if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
            return answer
        time.sleep(PAUSE)
    return _sent(folder, delivery)


def _sent(folder: Folder, delivery: Delivery) -> Answer:
    address = f"{folder.address}/webhooks/{PLATFORMS[delivery.shop]}/{folder.shops[delivery.shop].key}"
    return knock("POST", address, delivery.body, headers(delivery, folder.shops[delivery.shop].secret))


def headers(delivery: Delivery, secret: str) -> dict[str, str]:
    """What the platform would send; a stranger does not know the secret and signs with a guess."""
    signature = sign(delivery.body, secret if delivery.sender != "stranger" else "una clave cualquiera")
    if delivery.shop == "lola":
        return _shopify(delivery, signature)
    if delivery.sender == "ping":
        return {"User-Agent": "WooCommerce/10.5.0 Hookshot (WordPress/6.9.1)", "Content-Type": "application/x-www-form-urlencoded"}
    return _woocommerce(delivery, signature)


def sign(body: bytes, secret: str) -> str:
    """Both platforms: base64 of HMAC-SHA256 over the raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def _shopify(delivery: Delivery, signature: str) -> dict[str, str]:
    """https://shopify.dev/docs/apps/build/webhooks/delivery-structure : `X-Shopify-*`, and the newer `shopify-*` of "Events"."""
    family = "shopify-" if delivery.sender == "shop-new" else "X-Shopify-"
    return {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        f"{family}Topic": delivery.topic,
        f"{family}Hmac-Sha256": signature,
        f"{family}Shop-Domain": "zapateria-lola.myshopify.com",
        f"{family}API-Version": "2026-07",
        f"{family}Webhook-Id": delivery.delivery_id,
        f"{family}Event-Id": str(uuid.uuid5(uuid.NAMESPACE_URL, delivery.delivery_id)),
        f"{family}Triggered-At": delivery.at.strftime("%Y-%m-%dT%H:%M:%S.000000000Z"),
    }


def _woocommerce(delivery: Delivery, signature: str) -> dict[str, str]:
    resource, _, event = delivery.topic.partition(".")
    return {
        "User-Agent": "WooCommerce/10.5.0 Hookshot (WordPress/6.9.1)",
        "Accept": "*/*",
        "Content-Type": "application/json",
        "X-WC-Webhook-Source": "https://ceramica-alba.example/",
        "X-WC-Webhook-Topic": delivery.topic,
        "X-WC-Webhook-Resource": resource,
        "X-WC-Webhook-Event": event,
        "X-WC-Webhook-Signature": signature,
        "X-WC-Webhook-ID": "3",
        "X-WC-Webhook-Delivery-ID": delivery.delivery_id,
    }
