"""Shopify states each sum twice: in the shop's currency and in the one that the customer saw and paid. Ours is the customer's."""

from __future__ import annotations

from decimal import Decimal

from connectors.reading import Part, currency, money
from connectors.shops.base import ShopContext


def amount(part: Part, key: str) -> Decimal:
    """The sum under `key` as the customer saw it (`<key>_set.presentment_money`), else the plain one."""
    bag = part.raw.get(f"{key}_set")
    seen = bag.get("presentment_money") if isinstance(bag, dict) else None
    told = seen.get("amount") if isinstance(seen, dict) else None
    return part.money(key) if told is None else money(told, "amount")


def currency_of(order: Part, context: ShopContext) -> str:
    """The currency of `amount`s: the customer's where the order carries its sums in it, else the shop's."""
    seen = order.part("total_price_set").part("presentment_money")
    return currency(seen.raw.get("currency_code"), currency(order.raw.get("currency"), context.currency))


def taxes(part: Part) -> Decimal:
    """All tax lines of an order line or a way of shipping."""
    return sum((amount(tax, "price") for tax in part.parts("tax_lines")), Decimal(0))
