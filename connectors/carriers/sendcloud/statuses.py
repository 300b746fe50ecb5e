"""Sendcloud's words for where a parcel is, and what each means.

They are the values of `parent_status` (https://sendcloud.dev/docs/tracking/tracking-statuses, and the list in the Returns API's specification).
The same words stand for all carriers behind Sendcloud. A word that is not here is `UNKNOWN`: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.carriers.base import Status

STATUSES: Mapping[str, Status] = {
    "no-label": Status.ANNOUNCED,
    "ready-to-send": Status.ANNOUNCED,
    "announcing": Status.ANNOUNCED,
    "announced": Status.ANNOUNCED,
    "announced-uncollected": Status.ANNOUNCED,
    "announcement-failed": Status.CANCELLED,
    "collect-error": Status.NOT_COLLECTED,
    "picked-up-by-driver": Status.IN_TRANSIT,
    "to-sorting": Status.IN_TRANSIT,
    "at-sorting-centre": Status.IN_TRANSIT,
    "sorting": Status.IN_TRANSIT,
    "sorted": Status.IN_TRANSIT,
    "unsorted": Status.IN_TRANSIT,
    "unsorted2": Status.IN_TRANSIT,
    "shipment-on-route": Status.IN_TRANSIT,
    "at-customs": Status.IN_TRANSIT,
    "delivery-method-changed": Status.IN_TRANSIT,
    "delivery-address-changed": Status.IN_TRANSIT,
    "delivery-date-changed": Status.IN_TRANSIT,
    "driver-on-route": Status.OUT_FOR_DELIVERY,
    "awaiting-customer-pickup": Status.READY_FOR_PICKUP,
    "delayed": Status.DELAYED,
    "delivery-failed": Status.ATTEMPTED_DELIVERY,
    "address-invalid": Status.ATTEMPTED_DELIVERY,
    "delivered": Status.DELIVERED,
    "delivery-forced": Status.DELIVERED,
    "collected-by-customer": Status.DELIVERED,
    "refused-by-recipient": Status.RETURNED_TO_SENDER,
    "undeliverable": Status.RETURNED_TO_SENDER,
    "returned-to-sender": Status.RETURNED_TO_SENDER,
    "cancelling": Status.CANCELLED,
    "cancelling-upstream": Status.CANCELLED,
    "cancelled": Status.CANCELLED,
    "cancelled-upstream": Status.CANCELLED,
    "exception": Status.UNKNOWN,
    "unknown": Status.UNKNOWN,
}
"""`exception` can be anything from a damaged box to a strike, and `unknown` is Sendcloud's own way of saying so: both are told to a person."""

NUMBERS: Mapping[int, str] = {
    1: "announced",
    3: "to-sorting",
    4: "delayed",
    5: "sorted",
    6: "unsorted",
    7: "sorting",
    8: "delivery-failed",
    11: "delivered",
    12: "awaiting-customer-pickup",
    13: "announced-uncollected",
    15: "collect-error",
    22: "picked-up-by-driver",
    80: "undeliverable",
    91: "shipment-on-route",
    92: "driver-on-route",
    93: "collected-by-customer",
    999: "no-label",
    1000: "ready-to-send",
    1001: "announcing",
    1002: "announcement-failed",
    1337: "unknown",
    1998: "cancelled-upstream",
    1999: "cancelling-upstream",
    2000: "cancelled",
    2001: "cancelling",
    62989: "at-customs",
    62990: "at-sorting-centre",
    62991: "refused-by-recipient",
    62992: "returned-to-sender",
    62993: "delivery-method-changed",
    62994: "delivery-date-changed",
    62995: "delivery-address-changed",
    62996: "exception",
    62997: "address-invalid",
}
"""The numbers that webhooks have for the same words (`GET /v2/parcels/statuses`), so that a step that is told and asked about is one step."""


def word_of(number: int) -> str:
    """Theirs for one of their numbers; empty for one that is not in the list."""
    return NUMBERS.get(number, "")


def meaning(word: str) -> Status:
    """Ours for one of theirs, whether as a slug (`driver-on-route`) or as people read it (`Driver on route`)."""
    return STATUSES.get(slug(word), Status.UNKNOWN)


def slug(word: str) -> str:
    """`Delivery delayed` and `delivery-delayed` are one word."""
    return "-".join(word.lower().replace(":", " ").replace("_", " ").replace("-", " ").split())
