"""Which Shopify topics we want to be told of, and what its API says of the subscriptions that there are. Pure.

https://shopify.dev/docs/api/admin-graphql/latest/objects/WebhookSubscription . Only subscriptions that this app made in this shop are listed;
those of the app as a whole (`shopify.app.toml`) and those that the merchant made by hand are not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.reading import URL, Part
from connectors.shops.base import Webhook

_ORDERS = ("create", "paid", "updated", "fulfilled", "partially_fulfilled", "cancelled", "edited", "delete")
_RETURNS = ("request", "approve", "decline", "cancel", "close", "reopen", "process", "update")
DISPUTES = "read_shopify_payments_disputes"
RIGHTS: Mapping[str, str] = {
    **{f"orders/{step}": "read_orders" for step in _ORDERS},
    "refunds/create": "read_orders",
    "fulfillments/create": "read_fulfillments",
    "fulfillments/update": "read_fulfillments",
    "fulfillment_events/create": "read_fulfillments",
    **{f"returns/{step}": "read_returns" for step in _RETURNS},
    "reverse_deliveries/attach_deliverable": "read_returns",
    "customers/create": "read_customers",
    "customers/update": "read_customers",
    "customers_email_marketing_consent/update": "read_customers",
    "disputes/create": DISPUTES,
    "disputes/update": DISPUTES,
    "app/uninstalled": "",
    "app/scopes_update": "",
}
"""Topic -> the scope that it takes. Those of `COMPLIANCE` are missing: they cannot be subscribed to by the API."""
COMPLIANCE = ("customers/data_request", "customers/redact", "shop/redact")
"""Set in `shopify.app.toml` or the Dev Dashboard only: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance"""
SPARED = frozenset({DISPUTES})
"""Rights that a merchant may leave out without missing anything: only Shopify Payments has disputes."""

OPTIONAL = (
    "read_products", DISPUTES, "read_locations", "read_store_credit_accounts", "write_discounts", "write_draft_orders", "write_fulfillments",
    "write_gift_cards", "write_orders", "write_returns", "write_store_credit_account_transactions",
)  # fmt: skip
"""Scopes that an app may ask for besides: without `read_products` an order that we ask for comes without the ids of its products (care tips by SKU
work all the same, and deliveries carry them). Those that begin with `write_` are for what a shop has us write into it (`writes/`)."""


def topic_of(enum: str) -> str:
    """`ORDERS_CREATE` -> `orders/create`; one that we do not want comes out as nobody spells it."""
    return _BY_ENUM.get(enum, enum)


def enum_of(topic: str) -> str:
    """`orders/create` -> `ORDERS_CREATE`."""
    return topic.replace("/", "_").upper()


_BY_ENUM = {enum_of(topic): topic for topic in RIGHTS}


def webhook(found: Part) -> Webhook:
    """One of the list; the address may be no URL (EventBridge, Pub/Sub)."""
    trouble = "" if found.text("format") == "JSON" else "sends XML"
    return Webhook(found.text("id"), topic_of(found.text("topic")), found.text("uri", URL), trouble)


def granted(right: str, scopes: Collection[str] | None) -> bool:
    """Whether the app has it; whoever may write may read. None: Shopify did not say what the app may do, so we find out by trying."""
    return not right or scopes is None or right in scopes or right.replace("read_", "write_", 1) in scopes


def wanted(scopes: Collection[str] | None) -> tuple[str, ...]:
    """What we need and may have."""
    return tuple(topic for topic, right in RIGHTS.items() if granted(right, scopes))


def lacking(scopes: Collection[str] | None) -> dict[str, tuple[str, ...]]:
    """Right that is missing -> what we do not hear of without it."""
    missing = {right for right in RIGHTS.values() if not granted(right, scopes) and right not in SPARED}
    return {right: tuple(topic for topic, takes in RIGHTS.items() if takes == right) for right in sorted(missing)}


def missing(scopes: Collection[str]) -> tuple[str, ...]:
    """The scopes that the app needs and was not granted."""
    return tuple(right for right in sorted(set(RIGHTS.values())) if right not in SPARED and not granted(right, scopes))
