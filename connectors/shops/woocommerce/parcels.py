"""Tracking numbers in an order's metadata, as plugins write them.

`_wc_shipment_tracking_items` (Shipment Tracking by WooCommerce, Advanced Shipment Tracking by Zorem) is a list with one entry per parcel and
wins; the others are only looked at without it, as several plugins side by side tell of the same parcel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import Unreadable
from connectors.reading import NAME, WORD, Part, line, parse, ref
from connectors.shops.base import ShopContext
from connectors.shops.woocommerce.metadata import metas
from connectors.tracking import describe
from postventa.events import ParcelSnapshot

ITEMS = ("_wc_shipment_tracking_items", "_aftership_tracking_items")
"""Lists of parcels; the first key that holds any is the one that counts."""
SINGLES = (
    ("_tracking_number", ("_tracking_provider", "_tracking_company"), ("_tracking_url", "_tracking_link")),
    ("ywot_tracking_code", ("ywot_carrier_name", "ywot_carrier_id"), ("ywot_tracking_url",)),
    ("_aftership_tracking_number", ("_aftership_tracking_provider_name", "_aftership_tracking_provider"), ()),
    ("_packlink_carrier_tracking_code", ("_packlink_carrier_name",), ("_packlink_carrier_tracking_url",)),
    ("tracking_number", ("tracking_provider", "carrier"), ("tracking_url", "tracking_link")),
)
"""One parcel in plain keys: (number, names of the carrier, links). YITH Order Tracking, AfterShip, Packlink PRO, and home-made ones."""
MOST = 50
"""Parcels of one order; more is a plugin gone wild."""


@dataclass(frozen=True)
class Tracked:
    """A parcel, and when the plugin says that it left (a day, or a moment if it is exact)."""

    parcel: ParcelSnapshot
    shipped_at: datetime | None = None
    shipped_on: date | None = None


def tracked(order: Part, context: ShopContext) -> tuple[Tracked, ...]:
    """The parcels with a tracking number, one per entry."""
    told = dict(metas(order))
    entries = next((listed for key in ITEMS if (listed := _entries(told.get(key)))), None)
    found = [_from_entry(entry, order, context) for entry in entries] if entries else _single(told)
    by_ref = {item.parcel.ref: item for item in found}
    return tuple(by_ref.values())[:MOST]


def _entries(value: Any) -> list[Part]:
    """A list, an object keyed by anything, one entry by itself, or any of these as JSON in a string."""
    if isinstance(value, str) and value[:1] in "[{" and value:
        value = _unpacked(value)
    if isinstance(value, dict):
        value = [value] if "tracking_number" in value else list(value.values())
    return [Part(item) for item in value if isinstance(item, dict) and line(item.get("tracking_number"))] if isinstance(value, list) else []


def _unpacked(text: str) -> Any:
    try:
        return parse(('{"list":' + text + "}").encode("utf-8", "replace"))["list"]
    except Unreadable:
        return None


def _from_entry(entry: Part, order: Part, context: ShopContext) -> Tracked:
    number = entry.text("tracking_number")
    carrier = entry.text("custom_tracking_provider", NAME) or entry.text("tracking_provider", NAME) or entry.text("slug", NAME)
    name, link = describe(carrier, number, entry.text("custom_tracking_link", 2000))
    parcel = ParcelSnapshot(_ref(entry.ref("tracking_id") or number), name, number, link, _lines(entry, order))
    at, on = _shipped(entry.raw.get("date_shipped"), context)
    return Tracked(parcel, at, on)


def _single(told: dict[str, Any]) -> list[Tracked]:
    for number_key, carrier_keys, link_keys in SINGLES:
        number = line(_first(told.get(number_key)))
        if not number:
            continue
        carrier = next((text for key in carrier_keys if (text := line(told.get(key), NAME))), "")
        link = next((text for key in link_keys if (text := line(told.get(key), 2000))), "")
        name, page = describe(carrier, number, link)
        return [Tracked(ParcelSnapshot(_ref(number), name, number, page))]
    return []


def _first(value: Any) -> Any:
    """Packlink keeps a list of codes."""
    return value[0] if isinstance(value, list) and value else value


def _ref(identity: str) -> str:
    """Stable, and made of characters that may stand in a key."""
    return "wst-" + (ref(identity) or re.sub(r"[^\w.-]+", "-", identity, flags=re.ASCII).strip("-")[:80] or "parcel")


def _lines(entry: Part, order: Part) -> tuple[tuple[str, int], ...]:
    """Advanced Shipment Tracking's `products_list`: which items, and how many, are in this parcel."""
    lines = list(order.parts("line_items"))
    found: dict[str, int] = {}
    for item in _products(entry.raw.get("products_list")):
        wanted, product = item.ref("item_id"), item.ref("product") or item.ref("product_id")
        match = next((x for x in lines if wanted and x.ref("id") == wanted), None) or next(
            (x for x in lines if product and product in (x.ref("product_id"), x.ref("variation_id"))), None
        )
        if match is not None:
            found[match.ref("id")] = found.get(match.ref("id"), 0) + (item.count("qty") or item.count("quantity") or 1)
    return tuple(sorted(found.items()))


def _products(value: Any) -> Iterable[Part]:
    if isinstance(value, str) and value[:1] in "[{" and value:
        value = _unpacked(value)
    if isinstance(value, dict):
        value = list(value.values())
    return [Part(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _shipped(value: Any, context: ShopContext) -> tuple[datetime | None, date | None]:
    """`date_shipped`: seconds since 1970 as a number or text, or a day. Most plugins ask for a day only: midnight is no moment."""
    text = line(value, WORD)
    zone = ZoneInfo(context.timezone)
    if re.fullmatch(r"\d{9,10}", text):
        at = datetime.fromtimestamp(int(text), UTC)
        exact = int(text) % 86400 != 0 and at.astimezone(zone).time() != datetime.min.time()
        return (at if exact else None), at.astimezone(zone).date() if exact else (at + timedelta(hours=12)).date()
    try:
        return None, date.fromisoformat(text[:10])
    except ValueError:
        return None, None


def dispatched_at(item: Tracked, modified: datetime, completed: datetime | None, context: ShopContext) -> datetime:
    """When the parcel left.

    An exact time of the plugin's own counts if it is not absurd (within the two days before the order was changed). Else the moment the
    order was completed, unless the plugin names a later day (a second parcel of a completed order), else when the order was changed.
    """
    if item.shipped_at and modified - timedelta(days=2) <= item.shipped_at <= modified:
        return item.shipped_at
    later = completed is not None and item.shipped_on is not None and item.shipped_on > completed.astimezone(ZoneInfo(context.timezone)).date()
    return modified if completed is None or later else completed
