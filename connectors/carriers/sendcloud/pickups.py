"""A pickup at the customer's door, and how it stands: https://sendcloud.dev/api/v3/pickups.

A list names neither references nor addresses, so one of ours is found by carrier and hours first, and then asked for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from connectors.carriers.base import Fetching, LabelRequest, Pickup, Window
from connectors.carriers.sendcloud.client import WHO, Api, refused
from connectors.carriers.sendcloud.returns import WEIGHT, address
from connectors.errors import ConnectorError, InDoubt
from connectors.http import Answer
from connectors.reading import Part
from postventa.events import Address

PATH = "/v3/pickups"
PAGE, PAGES, CANDIDATES = 100, 10, 50
"""Pickups on one page of the list, pages that are looked through, pickups of the same hours that are looked into."""
STANDS = {
    "ANNOUNCING": Fetching.ASKED,
    "CREATED": Fetching.AGREED,
    "FAILED": Fetching.REFUSED,
    "CANCELLED": Fetching.CALLED_OFF,
    "CANCELLATION_REQUESTED": Fetching.CALLING_OFF,
    "CANCELLATION_FAILED": Fetching.KEPT,
    "CANCELLATION_REJECTED": Fetching.KEPT,
}
OVER = (Fetching.REFUSED, Fetching.CALLED_OFF)


def carrier_of(keys: Mapping[str, str]) -> str:
    """Whose driver comes. Raises `ValueError` without its code: not every carrier sends one."""
    carrier = keys.get("pickup_carrier") or keys.get("return_option", "").partition(":")[0]
    if not carrier:
        raise ValueError("Sendcloud needs pickup_carrier in [shops.carriers.sendcloud]: the code of a carrier that fetches, such as correos_express")
    return carrier


def wanted(request: LabelRequest, window: Window, keys: Mapping[str, str]) -> dict[str, Any]:
    """The pickup as Sendcloud takes it."""
    carrier, place = carrier_of(keys), request.sender
    grams = request.weight_g or int(keys.get("weight_g") or WEIGHT)
    weight = {"value": f"{grams / 1000:.2f}", "unit": "kg"}
    item = {"quantity": 1, "container_type": "parcel", "total_weight": weight}
    document: dict[str, Any] = {
        "carrier_code": carrier,
        "reference": request.reference,
        "address": _address(place),
        "time_slots": [{"start_at": _moment(window, window.begin), "end_at": _moment(window, window.end)}],
        "items": [item | ({"volumetric_weight_kind": "small"} if carrier == "correos" else {})],
        "quantity": 1,
        "total_weight": weight,
    }
    if keys.get("contract") and carrier == keys.get("return_option", "").partition(":")[0]:
        document["contract_id"] = int(keys["contract"])
    return document


def order(api: Api, request: LabelRequest, window: Window) -> Pickup:
    """Ask for it. Raises `InDoubt` where it may have been ordered although nobody said its number."""
    told = Part(api.write("POST", PATH, wanted(request, window, api.account.keys))).part("data")
    number = told.ref("id")
    if not number:
        raise InDoubt(f"{WHO} answered without a number of the pickup; it may be ordered")
    return Pickup(number, window, _stands(told))


def find(api: Api, request: LabelRequest, window: Window) -> Pickup | None:
    """By our reference, among those of the same carrier and hours that still count."""
    carrier, begin = carrier_of(api.account.keys), _utc(window, window.begin)
    alike = [told for told in _listed(api) if told.text("carrier_code") == carrier and _begins(told, begin) and _stands(told) not in OVER]
    if len(alike) > CANDIDATES:
        raise ConnectorError(f"{WHO} has {len(alike)} pickups of those hours: too many to look into for {request.reference}", permanent=True)
    for told in alike:
        one = Part(api.read(f"{PATH}/{told.ref('id')}")).part("data")
        if one.text("reference") == request.reference:
            return Pickup(told.ref("id"), window, _stands(one))
    return None


def stands(api: Api, number: str) -> Fetching:
    """What Sendcloud says of it now."""
    return _stands(Part(api.read(f"{PATH}/{_known(number)}")).part("data"))


def call_off(api: Api, number: str) -> Fetching:
    """Wish it away, unless that was done before."""
    before = stands(api, number)
    if before in (*OVER, Fetching.CALLING_OFF):
        return before
    answer = api.ask("POST", f"{PATH}/{number}/cancel")
    if answer.status == 409:
        raise ConnectorError(f"{WHO} says that this pickup can no longer be called off", permanent=True)
    if answer.status >= 400:
        raise refused(answer)
    return _stands(Part(answer.json(WHO)).part("data"))


def _listed(api: Api) -> Iterator[Part]:
    cursor = ""
    for _ in range(PAGES):
        answer = api.ask("GET", f"{PATH}?{urlencode({'page_size': PAGE} | ({'cursor': cursor} if cursor else {}))}")
        if answer.status >= 400:
            raise refused(answer)
        page = Part(answer.json(WHO))
        if "data" not in page:
            raise ConnectorError(f"{WHO} answered with something that is no list of pickups")
        yield from page.parts("data")
        cursor = _next(answer)
        if not cursor:
            return
    raise ConnectorError(f"{WHO} lists more than {PAGE * PAGES} pickups: too many to look through", permanent=True)


def _next(answer: Answer) -> str:
    """The cursor of the page that follows (RFC 8288); empty: there is none."""
    for link in answer.headers.get("link", "").split(","):
        target, _, rest = link.partition(">")
        if 'rel="next"' in rest:
            return parse_qs(urlsplit(target.strip().removeprefix("<")).query).get("cursor", [""])[0]
    return ""


def _stands(told: Part) -> Fetching:
    return STANDS.get(told.text("status"), Fetching.UNKNOWN)


def _begins(told: Part, begin: datetime) -> bool:
    return any(slot.time("start_at") == begin for slot in told.parts("time_slots"))


def _known(number: str) -> str:
    if not number.isdigit():
        raise ConnectorError(f"{WHO}'s number of the pickup is not known: look for it in Sendcloud's panel", permanent=True)
    return number


def _address(place: Address) -> dict[str, str]:
    """Italian carriers want the province as well, as ISO 3166-2 has it."""
    told = address(place)
    if place.province_code and place.country == "IT":
        told["state_province_code"] = f"{place.country}-{place.province_code}"
    return told


def _utc(window: Window, at: time) -> datetime:
    return datetime.combine(window.day, at, ZoneInfo(window.zone)).astimezone(UTC)


def _moment(window: Window, at: time) -> str:
    return f"{_utc(window, at):%Y-%m-%dT%H:%M:%SZ}"
