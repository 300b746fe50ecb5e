"""Orders as the scenarios want them: fresh, and with Ana's own address."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.pipeline.stories import DAY, HOUR, MINUTE, WooOrder


def lately() -> datetime:
    """A minute ago, in whole seconds, as shops count."""
    return datetime.now(UTC).replace(microsecond=0) - MINUTE


def placed(ref: int, email: str) -> WooOrder:
    """Paid a minute ago: one mail is due at once."""
    return WooOrder(ref, lately(), email).tell("order.created")


def delivered_last_week(ref: int, email: str) -> WooOrder:
    """Its request for a review is due at once, and nothing else is news."""
    return WooOrder(ref, lately() - 9 * DAY, email).tell("order.created").tell(after=2 * DAY - HOUR, status="entregado")


def sent_back(ref: int, email: str) -> WooOrder:
    """Its return label, and the mail that brings it, are due at once."""
    order = WooOrder(ref, lately() - 2 * DAY, email).tell("order.created").tell(after=DAY, status="entregado")
    return order.tell(after=DAY, status="devolucion")
