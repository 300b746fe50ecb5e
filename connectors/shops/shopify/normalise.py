"""Which Shopify topics mean something to us, and what. Pure. https://shopify.dev/docs/api/webhooks/latest"""

from __future__ import annotations

from connectors.shops.base import Ignored, Reading, ShopContext, Topics, read
from connectors.shops.shopify import orders, parcels, people, refunds, returns
from connectors.shops.shopify.kinds import of_its_kind
from postventa import events as e

PRODUCTS = Ignored("products are read from the orders that hold them")
ROUTING = Ignored("how the shop plans its warehouse work; fulfilments tell what left")
NO_MAIL = Ignored("consent to text messages; Postventa writes e-mails")


def normalise(topic: str, body: bytes, context: ShopContext) -> Reading:
    """Read one stored delivery. Raises `Unreadable` for what cannot be understood, an unknown topic included."""
    return read(TOPICS, topic, body, context)


_TOPICS: Topics = {
    "orders/create": orders.order_seen,
    "orders/paid": orders.order_seen,
    "orders/updated": orders.order_seen,
    "orders/fulfilled": orders.order_seen,
    "orders/partially_fulfilled": orders.order_seen,
    "orders/cancelled": orders.order_seen,
    "orders/edited": orders.order_edited,
    "orders/delete": orders.order_deleted,
    "orders/link_requested": Ignored("Shopify itself sends the customer the new link"),
    "orders/risk_assessment_changed": Ignored("no follow-up depends on the risk of an order"),
    "fulfillments/create": parcels.fulfilment_seen,
    "fulfillments/update": parcels.fulfilment_seen,
    "fulfillment_events/create": parcels.scan_seen,
    "fulfillment_events/delete": Ignored("a scan that was told stays told"),
    "fulfillment_orders/order_routing_complete": ROUTING,
    "fulfillment_orders/split": ROUTING,
    "fulfillment_orders/moved": ROUTING,
    "fulfillment_orders/merged": ROUTING,
    "refunds/create": refunds.refund_seen,
    "order_transactions/create": Ignored("payments are read from their order, refunds from their own delivery"),
    "returns/request": returns.step(e.ReturnRequested),
    "returns/approve": returns.step(e.ReturnApproved),
    "returns/decline": returns.step(e.ReturnDeclined),
    "returns/cancel": returns.step(e.ReturnCancelled),
    "returns/close": returns.step(e.ReturnClosed),
    "returns/reopen": returns.step(e.ReturnReopened),
    "returns/process": returns.processed,
    "returns/update": returns.changed,
    "reverse_deliveries/attach_deliverable": returns.delivery_attached,
    "reverse_fulfillment_orders/dispose": Ignored("the body names no return; returns/process tells that the goods are back"),
    "disputes/create": people.dispute_seen,
    "disputes/update": people.dispute_seen,
    "customers/create": people.customer_seen,
    "customers/update": people.customer_seen,
    "customers/delete": Ignored("an account was deleted in the shop; erasing personal data is asked for by customers/redact"),
    "customers_email_marketing_consent/update": people.consent_seen,
    "customers_marketing_consent/update": NO_MAIL,
    "customers_whats_app_marketing_consent/update": NO_MAIL,
    "products/create": PRODUCTS,
    "products/update": PRODUCTS,
    "products/delete": PRODUCTS,
    "shop/update": Ignored("the shop's name, language and address come from its settings here"),
    "app/scopes_update": people.scopes_changed,
    "app/uninstalled": people.app_uninstalled,
    "customers/data_request": people.privacy("customers/data_request"),
    "customers/redact": people.privacy("customers/redact"),
    "shop/redact": people.privacy("shop/redact"),
}

TOPICS: Topics = {topic: found if isinstance(found, Ignored) else of_its_kind(topic, found) for topic, found in _TOPICS.items()}
