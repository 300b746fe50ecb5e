"""From rows to the `OrderView` that the rules read."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from postventa import mirror
from postventa.config import ShopSettings
from postventa.dossier import Dossier, Fact
from postventa.estimates import day_promised, days_given
from postventa.followups.view import LineView, OrderView, ParcelFacts, RefundFacts, ReturnFacts
from postventa.models import Effect, OrderLine, ReturnCase, State, picked

WITH_LABEL = ("printed_label", "qr", "pickup")
"""Ways back for which we make a label (`postventa/returns/wish.py`)."""
UNTRACKED = "order"
"""The parcel that stands for the whole order where the shop names none."""
NEVER = datetime.max.replace(tzinfo=UTC)
TIMES = ("dispatched_at", "out_for_delivery_at", "ready_for_pickup_at", "delivered_at")
_of_line = picked(*(field.name for field in fields(LineView)))


def view(dossier: Dossier, shop: ShopSettings) -> OrderView:
    """Everything that the rules may ask about one order."""
    order, lines, facts = dossier.order, dossier.lines, dossier.facts
    return OrderView(
        ref=order.ref,
        placed_at=order.placed_at,
        prepared_at=order.prepared_at,
        completed_at=order.completed_at,
        promised=day_promised(facts),
        cancelled_at=order.cancelled_at,
        cancelled=order.cancelled,
        trashed=order.trashed,
        test=order.test,
        imported=order.imported,
        known_until=order.seen_at if order.imported else None,
        disputed=order.disputed,
        complaint_open=dossier.complaint_open,
        fully_refunded=order.refunded_total >= order.total > 0,
        lines=tuple([LineView(*_of_line(row)) for row in lines]),
        parcels=tuple(_with_news(parcel, facts, shop.timezone) for parcel in effective(dossier.parcels)),
        refunds=_refunds(facts),
        returns=tuple(_return(case) for case in dossier.cases if not mirror.in_doubt(case, dossier.cases, dossier.effects)),
        reviewed=dossier.reviewed,
        review_asked=_asked(dossier.effects),
        tips=frozenset(row.ref for row in lines if tip_for(shop, row)) if shop.care_tips else frozenset(),
    )


def tip_for(shop: ShopSettings, line: OrderLine) -> str:
    """The care tips or the manual's address for a line, by SKU, variant or product; empty when there are none."""
    return next((shop.care_tips[key] for key in (line.sku, line.variant_ref, line.product_ref) if key and key in shop.care_tips), "")


def effective(rows: Any) -> tuple[ParcelFacts, ...]:
    """The parcels as the customer sees them: a tracked parcel takes the place of the untracked one that stood for the order."""
    live = [row for row in rows if not row.cancelled]
    facts = [ParcelFacts(row.ref, pairs(row.lines), bool(row.tracking_number), **{name: getattr(row, name) for name in TIMES}) for row in live]
    stand_in = next((f for f in facts if f.ref == UNTRACKED), None)
    named = [f for f in facts if f.ref != UNTRACKED]
    if stand_in is None or not named:
        return tuple(facts)
    filled = [_filled(f, stand_in) for f in named]
    first = min(filled, key=lambda f: (f.dispatched_at or NEVER, f.ref))
    return tuple(replace(f, stands_for=UNTRACKED) if f.ref == first.ref else f for f in filled)


def _filled(parcel: ParcelFacts, stand_in: ParcelFacts) -> ParcelFacts:
    """What the shop told of the order as a whole holds for each of its parcels."""
    known: dict[str, Any] = {name: getattr(parcel, name) or getattr(stand_in, name) for name in TIMES}
    return replace(parcel, **known)


def pairs(raw: Any) -> tuple[tuple[str, int], ...]:
    """[[ref, quantity], ...] as stored -> tuples."""
    return tuple((str(ref), int(quantity)) for ref, quantity in raw or ())


def _with_news(parcel: ParcelFacts, facts: list[Fact], zone: str) -> ParcelFacts:
    if not facts:
        return parcel
    known_as = {parcel.ref, parcel.stands_for or parcel.ref}

    def times(kind: str) -> tuple[datetime, ...]:
        return tuple(sorted(row.at for row in facts if row.kind == kind and row.data.get("parcel_ref") in known_as))

    days = days_given(facts, known_as, zone)
    promised, estimated = (days[0], days[-1]) if days else (day_promised(facts), None)
    return replace(parcel, delayed=times("ShipmentDelayed"), failed=times("DeliveryFailed"), promised=promised, estimated=estimated)


def _refunds(facts: list[Fact]) -> tuple[RefundFacts, ...]:
    return tuple(
        RefundFacts(str(row.data["refund_ref"]), row.at, Decimal(str(row.data["amount"])), pairs(row.data.get("lines")))
        for row in facts
        if row.kind == "OrderRefunded"
    )


def _return(case: ReturnCase) -> ReturnFacts:
    return ReturnFacts(
        case.ref,
        case.state,
        pairs(case.lines),
        case.requested_at,
        case.approved_at,
        case.declined_at,
        case.received_at,
        case.cancelled_at,
        case.credited_at,
        without_label=bool(case.resolution) and case.method not in WITH_LABEL,
    )


def _asked(effects: list[Effect]) -> dict[str, datetime]:
    """Parcel -> when its review request went out, in a mail of its own or in another parcel's."""
    rows = [effect for effect in effects if effect.followup == "review_request" and effect.kind == "mail"]
    sent = {row.id: row.done_at for row in rows if row.state == State.DONE and row.done_at is not None}
    return {row.subject_ref: at for row in rows if (at := sent.get(row.id) or sent.get(row.merged_into or 0)) is not None}
