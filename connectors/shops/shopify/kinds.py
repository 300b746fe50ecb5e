"""Whether a body is what its topic says.

Shopify signs the body only: the topic stands in an unsigned header, so a genuine order sent again as `app/uninstalled` would verify. What a
body is shows in itself: in its global id, and in fields that no other kind has. Pure.
"""

from __future__ import annotations

import re

from connectors.errors import Unreadable
from connectors.reading import Part
from connectors.shops.base import Handler, Reading, ShopContext

GID = re.compile(r"gid://shopify/(\w+)/")
RESOURCES = {
    "orders": "Order", "fulfillments": "Fulfillment", "fulfillment_events": "FulfillmentEvent", "refunds": "Refund", "returns": "Return",
    "reverse_deliveries": "ReverseDelivery", "disputes": "ShopifyPaymentsDispute", "customers": "Customer",
}  # fmt: skip
ORDER, PART_OF_ORDER = frozenset({"line_items", "financial_status"}), frozenset({"order_id"})
MARKS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "orders": (ORDER, PART_OF_ORDER),
    "orders/edited": (frozenset({"order_edit"}), frozenset()),
    "orders/delete": (frozenset({"id"}), ORDER | PART_OF_ORDER | {"order", "customer", "email"}),
    "fulfillments": (PART_OF_ORDER | {"status"}, frozenset({"refund_line_items", "fulfillment_id", "financial_status"})),
    "fulfillment_events": (PART_OF_ORDER | {"fulfillment_id"}, frozenset({"line_items"})),
    "refunds": (PART_OF_ORDER | {"refund_line_items"}, frozenset({"tracking_number", "financial_status"})),
    "returns": (frozenset(), ORDER | {"refund_line_items", "fulfillment_id", "tracking_number", "initiated_at"}),
    "reverse_deliveries": (frozenset(), ORDER | PART_OF_ORDER),
    "disputes": (frozenset({"initiated_at"}), frozenset({"line_items"})),
    "customers": (frozenset({"email"}), ORDER | PART_OF_ORDER),
    "customers_email_marketing_consent": (frozenset({"email_marketing_consent"}), ORDER),
    "app/uninstalled": (frozenset({"plan_name", "shop_owner"}), ORDER),
    "app/scopes_update": (frozenset({"previous", "current"}), ORDER),
    "customers/data_request": (frozenset({"shop_domain", "customer"}), ORDER),
    "customers/redact": (frozenset({"shop_domain", "customer"}), ORDER),
    "shop/redact": (frozenset({"shop_domain"}), ORDER | {"customer"}),
}
"""Topic, or its first word -> (fields that a body of that kind has, even when empty; fields that it never has)."""


def of_its_kind(topic: str, handler: Handler) -> Handler:
    """`handler`, asked only for bodies that are what `topic` says; others raise `Unreadable`."""
    area = topic.partition("/")[0]
    resource = RESOURCES.get(area, "")
    has, never = MARKS.get(topic) or MARKS.get(area, (frozenset(), frozenset()))

    def handle(payload: Part, context: ShopContext) -> Reading:
        named, keys = GID.match(payload.text("admin_graphql_api_id")), payload.raw.keys()
        if (named and resource and named.group(1) != resource) or not keys >= has or not keys.isdisjoint(never):
            raise Unreadable(f"the body is not what its topic {topic} says (the topic is not signed, the body is): nothing is done about it")
        _check_shop(payload, context)
        return handler(payload, context)

    return handle


def _check_shop(payload: Part, context: ShopContext) -> None:
    domain = payload.text("myshopify_domain") or payload.text("shop_domain")
    ours = context.domain.lower()
    if domain.endswith(".myshopify.com") and "{" not in domain and ours.endswith(".myshopify.com") and domain.lower() != ours:
        raise Unreadable(f"the body is about another shop: {domain}")
