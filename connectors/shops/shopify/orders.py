"""A Shopify order (the REST-shaped payload of `orders/*`) as facts. Pure.

https://shopify.dev/docs/api/admin-rest/latest/resources/order ; what webhooks leave out or null (protected data) stays empty here.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.errors import Unreadable
from connectors.reading import ADDRESS, NAME, TITLE, WORD, Part, country, first_time, language, line
from connectors.shops.base import Reading, Refetch, ShopContext
from connectors.shops.shopify.money import amount, currency_of, taxes
from connectors.shops.shopify.parcels import fulfilment_facts, needs_shipping
from connectors.shops.shopify.refunds import refund_facts
from postventa import events as e
from postventa.events import Address, Event, LineSnapshot, OrderSeen, OrderSnapshot

PAID = frozenset({"paid", "partially_refunded", "refunded"})
"""`financial_status` words that prove that the money came in."""
EXCHANGE = "postventa-exchange"
"""The tag of orders that we made for exchanges."""
TAGS = 16 * 1024
"""Signs of all tags of an order: 250 of them, with 40 signs each."""


def order_seen(payload: Part, context: ShopContext) -> Reading:
    """Every topic that carries the whole order: it says where the order stands, whatever the topic calls the occasion."""
    if not payload.ref("id") or "line_items" not in payload:
        raise Unreadable('the body is no order: it has no "id" or no "line_items"')
    order = _snapshot(payload, context)
    return Reading((OrderSeen(order.ref, order.updated_at, order), *_facts(order, payload, context)))


def order_edited(payload: Part, context: ShopContext) -> Reading:
    """`orders/edited` only names what was added and removed: ask for the order as it is now."""
    ref = payload.part("order_edit").ref("order_id")
    if not ref:
        raise Unreadable('the body is no edit of an order: it has no "order_id"')
    return Reading(refetch=(Refetch("order", ref, ref),))


def order_deleted(payload: Part, context: ShopContext) -> Reading:
    """`orders/delete`: `{"id": ...}` and nothing else."""
    if not payload.ref("id"):
        raise Unreadable('the body has no "id"')
    return Reading((e.OrderTrashed(payload.ref("id"), first_time(context.received_at)),))


def _facts(order: OrderSnapshot, payload: Part, context: ShopContext) -> Iterator[Event]:
    if order.test:
        return  # a test order is shown, and nothing else comes of it
    if EXCHANGE not in (tag.strip() for tag in payload.text("tags", TAGS).split(",")):
        yield e.OrderPlaced(order.ref, order.created_at)  # an exchange's we placed ourselves: its mails are the exchange's
    if payload.text("financial_status").lower() in PAID:
        yield e.OrderPaid(order.ref, order.updated_at)
    cancelled = payload.time("cancelled_at")
    if cancelled:
        yield e.OrderCancelled(order.ref, cancelled, payload.text("cancel_reason"))
    for item in payload.parts("refunds"):
        yield from refund_facts(order.ref, item, context)
    for item in payload.parts("fulfillments"):
        if item.ref("id"):
            yield from fulfilment_facts(order.ref, item, context)
    if order.lines and not any(item.requires_shipping for item in order.lines) and payload.text("fulfillment_status").lower() == "fulfilled":
        times = [at for item in payload.parts("fulfillments") if (at := item.time("created_at"))]
        yield e.OrderCompleted(order.ref, max(times, default=order.updated_at))


def _snapshot(payload: Part, context: ShopContext) -> OrderSnapshot:
    created, updated = payload.time("created_at"), payload.time("updated_at")
    updated_at, created_at = first_time(updated, created, context.received_at), first_time(created, updated, context.received_at)
    total, taxed_apart = amount(payload, "total_price"), not payload.flag("taxes_included")
    lines = [(item, *_bill(item, taxed_apart)) for item in payload.parts("line_items") if item.ref("id")]
    customer, shipping, billing = payload.part("customer"), payload.part("shipping_address"), payload.part("billing_address")
    email = payload.text("email", 254) or payload.text("contact_email", 254) or customer.text("email", 254)
    ways = payload.parts("shipping_lines")
    return OrderSnapshot(
        ref=payload.ref("id"),
        number=payload.text("name") or payload.text("order_number") or payload.ref("id"),
        status=f"{payload.text('financial_status') or 'pending'}/{payload.text('fulfillment_status') or 'unfulfilled'}",
        updated_at=updated_at,
        created_at=created_at,
        currency=currency_of(payload, context),
        total=total,
        email=email,
        customer_ref=customer.ref("id"),
        first_name=_name("first_name", customer, shipping, billing),
        last_name=_name("last_name", customer, shipping, billing),
        phone=payload.text("phone") or customer.text("phone") or shipping.text("phone") or billing.text("phone"),
        locale=language(payload.raw.get("customer_locale") or customer.raw.get("locale")),
        subtotal=sum((price + tax for _, price, tax in lines), Decimal(0)),
        shipping_total=amount(payload, "total_shipping_price") + (sum((taxes(way) for way in ways), Decimal(0)) if taxed_apart else 0),
        discount_total=amount(payload, "total_discounts"),
        tax_total=amount(payload, "total_tax"),
        shipping_method=", ".join(text for way in ways[:3] if (text := way.text("title", NAME))),
        payment_method=_payment(payload),
        note=payload.note("note"),
        shipping_address=_address(shipping, email),
        billing_address=_address(billing, email),
        lines=tuple(_line(item, price, tax) for item, price, tax in lines),
        status_url=payload.url("order_status_url"),
        # False only means that the box was not ticked; who objects is told by the consent topics
        accepts_marketing=True if payload.flag("buyer_accepts_marketing") else None,
        test=payload.flag("test"),
        awaits_payment=payload.text("financial_status").lower() == "pending",
    )


def _name(key: str, *parts: Part) -> str:
    return next((text for part in parts if (text := part.text(key, NAME))), "")


def _payment(payload: Part) -> str:
    names = payload.raw.get("payment_gateway_names")
    return ", ".join(line(name) for name in names[:3]) if isinstance(names, list) else ""


def _bill(item: Part, taxed_apart: bool) -> tuple[Decimal, Decimal | int]:
    """What the pieces of a line cost before discounts, and the tax that comes on top."""
    return amount(item, "price") * item.count("quantity"), taxes(item) if taxed_apart else 0


def _line(item: Part, price: Decimal, tax: Decimal | int) -> LineSnapshot:
    discounts = sum((amount(part, "amount") for part in item.parts("discount_allocations")), Decimal(0))
    variant = item.text("variant_title", NAME)
    return LineSnapshot(
        ref=item.ref("id"),
        title=item.text("title", TITLE) or item.text("name", TITLE),
        quantity=item.count("quantity"),
        total=price - discounts + tax,
        product_ref=item.ref("product_id"),
        variant_ref=item.ref("variant_id"),
        variant_title="" if variant == "Default Title" else variant,
        sku=item.text("sku"),
        image_url=item.url("image"),  # webhooks carry none
        requires_shipping=needs_shipping(item),
        weight_g=item.count("grams"),
    )


def _address(part: Part, email: str) -> Address:
    if not part:
        return Address()
    return Address(
        name=part.text("name", NAME) or f"{part.text('first_name', NAME)} {part.text('last_name', NAME)}".strip(),
        company=part.text("company", ADDRESS),
        street=part.text("address1", ADDRESS),
        street2=part.text("address2", ADDRESS),
        postcode=part.text("zip", WORD),
        city=part.text("city", ADDRESS),
        province=part.text("province", ADDRESS),
        province_code=part.text("province_code", WORD),
        country=country(part.raw.get("country_code")),
        phone=part.text("phone"),
        email=email,
    )
