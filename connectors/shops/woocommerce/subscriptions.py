"""Which WooCommerce topics we want to be told of, and what its API says of the webhooks that there are. Pure.

https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks
"""

from __future__ import annotations

from typing import Any

from connectors.reading import URL, Part
from connectors.shops.base import Webhook

WANTED = ("order.created", "order.updated", "order.deleted", "order.restored")
"""All that an order goes through. `customer.*` is the merchant's to add: it tells of every account, also of those who never bought anything."""
NAME = "Postventa {}"
STATUS = {"active": "", "paused": "is paused", "disabled": "was switched off"}
WRITE = "WooCommerce → Ajustes → Avanzado → API REST → the key → Permisos: Lectura/Escritura"
"""The right to change webhooks; keys that only read are told 401 (`woocommerce_rest_authentication_error`) when they write."""
MANAGE = "the key's user must be an Administrador or Gestor de la tienda (manage_woocommerce)"
"""The right to see webhooks at all."""


def webhook(found: Part) -> Webhook:
    """One of the list. Its secret is never shown."""
    status = found.text("status")
    return Webhook(found.ref("id"), found.text("topic").lower(), found.text("delivery_url", URL), STATUS.get(status, f'is "{status}"'))


def document(topic: str, url: str, secret: str) -> dict[str, Any]:
    """What a webhook of ours has to be. The secret goes along with every change: nobody can see whether it is still the right one."""
    return {"name": NAME.format(topic), "topic": topic, "status": "active", "delivery_url": url, "secret": secret}
