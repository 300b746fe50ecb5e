"""Refunds, inside their order and by themselves: the same object, the same facts. Pure.

https://shopify.dev/docs/api/admin-rest/latest/resources/refund . `full` stays False: a refund does not know its order's total, and a fact
must not depend on which delivery told it; whoever asks compares the sum of all refunds with the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.errors import Unreadable
from connectors.reading import TITLE, Part, currency, first_time
from connectors.shops.base import Reading, ShopContext
from connectors.shops.shopify.money import amount
from postventa.events import Event, OrderRefunded

MOVING = frozenset({"success", "pending"})
"""Transactions whose money goes back; failed and errored ones do not."""


def refund_seen(payload: Part, context: ShopContext) -> Reading:
    """`refunds/create`."""
    order_ref = payload.ref("order_id")
    if not order_ref or not payload.ref("id"):
        raise Unreadable('the body is no refund: it has no "id" or no "order_id"')
    events = tuple(refund_facts(order_ref, payload, context))
    return Reading(events) if events else Reading(ignored="no money goes back: items were only restocked or removed")


def refund_facts(order_ref: str, payload: Part, context: ShopContext) -> Iterator[Event]:
    ref, (total, money) = payload.ref("id"), _total(payload, context)
    if not ref or total <= 0:
        return
    at = first_time(payload.time("processed_at"), payload.time("created_at"), context.received_at)
    counted: dict[str, int] = {}
    for item in payload.parts("refund_line_items"):
        line_ref = item.ref("line_item_id") or item.part("line_item").ref("id")
        if line_ref and item.count("quantity"):
            counted[line_ref] = counted.get(line_ref, 0) + item.count("quantity")
    yield OrderRefunded(order_ref, at, ref, total, money, lines=tuple(sorted(counted.items())), note=payload.text("note", TITLE))


def _total(payload: Part, context: ShopContext) -> tuple[Decimal, str]:
    """What moves, by its transactions. An empty list means that nothing does (restocked, or cancelled before it was paid); only where
    the transactions are not told at all is it reckoned from what the refund consists of."""
    known = currency(payload.part("total_duties_set").part("presentment_money").raw.get("currency_code"), context.currency)
    if "transactions" not in payload:
        return _reckoned(payload), known
    moves = [item for item in payload.parts("transactions") if item.text("kind").lower() == "refund" and item.text("status").lower() in MOVING]
    money = next((currency(item.raw.get("currency"), known) for item in moves), known)
    return sum((item.money("amount") for item in moves), Decimal(0)), money


def _reckoned(payload: Part) -> Decimal:
    """Lines and shipping less what was kept back; Shopify writes refunded shipping as a negative adjustment, what was kept as a positive one."""
    ways = tuple(payload.parts("refund_shipping_lines"))
    lines = sum((amount(item, "subtotal") + amount(item, "total_tax") for item in payload.parts("refund_line_items")), Decimal(0))
    changes = [item for item in payload.parts("order_adjustments") if not (ways and item.text("kind") == "shipping_refund")]
    kept = sum((amount(item, "amount") + amount(item, "tax_amount") for item in changes), Decimal(0))
    return lines + sum((_shipping(item) for item in ways), Decimal(0)) - kept


def _shipping(item: Part) -> Decimal:
    return amount(item, "subtotal_amount") if "subtotal_amount_set" in item or "subtotal_amount" in item else amount(item, "subtotal")
