"""What karrio overlooks in three carriers' answers, read from what they sent. Each gives what is to stand in karrio's result instead.

- DPD: karrio takes steps that are only planned (`statusHasBeenReached` is false) for reached, and times in the afternoon for the morning's.
- DHL Paket: karrio does not see that a parcel is on its way back (`ruecksendung`), and that it is the sender who got it.
- GLS: karrio keeps neither the parcel's state nor its time's zone; and it reads labels in another form than that of GLS's own documents.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

Found = dict[str, Any]
Reader = Callable[[str], Found]
"""From the body of the last answer."""
DPD_TIME = "%m/%d/%Y %I:%M:%S %p"


def dpd(body: str) -> Found:
    """The steps that were reached."""
    steps = [step for step in _elements("statusInfo", body) if _text(step, "statusHasBeenReached") == "true"]
    found = [event for step in steps if (event := _dpd_event(step)) is not None]
    return {"events": found} if found else {}


def _dpd_event(step: Any) -> Found | None:
    try:
        at = datetime.strptime(_text(step, "date"), DPD_TIME)  # noqa: DTZ007 - the carrier's clock; its zone is the account's
    except ValueError:
        return None
    word = _text(step, "status")
    return {"code": word, "status": DPD_WORDS.get(word, ""), "timestamp": at.isoformat(), "location": _text(step, "location"), "description": ""}


DPD_WORDS = {
    "Delivered": "delivered",
    "ParcelShop": "ready_for_pickup",
    "DeliveryFailure": "delivery_failed",
    "Courier": "out_for_delivery",
}
"""As in karrio's own table."""


def dhl_parcel_de(body: str) -> Found:
    """Whether it goes back to the sender."""
    pieces = [piece for piece in _elements("data", body) if piece.get("name") == "piece-shipment"]
    return {"returning": any(piece.get("ruecksendung") == "true" for piece in pieces)}


def gls_group(body: str) -> Found:
    """The state of the parcel."""
    parcel: Found = next(iter(json.loads(body).get("parcels") or []), {})
    return {"state": {"status": parcel.get("status"), "statusDateTime": parcel.get("statusDateTime")}}


def gls_label(body: str) -> Found:
    """`CreatedShipment` of ShipIT-Farm: the first parcel and its paper."""
    made = json.loads(body).get("CreatedShipment") or {}
    parcel: Found = next(iter(made.get("ParcelData") or []), {})
    paper: Found = next(iter(made.get("PrintData") or []), {})
    if not parcel.get("TrackID"):
        return {}
    return {"tracking_number": parcel["TrackID"], "shipment_identifier": parcel["TrackID"], "docs": {"label": paper.get("Data")}}


READERS: dict[tuple[str, str], Reader] = {
    ("dpd", "track"): dpd,
    ("dhl_parcel_de", "track"): dhl_parcel_de,
    ("gls_group", "track"): gls_group,
    ("gls_group", "label"): gls_label,
}
"""(carrier, operation)."""


def _elements(name: str, body: str) -> list[Any]:
    from karrio.lib import find_element, to_element

    return list(find_element(name, to_element(body)))


def _text(element: Any, name: str) -> str:
    """What stands in the element of that name; DPD wraps texts in `content`."""
    found = element.find(f"{{*}}{name}")
    inner = None if found is None else found.find("{*}content")
    told = inner if inner is not None else found
    return "" if told is None else (told.text or "").strip()
