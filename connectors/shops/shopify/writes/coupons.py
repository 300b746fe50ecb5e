"""Discount codes: https://shopify.dev/docs/api/admin-graphql/latest/mutations/discountCodeBasicCreate . No two have the same code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.errors import ConnectorError
from connectors.reading import TITLE
from connectors.shops.shopify import mutations
from connectors.shops.shopify.writes.api import Declined, ShopifyApi, gid
from connectors.shops.writes import Coupon, Done


def do(api: ShopifyApi, wanted: Coupon, reference: str) -> Done:
    """Make it; one that is ours already is done."""
    try:
        made = api.change(mutations.DISCOUNT_CREATE, {"discount": document(wanted, reference)}, "discountCodeBasicCreate", "codeDiscountNode")
    except Declined as error:
        known = find(api, wanted, reference) if "TAKEN" in error.codes else None
        if known is not None:
            return known
        raise
    return Done(made.text("id").rpartition("/")[2], f"discount code {wanted.code}")


def find(api: ShopifyApi, wanted: Coupon, reference: str) -> Done | None:
    """By the code; its title bears our reference. Raises `ConnectorError` when the code is somebody else's: it is not to be given away."""
    node = api.ask(mutations.DISCOUNT, {"code": wanted.code}).part("codeDiscountNodeByCode")
    if not node:
        return None
    if reference not in node.part("codeDiscount").text("title", TITLE):
        raise ConnectorError(f"{api.domain} has another discount with the code {wanted.code}: it was left as it is", permanent=True)
    return Done(node.text("id").rpartition("/")[2], f"discount code {wanted.code} was there already")


def document(wanted: Coupon, reference: str) -> dict[str, Any]:
    """Single use, once for each customer, beside free shipping and no other discount. Customers are known by number only, not by address."""
    amount = {"discountAmount": {"amount": f"{wanted.amount:f}", "appliesOnEachItem": False}}
    value = {"percentage": float(wanted.percent / 100)} if wanted.percent else amount
    whose = {"customers": {"add": [gid("Customer", wanted.customer_ref)]}} if wanted.customer_ref else {"all": "ALL"}
    return {
        "title": f"{wanted.title} ({reference})",
        "code": wanted.code,
        "startsAt": _at(wanted.starts_at),
        "endsAt": _at(wanted.ends_at) if wanted.ends_at else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": whose,
        "customerGets": {"value": value, "items": {"all": True}},
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": True},
    }


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
