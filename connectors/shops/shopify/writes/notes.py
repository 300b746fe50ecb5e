"""An order's note and tags: https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderUpdate

An order has one note, which the customer begins in the cart and the shop's people go on with: ours goes below, and nothing of it is taken away. Tags
add up by themselves.
"""

from __future__ import annotations

from connectors.reading import NOTE
from connectors.shops.shopify import mutations
from connectors.shops.shopify.writes.api import ShopifyApi, gid
from connectors.shops.writes import Done, Note

LONGEST_TAG = 40


def do(api: ShopifyApi, wanted: Note, reference: str) -> Done:
    """Read, add, write: what is there already is not added again."""
    order = gid("Order", wanted.order_ref)
    found = api.found(mutations.ORDER_NOTE, {"id": order}, "order", f"order {wanted.order_ref}")
    api.told("order.note", "read_orders")
    left = _write(api, order, found.note("note", 2 * NOTE), wanted.text)
    if wanted.tags:
        api.change(mutations.TAGS_ADD, {"id": order, "tags": [tag[:LONGEST_TAG] for tag in wanted.tags]}, "tagsAdd", "node")
    return Done(wanted.order_ref, "the order's note and tags", left)


def find(api: ShopifyApi, wanted: Note, reference: str) -> Done | None:
    """Writing it again changes nothing."""
    return None


def _write(api: ShopifyApi, order: str, known: str, text: str) -> str:
    if text in known:
        return ""
    whole = f"{known}\n\n{text}".strip()
    if len(whole) > NOTE:
        return "the order's note is full: there are only tags of this"
    api.change(mutations.ORDER_NOTE_SET, {"input": {"id": order, "note": whole}}, "orderUpdate", "order")
    return ""
