"""What a policy may ask about one return. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class LineFacts:
    """One line of which something is to go back."""

    ref: str
    quantity: int
    title: str = ""
    product_ref: str = ""
    variant_ref: str = ""
    sku: str = ""
    price: Decimal = Decimal(0)
    """What one piece was paid with."""
    categories: tuple[str, ...] | None = None
    """None: the shop was not asked yet."""
    tags: tuple[str, ...] | None = None
    """None: it was not asked for them yet, or did not say."""
    vendor: str | None = None
    reason: str = ""
    above: str = ""
    """The reason that it stands below, if it does."""


@dataclass(frozen=True)
class Facts:
    """An order, and the return that is asked for."""

    at: datetime
    """When it is asked for, aware UTC."""
    zone: str
    """Days are counted by the shop's calendar (IANA name)."""
    placed_at: datetime
    delivered_at: datetime | None = None
    """When the last parcel arrived; None: not known, or not all of them have."""
    country: str = ""
    """Where the goods are, ISO 3166-1 alpha-2."""
    discount: Decimal = Decimal(0)
    """How much of its price the order was reduced by, in percent."""
    customer_ref: str = ""
    earlier_returns: int = 0
    """Other returns of this customer that were opened within a year before."""
    resolution: str = ""
    method: str = ""
    lines: tuple[LineFacts, ...] = field(default=())

    @property
    def days(self) -> tuple[int, int]:
        """Since the delivery: at least and at most so many calendar days."""
        if self.delivered_at is None:
            return 0, self._since(self.placed_at)
        return (exact := self._since(self.delivered_at)), exact

    def _since(self, moment: datetime) -> int:
        zone = ZoneInfo(self.zone)
        return max((self.at.astimezone(zone).date() - moment.astimezone(zone).date()).days, 0)
