"""The draft of an order for an exchange: https://shopify.dev/docs/api/admin-graphql/latest/mutations/draftOrderCreate

A return of Shopify's own can hold the goods that go out (`ReturnInput.exchangeLineItems`), but only when it is made: nothing can be added to one
that a customer asked for. What is missing would be owed on the old order, without a link to pay that alone, and a fee that is kept cannot be said. A
draft can do all of it, and is found by its tag.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.errors import ConnectorError
from connectors.reading import ADDRESS, NAME, TITLE, Part
from connectors.shops.credit import Split, fits, split
from connectors.shops.shopify import mutations
from connectors.shops.shopify.orders import EXCHANGE
from connectors.shops.shopify.writes.api import ShopifyApi, gid
from connectors.shops.writes import Exchange

ZERO, CENT = Decimal(0), Decimal("0.01")
USED, REST = "_postventa_used", "_postventa_rest"
"""What became of the credit, on the draft itself, where the shop's people see it too."""
PROTECTED = "protected customer data: name, address"


def document(api: ShopifyApi, wanted: Exchange, reference: str) -> tuple[dict[str, Any], Split]:
    """The draft as it is to be made, and what is to be paid for it. Asks for prices, and changes nothing."""
    old = api.found(mutations.EXCHANGE_OF, {"id": gid("Order", wanted.order_ref)}, "order", f"order {wanted.order_ref}")
    for path in ("order.shippingAddress", "order.customer"):
        api.told(path, PROTECTED)
    if old.text("presentmentCurrencyCode") != wanted.currency:
        paid = old.text("presentmentCurrencyCode")
        raise ConnectorError(f"{api.domain}: the order was paid in {paid}, and the credit is in {wanted.currency}", permanent=True)
    bare = _bare(wanted, old, reference)
    worth = _reckoned(api, bare, wanted)
    found = split(wanted, worth.total)
    return {**_with_credit(api, bare, wanted, worth, found, _name(old)), "customAttributes": _marks(found)}, found


class Worth:
    """What a draft comes to, by Shopify's own reckoning."""

    def __init__(self, told: Part) -> None:
        self.total = _seen(told, "totalPriceSet")
        self.goods = _seen(told, "subtotalPriceSet")
        self.taxed = told.flag("taxesIncluded")


def _bare(wanted: Exchange, old: Part, reference: str) -> dict[str, Any]:
    """Without the credit. No price is ours: Shopify knows them."""
    customer = old.part("customer").text("id")
    ways = [way.text("title", NAME) for way in old.part("shippingLines").parts("nodes")]
    free = {"title": ways[0], "priceWithCurrency": {"amount": "0.00", "currencyCode": wanted.currency}} if ways and ways[0] else None
    return {
        "lineItems": [{"variantId": gid("ProductVariant", ref), "quantity": pieces} for ref, pieces in wanted.outgoing],
        "purchasingEntity": {"customerId": customer} if customer else None,
        "email": old.text("email", 254) or None,
        "shippingAddress": _address(old.part("shippingAddress")),
        "billingAddress": _address(old.part("billingAddress")),
        "shippingLine": free,
        "presentmentCurrencyCode": wanted.currency,
        "taxExempt": old.flag("taxExempt"),
        "acceptAutomaticDiscounts": False,
        "allowDiscountCodesInCheckout": False,
        "reserveInventoryUntil": _at(wanted.held_until),
        "note": f"{_name(old)}: {wanted.note} ({reference})" if wanted.note else f"{_name(old)} ({reference})",
        "tags": [EXCHANGE, reference],  # for the shop's people, and for us
    }


def _with_credit(api: ShopifyApi, bare: dict[str, Any], wanted: Exchange, worth: Worth, found: Split, name: str) -> dict[str, Any]:
    """A discount that leaves exactly what is due: where tax comes on top, a discount of goods takes some tax away with it."""
    if worth.total <= found.due:
        return bare
    first = worth.goods if not found.due else _discount(worth, worth.total - found.due)
    for cents in (0, 1, -1, 2, -2) if found.due else (0,):
        discount = min(first + cents * CENT, worth.goods)
        tried = {**bare, "appliedDiscount": _applied(discount, wanted.currency, name)}
        if fits(found.due, _reckoned(api, tried, wanted).total):
            return tried
    raise ConnectorError(f"{api.domain}: no discount leaves {found.due} {wanted.currency} to pay: make this exchange by hand", permanent=True)


def _discount(worth: Worth, less: Decimal) -> Decimal:
    return less if worth.taxed else (worth.goods * less / worth.total).quantize(CENT, ROUND_HALF_UP)


def _applied(discount: Decimal, currency: str, name: str) -> dict[str, Any]:
    """`title` stands in the order, and the customer sees it there: the number of the order whose goods are replaced."""
    money = {"amount": f"{discount:f}", "currencyCode": currency}
    return {"valueType": "FIXED_AMOUNT", "value": float(discount), "amountWithCurrency": money, "title": name}


def _reckoned(api: ShopifyApi, draft: dict[str, Any], wanted: Exchange) -> Worth:
    told = api.worked_out(mutations.DRAFT_CALCULATE, {"input": draft}, "draftOrderCalculate", "calculatedDraftOrder")
    currency = told.part("totalPriceSet").part("presentmentMoney").text("currencyCode")
    if currency != wanted.currency:
        raise ConnectorError(f"{api.domain} reckons in {currency}, and the credit is in {wanted.currency}", permanent=True)
    return Worth(told)


def _marks(found: Split) -> list[dict[str, str]]:
    return [{"key": USED, "value": f"{found.used:f}"}, {"key": REST, "value": f"{found.rest:f}"}]


def _name(old: Part) -> str:
    return old.text("name", TITLE)


def _address(part: Part) -> dict[str, str] | None:
    names = ("firstName", "lastName", "company", "address1", "address2", "city", "provinceCode", "zip", "phone")
    found = {name: part.text(name, ADDRESS) for name in names} | {"countryCode": part.text("countryCodeV2")}
    return {name: text for name, text in found.items() if text} or None


def _at(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def _seen(part: Part, name: str) -> Decimal:
    return part.part(name).part("presentmentMoney").money("amount")
