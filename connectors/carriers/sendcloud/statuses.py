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


def meaning(word: str) -> Status:
    """Ours for one of theirs, whether as a slug (`driver-on-route`) or as people read it (`Driver on route`)."""
    return STATUSES.get(slug(word), Status.UNKNOWN)


def slug(word: str) -> str:
    """`Delivery delayed` and `delivery-delayed` are one word."""
    return "-".join(word.lower().replace(":", " ").replace("_", " ").replace("-", " ").split())
