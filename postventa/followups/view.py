"""An order as the rules see it: plain values, no database. All of it derives from facts that add up in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from decimal import Decimal

from postventa.value import value


@value
class LineView:
    ref: str
    quantity: int
    product_ref: str = ""
    sku: str = ""
    requires_shipping: bool = True


@value
class ParcelFacts:
    """One parcel and what is known to have happened to it (the events' own times)."""

    ref: str
    lines: tuple[tuple[str, int], ...] = ()
    tracked: bool = False
    dispatched_at: datetime | None = None
    out_for_delivery_at: datetime | None = None
    ready_for_pickup_at: datetime | None = None
    delayed: tuple[datetime, ...] = ()
    """Each day's report of a delay, oldest first."""
    failed: tuple[datetime, ...] = ()
    """Each day's report of a failed delivery, oldest first."""
    delivered_at: datetime | None = None
    promised: date | None = None
    """The first day that the shop gave for it, by its calendar; else the last one that it promised for the order."""
    estimated: date | None = None
    """The day that it gives now; nobody who promised one for the order alone gives any."""
    stands_for: str = ""
    """The reference of the untracked parcel whose place this one took when its tracking number became known."""


@value
class RefundFacts:
    ref: str
    at: datetime
    amount: Decimal
    lines: tuple[tuple[str, int], ...] = ()


@value
class ReturnFacts:
    ref: str
    state: str
    lines: tuple[tuple[str, int], ...] = ()
    requested_at: datetime | None = None
    approved_at: datetime | None = None
    declined_at: datetime | None = None
    received_at: datetime | None = None
    cancelled_at: datetime | None = None
    credited_at: datetime | None = None
    """When the shop had made the code of a credit."""
    without_label: bool = False
    """It was opened with us, and is brought, kept or sent as the customer likes."""

    @property
    def open(self) -> bool:
        """Something is still to happen: nothing may be asked of the customer meanwhile."""
        return self.state in ("requested", "approved", "received")


@value
class OrderView:
    ref: str
    placed_at: datetime | None = None
    prepared_at: datetime | None = None
    completed_at: datetime | None = None
    promised: date | None = None
    """The last day on which it should be there, as the shop promised it when it was placed."""
    cancelled_at: datetime | None = None
    cancelled: bool = False
    trashed: bool = False
    test: bool = False
    imported: bool = False
    known_until: datetime | None = None
    """Of an imported order: what happened until then was read with it and told to nobody; None: everything."""
    disputed: bool = False
    complaint_open: bool = False
    fully_refunded: bool = False
    lines: tuple[LineView, ...] = ()
    parcels: tuple[ParcelFacts, ...] = ()
    refunds: tuple[RefundFacts, ...] = ()
    returns: tuple[ReturnFacts, ...] = ()
    reviewed: frozenset[str] = frozenset()
    """Lines that the customer has rated."""
    review_asked: Mapping[str, datetime] = field(default_factory=dict)
    """Parcel -> when its review request went out."""
    tips: frozenset[str] = frozenset()
    """Lines with care tips or a manual."""

    def is_history(self, at: datetime) -> bool:
        """Whether what happened then is the past of an order that was imported: the shop, or whoever did our work before, wrote about it."""
        return self.imported and (self.known_until is None or at <= self.known_until)

    def items_of(self, parcel: ParcelFacts) -> tuple[tuple[str, int], ...]:
        """(line_ref, quantity) in that parcel; where the shop did not say, all that travel in no other parcel."""
        if parcel.lines:
            return parcel.lines
        elsewhere: dict[str, int] = {}
        for other in self.parcels:
            if other.ref != parcel.ref:
                for ref, quantity in other.lines:
                    elsewhere[ref] = elsewhere.get(ref, 0) + quantity
        rest = ((line.ref, line.quantity - elsewhere.get(line.ref, 0)) for line in self.lines if line.requires_shipping)
        return tuple((ref, left) for ref, left in rest if left > 0)

    @property
    def dispatched(self) -> tuple[ParcelFacts, ...]:
        return tuple(p for p in self.parcels if p.dispatched_at or p.out_for_delivery_at or p.delivered_at)

    @property
    def all_on_the_way(self) -> bool:
        """Every item that can travel is in a parcel that left."""
        left = {line.ref: line.quantity for line in self.lines if line.requires_shipping}
        for refund in self.refunds:
            for ref, quantity in refund.lines:
                left[ref] = left.get(ref, 0) - quantity
        for parcel in self.dispatched:
            for ref, quantity in self.items_of(parcel):
                left[ref] = left.get(ref, 0) - quantity
        return bool(self.dispatched) and all(quantity <= 0 for quantity in left.values())

    def gone_back(self, line_ref: str) -> bool:
        """The whole line was refunded or is in a return that was not called off."""
        if self.fully_refunded:
            return True
        bought = next((line.quantity for line in self.lines if line.ref == line_ref), 0)
        back = sum(q for refund in self.refunds for ref, q in refund.lines if ref == line_ref)
        for case in self.returns:
            if case.state in ("declined", "cancelled"):
                continue
            back += sum(q for ref, q in case.lines if ref == line_ref) if case.lines else bought
        return back >= bought > 0 or bought == 0


@value
class Rules:
    """What the merchant decided that the plan depends on."""

    off: frozenset[str] = frozenset()
    """Follow-ups that do not go out, with the shop's and the platform's defaults applied."""
    off_reasons: Mapping[str, str] = field(default_factory=dict)
    settle: timedelta = timedelta(seconds=5)
    merge_window: timedelta = timedelta(minutes=10)
