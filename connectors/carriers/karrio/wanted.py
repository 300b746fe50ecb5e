"""A return label as karrio takes it: the document of its `ShipmentRequest` (`karrio/core/models.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.carriers.base import LabelRequest
from connectors.carriers.karrio.kinds import Kind
from connectors.customs import check_within_the_union
from postventa.events import Address

WEIGHT = "1000"
"""Grams of a parcel whose items do not say what they weigh; `weight_g` of the shop's account stands above it."""


def shipment(kind: Kind, request: LabelRequest, keys: Mapping[str, str]) -> dict[str, Any]:
    """Raises `ValueError` for a label that would need more than we know, or a street that the carrier would cut."""
    missing = [name for name in kind.label_keys if not keys.get(name)]
    if missing:
        raise ValueError(f"{kind.title} needs {' and '.join(missing)} in [shops.carriers.{kind.name}] for labels")
    check_within_the_union(f"{kind.title}'s own panel", request.sender, request.receiver)
    shop, customer = _address(kind, request.receiver, "the shop's"), _address(kind, request.sender, "the customer's")
    weight = (request.weight_g or int(keys.get("weight_g") or WEIGHT)) / 1000
    parcel = {"weight": round(weight, 3), "weight_unit": "KG", "description": "Returned goods", "reference_number": request.reference}
    return {"parcels": [parcel], "reference": request.reference, **_way(kind, shop, customer, keys)}


def _way(kind: Kind, shop: dict[str, str], customer: dict[str, str], keys: Mapping[str, str]) -> dict[str, Any]:
    """Who is who. Where a carrier has returns of their own, karrio swaps the two."""
    if kind.name == "ups":
        # karrio's own return has the customer as the account's holder, and a driver who fetches; UPS wants the holder, and where it begins besides
        options = {"ups_return_service": "ups_print_return_label"}
        return {"service": keys.get("service") or "ups_standard", "shipper": shop, "recipient": shop, "return_address": customer, "options": options}
    if kind.name == "dhl_express":
        # karrio's own return asks for a parcel to come back to the customer if nobody takes it
        within = "dhl_express_domestic" if shop["country_code"] == customer["country_code"] else "dhl_express_worldwide"
        pays = {"paid_by": "recipient", "account_number": keys["account_number"]}
        return {"service": keys.get("service") or within, "shipper": customer, "recipient": shop, "payment": pays}
    usual = {"dhl_parcel_de": "dhl_parcel_de_retoure", "gls_group": "gls_parcel"}[kind.name]
    receiver = {"dhl_parcel_de_return_receiver_id": keys["receiver_id"]} if keys.get("receiver_id") else {}
    parties = {"shipper": shop, "recipient": customer}
    return {"service": keys.get("service") or usual, "is_return": True, **parties, "label_type": "PDF", "options": receiver}


def _address(kind: Kind, place: Address, whose: str) -> dict[str, str]:
    lines = _lines(kind, place, whose)
    told = {
        "person_name": place.name or place.company,
        "company_name": place.company,
        "address_line1": lines[0],
        "address_line2": lines[1] if len(lines) > 1 else "",
        "postal_code": place.postcode,
        "city": place.city,
        "country_code": place.country,
        "phone_number": place.phone,
        "email": place.email,
    }
    return {name: value for name, value in told.items() if value}


def _lines(kind: Kind, place: Address, whose: str) -> list[str]:
    """The street, whole words to a line: karrio cuts what is too long without a word, and a driver would stand before the wrong door."""
    found, words = [""], f"{place.street} {place.street2}".split()
    for word in words:
        longer = f"{found[-1]} {word}".strip()
        found = [*found[:-1], longer] if len(longer) <= kind.street else [*found, word]
    if len(found) > kind.lines or max(map(len, found)) > kind.street:
        most = f"{kind.lines} lines of {kind.street}" if kind.lines > 1 else str(kind.street)
        raise ValueError(f"{kind.title} takes {most} characters of a street, and {whose} is longer: make this label in {kind.title}'s own panel")
    return found
