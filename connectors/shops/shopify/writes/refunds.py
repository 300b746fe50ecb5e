"""Refunds: https://shopify.dev/docs/api/admin-graphql/latest/mutations/refundCreate

Shopify reckons what lines and shipping are worth (`suggestedRefund`); what was promised has to be that sum, or nothing is done. The request carries a
key by which Shopify knows a repetition for a while, and the refund's note our reference, by which it is found for good.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.errors import ConnectorError
from connectors.reading import NOTE, Part
from connectors.shops.shopify import mutations
from connectors.shops.shopify.writes.api import ShopifyApi, gid
from connectors.shops.writes import Done, Refund

ZERO = Decimal(0)


def do(api: ShopifyApi, wanted: Refund, reference: str) -> Done:
    """Ask what it is worth, compare, refund."""
    lines = [{"lineItemId": gid("LineItem", ref), "quantity": pieces} for ref, pieces in wanted.lines]
    asked = {"id": gid("Order", wanted.order_ref), "lines": lines, "shipping": f"{wanted.shipping:f}" if wanted.shipping else None}
    order = api.found(mutations.REFUND_SUGGESTION, asked, "order", f"order {wanted.order_ref}")
    suggested = order.part("suggestedRefund")
    if not suggested:
        raise ConnectorError(f"{api.domain} does not say what can be refunded of order {wanted.order_ref}", permanent=True)
    _compare(api, wanted, order, suggested)
    document = _document(api, wanted, suggested, reference)
    made = api.change(mutations.REFUND_CREATE, {"input": document, "key": key(api.domain, reference)}, "refundCreate", "refund")
    return replace(_done(made), left=_left(api, wanted, suggested))


def find(api: ShopifyApi, wanted: Refund, reference: str) -> Done | None:
    """Among the order's refunds, by our reference."""
    order = api.found(mutations.REFUNDS, {"id": gid("Order", wanted.order_ref)}, "order", f"order {wanted.order_ref}")
    api.told("order.refunds", "read_orders")
    return next((_done(refund) for refund in order.parts("refunds") if reference in refund.note("note", NOTE)), None)


def key(domain: str, reference: str) -> str:
    """The same for every try: https://shopify.dev/docs/api/usage/idempotent-requests"""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://{domain}/refunds/{reference}"))


def _compare(api: ShopifyApi, wanted: Refund, order: Part, suggested: Part) -> None:
    """Nobody gets another sum than the one that she was told."""
    currency = order.text("presentmentCurrencyCode")
    if currency != wanted.currency:
        raise ConnectorError(f"{api.domain}: the order was paid in {currency}, and {wanted.currency} should be refunded", permanent=True)
    worth, most, promised = _seen(suggested, "amountSet"), _seen(suggested, "maximumRefundableSet"), wanted.amount + wanted.withheld
    if not 0 < wanted.amount <= most:
        raise ConnectorError(f"{api.domain}: {wanted.amount} {currency} should be refunded, but {most} are left of the order", permanent=True)
    if not wanted.by_itself and promised != worth:
        said = f"what goes back is worth {worth} {currency} there, and {promised} with us: nothing was refunded"
        raise ConnectorError(f"{api.domain}: {said}", permanent=True)


def _document(api: ShopifyApi, wanted: Refund, suggested: Part, reference: str) -> dict[str, Any]:
    order = gid("Order", wanted.order_ref)
    document: dict[str, Any] = {
        "orderId": order,
        "currency": wanted.currency,
        "note": f"{wanted.reason} ({reference})".strip(),
        "notify": False,
        "refundLineItems": [_line(item, wanted.restock) for item in suggested.parts("refundLineItems")],
        "transactions": [] if wanted.as_credit else _transactions(api, wanted, suggested, order),
    }
    if wanted.as_credit:
        sum_of_money = {"amount": f"{wanted.amount:f}", "currencyCode": wanted.currency}
        document["refundMethods"] = [{"storeCreditRefund": {"amount": sum_of_money}}]
    if wanted.shipping:
        document["shipping"] = {"amount": f"{wanted.shipping:f}"}
    if wanted.withheld or wanted.by_itself:
        document["discrepancyReason"] = "RESTOCK" if wanted.withheld else "CUSTOMER"
    return document


def _left(api: ShopifyApi, wanted: Refund, suggested: Part) -> str:
    """Goods go into stock at a place, and of places we may know nothing."""
    if wanted.restock and not all(_place(item) for item in suggested.parts("refundLineItems")):
        return f"put the goods back into stock by hand: {api.domain} does not tell us where (read_locations)"
    return ""


def _place(item: Part) -> str:
    return item.part("location").text("id")


def _line(item: Part, restock: bool) -> dict[str, Any]:
    """Back into stock where Shopify itself would put it."""
    line = {"lineItemId": item.part("lineItem").text("id"), "quantity": item.count("quantity")}
    kind, place = item.text("restockType"), _place(item)
    return {**line, "restockType": kind, "locationId": place} if restock and place else {**line, "restockType": "NO_RESTOCK"}


def _transactions(api: ShopifyApi, wanted: Refund, suggested: Part, order: str) -> list[dict[str, Any]]:
    """To the payments that Shopify names, first of all as it would split the sum, then up to what each still holds."""
    ways, missing = suggested.parts("suggestedTransactions"), wanted.amount
    given = [ZERO] * len(ways)
    for bound in ("amountSet", "maximumRefundableSet"):
        for place, way in enumerate(ways):
            more = max(min(missing, _seen(way, bound) - given[place]), ZERO)
            given[place] += more
            missing -= more
    if missing:
        raise ConnectorError(f"{api.domain}: {missing} {wanted.currency} find no payment to which they could go back", permanent=True)
    return [
        {
            "orderId": order, "amount": f"{amount:f}", "kind": "REFUND",
            "gateway": way.text("gateway"), "parentId": way.part("parentTransaction").text("id") or None,
        }
        for way, amount in zip(ways, given, strict=True) if amount
    ]  # fmt: skip


def _seen(part: Part, name: str) -> Decimal:
    return part.part(name).part("presentmentMoney").money("amount")


def _done(refund: Part) -> Done:
    money = refund.part("totalRefundedSet").part("presentmentMoney")
    ref = refund.text("id").rpartition("/")[2]
    return Done(ref, f"refund {ref} of {money.money('amount')} {money.text('currencyCode')}")
