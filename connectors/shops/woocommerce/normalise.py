"""Which WooCommerce topics mean something to us, and what. Pure."""

from __future__ import annotations

from connectors.errors import Unreadable
from connectors.reading import NAME, WORD, Part, first_time, language
from connectors.shops.base import Handler, Ignored, Reading, ShopContext, Topics, read
from connectors.shops.woocommerce.orders import order_reading
from connectors.shops.woocommerce.privacy import ERASE, EXPORT, asked
from connectors.shops.woocommerce.status import trashed
from postventa.events import CustomerSeen, OrderRestored, OrderTrashed

NOT_OF_ITS_KIND = "the body is not what its topic {} says (the topic is not signed, the body is): nothing is done about it"
PRODUCTS = Ignored("products are read from the orders that hold them")
COUPONS = Ignored("coupons do not change what a customer is told about an order")


def normalise(topic: str, body: bytes, context: ShopContext) -> Reading:
    """Read one stored delivery. Raises `Unreadable` for what cannot be understood, an unknown topic included."""
    return read(TOPICS, topic, body, context)


def _or_error(handler: Handler) -> Handler:
    """WooCommerce signs and sends its own REST error when the thing is gone, or hidden from the webhook's owner, at delivery time."""

    def handle(payload: Part, context: ShopContext) -> Reading:
        if "code" in payload and "id" not in payload:
            said = payload.text("message", NAME) or "no reason given"
            return Reading(ignored=f"the shop could not show it any more: {said} ({payload.text('code', WORD)})")
        return handler(payload, context)

    return handle


def order_seen(payload: Part, context: ShopContext) -> Reading:
    """`order.created` and `order.updated` carry the order as it is at delivery time: either may come first, and say anything."""
    _is_order(payload)
    return order_reading(payload, context)


def order_deleted(payload: Part, context: ShopContext) -> Reading:
    """Into the bin: `{"id": 57}` and nothing else. (Deleting for good sends no webhook at all.)"""
    if len(payload.raw) > 1:
        raise Unreadable(NOT_OF_ITS_KIND.format("order.deleted"))
    return Reading((OrderTrashed(_id(payload), first_time(context.received_at)),))


def order_restored(payload: Part, context: ShopContext) -> Reading:
    """Out of the bin. The event is dated so that it outlives the `OrderTrashed`, which only knows when it arrived."""
    _is_order(payload)
    seen = order_reading(payload, context)
    if trashed(payload.text("status")):
        return seen
    times = [at for at in (context.received_at, *(event.at for event in seen.events[:1])) if at is not None]
    return Reading((*seen.events, OrderRestored(_id(payload), max(times))), seen.refetch)


def customer_seen(payload: Part, context: ShopContext) -> Reading:
    """`customer.created` and `customer.updated`: the name, address and language of an account."""
    if "email" not in payload.raw or "line_items" in payload.raw:
        raise Unreadable(NOT_OF_ITS_KIND.format("customer.*"))
    event = CustomerSeen(
        order_ref="",
        at=first_time(payload.time("date_modified_gmt"), payload.time("date_created_gmt"), context.received_at),
        customer_ref=_id(payload),
        email=payload.text("email", 254),
        first_name=payload.text("first_name", NAME),
        last_name=payload.text("last_name", NAME),
        locale=language(next((meta.raw.get("value") for meta in payload.parts("meta_data") if meta.text("key") == "locale"), "")),
    )
    return Reading((event,))


def _is_order(payload: Part) -> None:
    """The topic is not signed: a product or customer sent again as an order would verify. Raises `Unreadable`."""
    if not {"line_items", "billing"} <= payload.raw.keys():
        raise Unreadable(NOT_OF_ITS_KIND.format("order.*"))


def _id(payload: Part) -> str:
    found = payload.ref("id")
    if not found:
        raise Unreadable('the body has no "id"')
    return found


TOPICS: Topics = {
    "order.created": _or_error(order_seen),
    "order.updated": _or_error(order_seen),
    "order.deleted": _or_error(order_deleted),
    "order.restored": _or_error(order_restored),
    "customer.created": _or_error(customer_seen),
    "customer.updated": _or_error(customer_seen),
    "customer.deleted": Ignored("an account was deleted in the shop; its orders stay, and erasing personal data is asked for apart"),
    "product.created": PRODUCTS,
    "product.updated": PRODUCTS,
    "product.deleted": Ignored("products are read from orders; WooCommerce also sends this for coupons and pages that were thrown away"),
    "product.restored": PRODUCTS,
    "product.published": PRODUCTS,
    "coupon.created": COUPONS,
    "coupon.updated": COUPONS,
    "coupon.deleted": Ignored("coupons change nothing here; WooCommerce also sends this for products and pages that were thrown away"),
    "coupon.restored": COUPONS,
    EXPORT: asked(EXPORT),
    ERASE: asked(ERASE),
    "action.*": Ignored("actions carry no more than an id; the order's own webhooks tell what happened"),
}
"""`name.*` stands for every topic that begins so."""
