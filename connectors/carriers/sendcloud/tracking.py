"""What Sendcloud says of one parcel, as scans.

`GET /v2/tracking/{tracking_number}`: https://sendcloud.dev/api/v2/tracking - the words of its `parent_status` are published,
those of v3's events are not.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

from connectors.carriers.base import Scan, Tracked
from connectors.carriers.sendcloud.statuses import meaning, slug
from connectors.reading import WORD, Part

TEXT = 200
"""Characters that are kept of what a carrier says besides."""
MOST = 200
"""Scans of one parcel: more is a machine that stutters."""


def path(tracking_number: str) -> str:
    """Where to ask for it."""
    return f"/v2/tracking/{quote(tracking_number, safe='')}"


def read(document: Any) -> Tracked:
    """Scans without a time or a word tell nothing, and are left out."""
    told = Part(document)
    scans = {scan for part in told.parts("statuses")[-MOST:] if (scan := _scan(part)) is not None}
    return Tracked(tuple(sorted(scans, key=lambda scan: (scan.at, scan.status))), _day(told.text("expected_delivery_date")))


def _scan(part: Part) -> Scan | None:
    at, word = part.time("carrier_update_timestamp"), slug(part.text("parent_status", WORD))
    return Scan(at, word, "", meaning(word), part.text("carrier_message", TEXT)) if at and word else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
