"""A return at Sendcloud: what is asked for, and what it says of one.

https://sendcloud.dev/api/v3/returns - the parcel that goes back need not have come through Sendcloud.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from connectors.carriers.base import LabelRequest, Method, Status
from connectors.carriers.sendcloud.statuses import meaning
from connectors.customs import check_within_the_union
from connectors.reading import Part
from postventa.events import Address

DELIVERY = {Method.PRINTED_LABEL: "drop_off_point", Method.QR: "drop_off_labelless", Method.PICKUP: "pickup"}
ITEMS = 50
WEIGHT = "1000"
"""Grams of a parcel whose items do not say what they weigh; `weight_g` of the shop's account stands above it."""
_PARCEL = re.compile(r"/parcels/(\d{1,18})/documents/label")


def wanted(request: LabelRequest, keys: Mapping[str, str]) -> dict[str, Any]:
    """The return as Sendcloud takes it. Raises `ValueError` for one that it would need more for than we know."""
    option = "qr_option" if request.method is Method.QR else "return_option"
    if not keys.get(option):
        raise ValueError(f"Sendcloud needs {option} in [shops.carriers.sendcloud]: the code of a return method of yours, such as correos:return/...")
    check_within_the_union("Sendcloud's own panel", request.sender, request.receiver)
    ship_with: dict[str, Any] = {"type": "shipping_option_code", "shipping_option_code": keys[option]}
    if keys.get("contract"):
        ship_with["contract"] = int(keys["contract"])
    return {
        "from_address": address(request.sender),
        "to_address": address(request.receiver),
        "ship_with": ship_with,
        "weight": {"value": request.weight_g or int(keys.get("weight_g") or WEIGHT), "unit": "g"},
        "parcel_items": [{"description": item.title[:255], "quantity": item.quantity, "sku": item.sku} for item in request.items[:ITEMS]],
        "send_tracking_emails": False,
        "order_number": mark(request),
        "external_reference": request.reference,
        "delivery_option": DELIVERY[request.method],
    }


def mark(request: LabelRequest) -> str:
    """`#1042 R-7F3K-2M9Q`: of our two references this one comes back in every answer, so a return is found by it after a doubt."""
    return f"{request.order_number} {request.reference}".strip()


def address(place: Address) -> dict[str, str]:
    """The house number stays in the street, as the shop wrote it."""
    told = {
        "name": place.name or place.company,
        "company_name": place.company,
        "address_line_1": place.street,
        "address_line_2": place.street2,
        "postal_code": place.postcode,
        "city": place.city,
        "country_code": place.country,
        "phone_number": place.phone,
        "email": place.email,
    }
    return {name: value for name, value in told.items() if value}


def listing(since: date, until: datetime, cursor: str = "") -> str:
    """Where the returns of these days are listed."""
    begin = datetime.combine(since, time(), UTC) - timedelta(days=1)
    query = {"from_date": f"{begin:%Y-%m-%d %H:%M:%S}", "to_date": f"{until + timedelta(days=1):%Y-%m-%d %H:%M:%S}", "page_size": "40"}
    return f"/v3/returns?{urlencode(query | ({'cursor': cursor} if cursor else {}))}"


def is_it(told: Part, request: LabelRequest) -> bool:
    """Whether this is the return of our request, and still counts."""
    ours = told.text("external_reference") == request.reference or request.reference in told.text("order_number").split()
    return ours and state(told) is not Status.CANCELLED


def state(told: Part) -> Status:
    """Where the return's parcel is, by the newest word of its history."""
    history = sorted(told.parts("status_history"), key=lambda part: part.time("carrier_update_timestamp") or datetime.min.replace(tzinfo=UTC))
    return meaning(history[-1].text("parent_status")) if history else Status.UNKNOWN


def parcel_of(told: Part) -> str:
    """The number of its parcel, which stands in the address of the label; empty while there is no label."""
    found = _PARCEL.search(told.text("label_url", 500) or told.part("label").text("label_printer", 500))
    return found.group(1) if found else ""


def cost(told: Part) -> tuple[str, str]:
    """(amount, currency); 0 where it does not say."""
    price = told.part("label_cost")
    amount: Decimal = price.money("value")
    return format(amount, "f"), price.text("currency", 3) or "EUR"
