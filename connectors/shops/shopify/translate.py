"""Answers of the GraphQL API in the shape of webhook bodies, so that both are read by the same code. Pure."""

from __future__ import annotations

from typing import Any

from connectors.reading import Part


def tail(gid: str) -> str:
    """`gid://shopify/Order/42` -> `42`."""
    return gid.rpartition("/")[2]


def order(found: Part) -> dict[str, Any]:
    """An `order` of `queries.ORDER` as `orders/updated` would carry it."""
    return {
        "id": found.raw.get("legacyResourceId"),
        **{
            _snake(key): found.raw.get(key)
            for key in ("name", "email", "phone", "createdAt", "updatedAt", "cancelledAt", "test", "note", "customerLocale")
        },
        "cancel_reason": found.text("cancelReason").lower(),
        "tags": _listed(found.raw.get("tags")),
        "taxes_included": found.raw.get("taxesIncluded"),
        "buyer_accepts_marketing": found.raw.get("customerAcceptsMarketing"),
        "currency": found.raw.get("currencyCode"),
        "financial_status": found.text("displayFinancialStatus").lower(),
        "fulfillment_status": FULFILMENT.get(found.text("displayFulfillmentStatus")),
        "order_status_url": found.raw.get("statusPageUrl"),
        "payment_gateway_names": found.raw.get("paymentGatewayNames"),
        **{_snake(key): found.raw.get(key) and _money(found.raw[key]) for key in SUMS},
        "customer": _customer(found.part("customer")),
        "shipping_address": _address(found.part("shippingAddress")),
        "billing_address": _address(found.part("billingAddress")),
        "shipping_lines": [{"title": way.raw.get("title"), "tax_lines": _taxes(way)} for way in found.part("shippingLines").parts("nodes")],
        "line_items": [_line(item) for item in found.part("lineItems").parts("nodes")],
        "refunds": [_refund(item) for item in found.parts("refunds")],
        "fulfillments": [fulfilment(item) for item in found.parts("fulfillments")],
    }


def consent(found: Part) -> dict[str, Any]:
    """What an `order` says of its customer's consent, as `customers_email_marketing_consent/update` would carry it; empty: nothing."""
    customer = found.part("customer")
    address = customer.part("defaultEmailAddress")
    state, since = address.text("marketingState").lower(), address.raw.get("marketingUpdatedAt")
    if not state or not since or not address.text("emailAddress", 254):
        return {}
    said = {"state": state, "consent_updated_at": since}
    return {"customer_id": customer.raw.get("legacyResourceId"), "email_address": address.raw.get("emailAddress"), "email_marketing_consent": said}


def _listed(tags: object) -> str:
    return ", ".join(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ""


SUMS = ("totalPriceSet", "totalShippingPriceSet", "totalDiscountsSet", "totalTaxSet")
FULFILMENT = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}
"""`displayFulfillmentStatus` in the words of webhooks; all others are null there."""


def fulfilment(found: Part) -> dict[str, Any]:
    """A fulfilment as `fulfillments/update` would carry it."""
    info = [item.raw for item in found.parts("trackingInfo")]
    held = list(found.part("fulfillmentLineItems").parts("nodes"))
    return {
        "id": found.raw.get("legacyResourceId"),
        "status": found.text("status").lower(),
        "created_at": found.raw.get("createdAt"),
        "updated_at": found.raw.get("updatedAt"),
        # Webhooks of fulfilments do not carry it, only those of scans.
        "estimated_delivery_at": found.raw.get("estimatedDeliveryAt"),
        # What the carrier said is read from the scans themselves, which have times of their own.
        "shipment_status": None,
        "tracking_company": info[0].get("company") if info else None,
        "tracking_numbers": [item.get("number") for item in info if item.get("number")],
        "tracking_urls": [item.get("url") for item in info if item.get("url")],
        "line_items": [
            {
                "id": tail(item.part("lineItem").text("id")),
                "quantity": item.raw.get("quantity"),
                "requires_shipping": item.part("lineItem").raw.get("requiresShipping"),
            }
            for item in held
        ],
    }


def scans(found: Part, order_ref: str) -> list[dict[str, Any]]:
    """A fulfilment's scans as `fulfillment_events/create` would carry them."""
    head = {"order_id": order_ref, "fulfillment_id": found.ref("legacyResourceId")}
    nodes = found.part("events").parts("nodes")
    return [
        {
            **head,
            "status": item.text("status").lower(),
            "happened_at": item.raw.get("happenedAt"),
            "estimated_delivery_at": item.raw.get("estimatedDeliveryAt"),
        }
        for item in nodes
    ]


def _plain(part: Part, *keys: str) -> dict[str, Any]:
    """The values under these keys, untouched, by the names that webhooks use."""
    return {_snake(key): part.raw.get(key) for key in keys}


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def _money(bag: Any) -> dict[str, Any]:
    money = Part(bag).part("presentmentMoney")
    return {"presentment_money": {"amount": money.raw.get("amount"), "currency_code": money.raw.get("currencyCode")}}


def _taxes(part: Part) -> list[dict[str, Any]]:
    return [{"price_set": _money(tax.raw.get("priceSet"))} for tax in part.parts("taxLines")]


def _line(item: Part) -> dict[str, Any]:
    return {
        "id": tail(item.text("id")),
        **_plain(item, "title", "variantTitle", "sku", "quantity", "requiresShipping"),
        "product_id": item.part("product").raw.get("legacyResourceId"),
        "variant_id": item.part("variant").raw.get("legacyResourceId"),
        "image": item.part("image").raw.get("url"),
        "price_set": _money(item.raw.get("originalUnitPriceSet")),
        "discount_allocations": [{"amount_set": _money(part.raw.get("allocatedAmountSet"))} for part in item.parts("discountAllocations")],
        "tax_lines": _taxes(item),
    }


def _refund(item: Part) -> dict[str, Any]:
    held = item.part("refundLineItems").parts("nodes")
    return {
        "id": item.raw.get("legacyResourceId"),
        **_plain(item, "createdAt", "processedAt", "note"),
        "transactions": [_transaction(move) for move in item.part("transactions").parts("nodes")],
        "refund_line_items": [{"line_item_id": tail(line.part("lineItem").text("id")), **_plain(line, "quantity")} for line in held],
    }


def _transaction(move: Part) -> dict[str, Any]:
    money = move.part("amountSet").part("presentmentMoney")
    kinds = {"kind": move.text("kind").lower(), "status": move.text("status").lower()}
    return {**kinds, "amount": money.raw.get("amount"), "currency": money.raw.get("currencyCode")}


def _address(part: Part) -> dict[str, Any] | None:
    if not part:
        return None
    plain = _plain(part, "firstName", "lastName", "name", "company", "address1", "address2", "city", "province", "provinceCode", "zip", "phone")
    return {**plain, "country_code": part.raw.get("countryCodeV2")}


def _customer(part: Part) -> dict[str, Any]:
    told = {"id": part.raw.get("legacyResourceId"), "email": part.part("defaultEmailAddress").raw.get("emailAddress")}
    return told | _plain(part, "firstName", "lastName", "locale")
