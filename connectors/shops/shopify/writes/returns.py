"""Returns that were opened with us, in Shopify's own list: https://shopify.dev/docs/apps/build/orders-fulfillment/returns-apps

Our number stands in the note of each line, and finds the return again. No customer hears of them from Shopify: our mails tell it.
"""

from __future__ import annotations

from typing import Any

from connectors.errors import ConnectorError
from connectors.reading import NOTE, Part
from connectors.shops.shopify import mutations
from connectors.shops.shopify.writes.api import ShopifyApi, gid
from connectors.shops.writes import Done, OpenReturn, ReturnLabel

REASONS = "other", "unknown"
"""Handles of Shopify's own reasons that say nothing wrong; the words are in the note."""
LONGEST_NOTE = 250


def open_return(api: ShopifyApi, wanted: OpenReturn, reference: str) -> Done:
    """`returnRequest` where somebody still has to say yes, else `returnCreate`."""
    order = gid("Order", wanted.order_ref)
    told = api.ask(mutations.RETURNABLE, {"id": order})
    reason, note = _reason(told), _note(wanted)
    lines = [{"fulfillmentLineItemId": item, "quantity": pieces, "returnReasonDefinitionId": reason} for item, pieces in _items(api, wanted, told)]
    if wanted.asked:
        request = {"orderId": order, "returnLineItems": [{**line, "customerNote": note} for line in lines]}
        made = api.change(mutations.RETURN_REQUEST, {"input": request}, "returnRequest", "return")
    else:
        document = {"orderId": order, "returnLineItems": [{**line, "returnReasonNote": note} for line in lines]}
        made = api.change(mutations.RETURN_CREATE, {"input": document}, "returnCreate", "return")
    return _named(made)


def opened(api: ShopifyApi, wanted: OpenReturn, reference: str) -> Done | None:
    """Among the order's returns, by our number."""
    order = api.found(mutations.RETURNS, {"id": gid("Order", wanted.order_ref)}, "order", f"order {wanted.order_ref}")
    api.told("order.returns", "read_returns")
    return next((_named(one) for one in order.part("returns").parts("nodes") if _ours(one, wanted.number)), None)


def label(api: ShopifyApi, wanted: ReturnLabel, reference: str) -> Done:
    """One parcel for all that comes back."""
    found = _return(api, wanted.return_ref)
    orders = found.part("reverseFulfillmentOrders").parts("nodes")
    if not orders:
        raise ConnectorError(f"{api.domain}: return {found.text('name')} waits for no goods, so it takes no label", permanent=True)
    goods = orders[0].part("lineItems").parts("nodes")
    variables = {
        "id": orders[0].text("id"),
        "items": [{"reverseFulfillmentOrderLineItemId": item.text("id"), "quantity": item.count("totalQuantity")} for item in goods],
        "label": {"fileUrl": wanted.label_url} if wanted.label_url else None,
        "tracking": {"number": wanted.tracking_number, "url": wanted.tracking_url or None},
    }
    made = api.change(mutations.RETURN_LABEL, variables, "reverseDeliveryCreateWithShipping", "reverseDelivery")
    ref = made.text("id").rpartition("/")[2]
    return Done(ref, f"label {wanted.tracking_number} of return {found.text('name')}")


def labelled(api: ShopifyApi, wanted: ReturnLabel, reference: str) -> Done | None:
    """By the number under which the parcel is followed."""
    for order in _return(api, wanted.return_ref).part("reverseFulfillmentOrders").parts("nodes"):
        for parcel in order.part("reverseDeliveries").parts("nodes"):
            if parcel.part("deliverable").part("tracking").text("number") == wanted.tracking_number:
                ref = parcel.text("id").rpartition("/")[2]
                return Done(ref, f"label {wanted.tracking_number} was there already")
    return None


def _return(api: ShopifyApi, ref: str) -> Part:
    return api.found(mutations.RETURN_STATUS, {"id": gid("Return", ref)}, "return", f"return {ref}")


def _named(made: Part) -> Done:
    return Done(made.text("id").rpartition("/")[2], f"return {made.text('name')}")


def _ours(one: Part, number: str) -> bool:
    lines = one.part("returnLineItems").parts("nodes")
    return any(number in line.note(key, NOTE) for line in lines for key in ("customerNote", "returnReasonNote"))


def _note(wanted: OpenReturn) -> str:
    """Our number first: what is too long loses its end."""
    return f"{wanted.number} {wanted.reason}".strip()[:LONGEST_NOTE]


def _reason(told: Part) -> str | None:
    known = {one.text("handle"): one.text("id") for one in told.part("returnReasonDefinitions").parts("nodes") if not one.flag("deleted")}
    return next((known[handle] for handle in (*REASONS, *known) if handle in known), None)


def _items(api: ShopifyApi, wanted: OpenReturn, told: Part) -> list[tuple[str, int]]:
    """Of which parcels the pieces were: from each as many as can still go back."""
    parcels = told.part("returnableFulfillments").parts("nodes")
    held: list[dict[str, Any]] = [item.raw for parcel in parcels for item in parcel.part("returnableFulfillmentLineItems").parts("nodes")]
    found: list[tuple[str, int]] = []
    for line_ref, wished in wanted.lines:
        pieces = wished
        for item in map(Part, held):
            goods = item.part("fulfillmentLineItem")
            taken = min(pieces, item.count("quantity")) if goods.part("lineItem").text("id") == gid("LineItem", line_ref) else 0
            if taken:
                found.append((goods.text("id"), taken))
                pieces -= taken
        if pieces:
            raise ConnectorError(f"{api.domain}: {pieces} pieces of line {line_ref} cannot go back there", permanent=True)
    return found
