"""Shopify's returns. Pure.

https://shopify.dev/docs/api/webhooks/latest : `returns/*` carry little more than ids and no time at all, so the time is the arrival's, and
what is missing is asked for.
"""

from __future__ import annotations

from connectors.errors import Unreadable
from connectors.reading import TITLE, Part, first_time
from connectors.shops.base import Handler, Reading, Refetch, ShopContext
from postventa import events as e
from postventa.events import ReturnEvent


def step(kind: type[ReturnEvent]) -> Handler:
    """A topic that says one thing about one return."""

    def handle(payload: Part, context: ShopContext) -> Reading:
        ref, order_ref = return_ref(payload), payload.part("order").ref("id") or payload.ref("order_id")
        if not ref:
            raise Unreadable('the body is no return: it has no "id"')
        if not order_ref:
            return Reading(refetch=(Refetch("return", gid(ref)),))
        lines, complete = _lines(payload)
        at = first_time(payload.time("updated_at"), payload.time("created_at"), context.received_at)
        event = kind(order_ref, at, ref, lines, _reason(payload))
        return Reading((event,), () if complete else (Refetch("return", gid(ref), order_ref),))

    return handle


def changed(payload: Part, context: ShopContext) -> Reading:
    """`returns/update` only names what was removed: ask for the return as it is now."""
    ref = return_ref(payload)
    if not ref:
        raise Unreadable("the body names no return")
    return Reading(refetch=(Refetch("return", gid(ref), payload.part("order").ref("id")),))


def delivery_attached(payload: Part, context: ShopContext) -> Reading:
    """`reverse_deliveries/attach_deliverable`: somebody put a label on a return in Shopify itself."""
    ref = return_ref(payload.part("return"))
    if not ref:
        return Reading(ignored="a label was attached to a return that the delivery does not name")
    return Reading(refetch=(Refetch("return", gid(ref)),))


def processed(payload: Part, context: ShopContext) -> Reading:
    """`returns/process`: the goods are back. Shopify documents no body for it; one without ids has nothing to say."""
    if not return_ref(payload):
        return Reading(ignored="a return was processed, but the delivery does not say which")
    return step(e.ReturnReceived)(payload, context)


def return_ref(payload: Part) -> str:
    """The return's number: the `id`, or the tail of its global id."""
    return payload.ref("id") or payload.ref("admin_graphql_api_id").rpartition("/")[2]


def gid(ref: str) -> str:
    return f"gid://shopify/Return/{ref}"


def _reason(payload: Part) -> str:
    """What the customer said of the goods; of a decline, the merchant's words (the note is written for the customer)."""
    decline = payload.part("decline")
    if decline:
        return decline.text("note", TITLE) or decline.text("reason")
    items = list(payload.parts("return_line_items"))
    told = (item.text(key, TITLE) for item in items for key in ("customer_note", "return_reason_note", "return_reason"))
    return next((text for text in told if text), "")


def _lines(payload: Part) -> tuple[tuple[tuple[str, int], ...], bool]:
    """((line, quantity), ...) and whether that is all of them: some bodies name lines of the fulfilment, not of the order."""
    counted: dict[str, int] = {}
    items = list(payload.parts("return_line_items"))
    for item in items:
        held = item.part("fulfillment_line_item")
        ref = item.ref("line_item_id") or item.part("line_item").ref("id") or held.part("line_item").ref("id") or held.ref("line_item_id")
        if not ref or not item.count("quantity"):
            return (), False
        counted[ref] = counted.get(ref, 0) + item.count("quantity")
    return tuple(sorted(counted.items())), bool(items)
