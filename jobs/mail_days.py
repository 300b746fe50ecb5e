"""Which days a mail names: until when it should be there, and what was promised before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from jobs.mail_source import Source
from postventa.clock import now
from postventa.followups.view import ParcelFacts
from postventa.locale.formats import zone_of
from postventa.models import Effect, Tracking

BEFORE = ("order_received", "order_prepared")
"""Mails that go out before anything has left."""


def part(source: Source, effect: Effect, parcels: Sequence[ParcelFacts]) -> dict[str, date | None]:
    """What the mail says of days, for `MailData`; nothing where it says none."""
    zone = zone_of(source.order.timezone or source.shop.settings.timezone)
    today, name = now().astimezone(zone).date(), effect.followup
    if name in BEFORE:
        return {"arrives": None if source.facts.cancelled else _ahead(source.facts.promised, today)}
    if name == "shipped":
        days = [_ahead(parcel.estimated or parcel.promised, today) for parcel in parcels]
        return {"arrives": max((day for day in days if day), default=None) if all(days) else None}
    if name == "out_for_delivery":
        return {"arrives": effect.at.astimezone(zone).date()}
    return _late(source, parcels, today) if name == "delayed" else {}


def _late(source: Source, parcels: Sequence[ParcelFacts], today: date) -> dict[str, date | None]:
    """What was promised, and the day that the carrier, or else the shop, gives now."""
    told = _of_carriers(source)
    days = [(parcel, *told.get(parcel.ref, (None, None))) for parcel in parcels]
    promised = max((day for parcel, _, first in days if (day := parcel.promised or first)), default=None)
    given = _ahead(max((day for parcel, newest, _ in days if (day := newest or parcel.estimated)), default=None), today)
    moved = given is not None and (promised is None or given > promised)
    return {"promised": promised, "arrives": given if moved else None}


def _of_carriers(source: Source) -> dict[str, tuple[date | None, date | None]]:
    """Parcel -> the day that its carrier gives now, and the first one that it gave. A statement of its own: few mails say that something is late."""
    refs = {parcel.id: parcel.ref for parcel in source.dossier.parcels}
    query = select(Tracking.parcel_id, Tracking.expected_on, Tracking.promised_on).where(Tracking.order_id == source.order.id)
    rows = source.session.execute(query).all()
    return {refs[parcel_id]: (_day(expected), _day(promised)) for parcel_id, expected, promised in rows if parcel_id in refs}


def _ahead(day: date | None, today: date) -> date | None:
    return day if day is not None and day >= today else None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
