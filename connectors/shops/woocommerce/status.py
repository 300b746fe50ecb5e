"""What WooCommerce's order statuses mean. The merchant's own map wins; a status that nobody explained stays opaque."""

from __future__ import annotations

from connectors.shops.base import ShopContext
from postventa.events import Step

DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
"""A cart on its way: the block checkout opens an order as soon as the page is shown, and many never become orders."""
UNPLACED = frozenset({"pending", "failed"})
"""Not orders yet, or no more (the payment did not come)."""
DEFAULTS = {
    "on-hold": Step.PLACED,
    "processing": Step.PLACED,
    "completed": Step.SHIPPED,
    "cancelled": Step.CANCELLED,
    "refunded": Step.REFUNDED,
}
ON_THE_WAY = frozenset({Step.SHIPPED, Step.OUT_FOR_DELIVERY, Step.READY_FOR_PICKUP, Step.DELIVERED})
PROVES_AN_ORDER = ON_THE_WAY | {Step.PLACED, Step.PREPARED, Step.RETURN_REQUESTED}


def word(status: str) -> str:
    """Without the `wc-` that the database and address bars show."""
    return status.strip().lower().removeprefix("wc-")


def mapped(status: str, context: ShopContext) -> Step | None:
    """Where the merchant's own map leads, if it names this status."""
    return {word(key): Step(step) for key, step in context.status_map.items()}.get(word(status))


def step_of(status: str, context: ShopContext) -> Step | None:
    """The step that the status stands for; None: nobody explained it."""
    return mapped(status, context) or DEFAULTS.get(word(status))


def is_order(status: str, context: ShopContext) -> bool:
    """Whether an order with that status counts at all (pending, failed, drafts and trash do not)."""
    if trashed(status) or word(status) in DRAFTS:
        return False
    return word(status) not in UNPLACED or mapped(status, context) is not None


def trashed(status: str) -> bool:
    return word(status) == "trash"
