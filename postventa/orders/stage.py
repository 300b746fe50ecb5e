"""Where an order stands, as one word. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from postventa.models import Order, Parcel, ReturnCase

STAGES = (
    "trashed",
    "cancelled",
    "disputed",
    "refunded",
    "returning",
    "delivered",
    "failed",
    "delayed",
    "pickup",
    "out_for_delivery",
    "shipped",
    "part_shipped",
    "completed",
    "prepared",
    "placed",
    "unknown",
)
"""From what counts most to what counts least."""
OPEN = ("requested", "approved")


def stage(order: Order, parcels: Sequence[Parcel], cases: Sequence[ReturnCase]) -> str:
    """One of `STAGES`."""
    living = [parcel for parcel in parcels if not parcel.cancelled]
    facts = _of_order(order) | {"returning": any(case.state in OPEN for case in cases)} | _of_parcels(living)
    return next(name for name in STAGES if name == "unknown" or facts.get(name))


def _of_order(order: Order) -> dict[str, bool]:
    return {
        "trashed": order.trashed,
        "cancelled": order.cancelled,
        "disputed": order.disputed,
        "refunded": order.refunded_total >= order.total > 0,
        "completed": order.completed_at is not None,
        "prepared": order.prepared_at is not None,
        "placed": order.placed_at is not None,
    }


def _of_parcels(parcels: Sequence[Parcel]) -> dict[str, bool]:
    waiting = [parcel for parcel in parcels if parcel.delivered_at is None]

    def some(told: Callable[[Parcel], object]) -> bool:
        return any(told(parcel) is not None for parcel in waiting)

    left = [parcel for parcel in parcels if parcel.dispatched_at or parcel.delivered_at]
    return {
        "delivered": bool(parcels) and not waiting,
        "failed": some(lambda parcel: parcel.failed_at),
        "delayed": some(lambda parcel: parcel.delayed_at),
        "pickup": some(lambda parcel: parcel.ready_for_pickup_at),
        "out_for_delivery": some(lambda parcel: parcel.out_for_delivery_at),
        "shipped": bool(left) and len(left) == len(parcels),
        "part_shipped": bool(left),
    }
