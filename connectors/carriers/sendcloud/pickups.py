"""A pickup at the customer's door: https://sendcloud.dev/api/v2/pickups/create-a-pickup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from connectors.carriers.base import LabelRequest
from connectors.carriers.sendcloud.returns import WEIGHT

FROM, UNTIL = time(9), time(18)
WINDOW = "09:00-18:00"
ZONE = "Europe/Madrid"


def wanted(request: LabelRequest, day: date, keys: Mapping[str, str]) -> dict[str, Any]:
    """Raises `ValueError` without the carrier's code: Sendcloud has the driver sent by one carrier, and not every one of them does."""
    carrier = keys.get("pickup_carrier") or keys.get("return_option", "").partition(":")[0]
    if not carrier:
        raise ValueError("Sendcloud needs pickup_carrier in [shops.carriers.sendcloud]: the code of a carrier that fetches, such as correos_express")
    place, zone = request.sender, ZoneInfo(keys.get("timezone") or ZONE)
    begin, end = (datetime.combine(day, at, zone).isoformat() for at in (FROM, UNTIL))
    weight = (request.weight_g or int(keys.get("weight_g") or WEIGHT)) / 1000
    return {
        "name": place.name or place.company,
        "company_name": place.company or place.name,
        "address": place.street,
        "address_2": place.street2,
        "postal_code": place.postcode,
        "city": place.city,
        "country": place.country,
        "telephone": place.phone,
        "email": place.email,
        "reference": request.reference,
        "carrier": carrier,
        "quantity": 1,
        "total_weight": f"{weight:.3f}",
        "pickup_from": begin,
        "pickup_until": end,
    }
