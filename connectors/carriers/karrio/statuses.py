"""karrio's words for where a parcel is, and what each means; and the carriers' own words where karrio's say something else than the carrier.

karrio's are the names of its `TrackingStatus` (`karrio/providers/<carrier>/units.py`). What is not here is `UNKNOWN`: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.carriers.base import Status

STATUSES: Mapping[str, Status] = {
    "pending": Status.ANNOUNCED,
    "picked_up": Status.IN_TRANSIT,
    "in_transit": Status.IN_TRANSIT,
    "out_for_delivery": Status.OUT_FOR_DELIVERY,
    "ready_for_pickup": Status.READY_FOR_PICKUP,
    "delivery_failed": Status.ATTEMPTED_DELIVERY,
    "delivery_delayed": Status.DELAYED,
    "delivered": Status.DELIVERED,
    "return_to_sender": Status.RETURNED_TO_SENDER,
    "cancelled": Status.CANCELLED,
    "on_hold": Status.UNKNOWN,
    "unknown": Status.UNKNOWN,
}
"""`on_hold` can be anything from customs to a damaged box: it is told to a person."""

OWN: Mapping[str, Mapping[str, Status]] = {
    "dhl_parcel_de": {
        "PO": Status.OUT_FOR_DELIVERY,  # loaded onto the delivery vehicle; karrio: in_transit
    },
    "dhl_express": {
        "CC": Status.READY_FOR_PICKUP,  # awaiting collection by the consignee; karrio: in_transit
        "RT": Status.RETURNED_TO_SENDER,  # karrio: delivery_failed
        "DM": Status.UNKNOWN,  # damaged; karrio calls this and the next ones a failed delivery
        "DS": Status.UNKNOWN,
        "SS": Status.UNKNOWN,
        "ST": Status.UNKNOWN,
    },
    "gls_group": {
        # ParcelDTO.status of Track and Trace v1; karrio takes a parcel in a shop, and one whose history is closed, for delivered
        "PREADVICE": Status.ANNOUNCED,
        "PLANNEDPICKUP": Status.ANNOUNCED,
        "INPICKUP": Status.ANNOUNCED,
        "NOTPICKEDUP": Status.ANNOUNCED,
        "INTRANSIT": Status.IN_TRANSIT,
        "INWAREHOUSE": Status.IN_TRANSIT,
        "INDELIVERY": Status.OUT_FOR_DELIVERY,
        "DELIVEREDPS": Status.READY_FOR_PICKUP,
        "NOTDELIVERED": Status.ATTEMPTED_DELIVERY,
        "DELIVERED": Status.DELIVERED,
        "CANCELED": Status.CANCELLED,
        "FINAL": Status.UNKNOWN,
    },
    "dpd": {
        "ReturningFromDelivery": Status.ATTEMPTED_DELIVERY,  # back at the depot after an attempt; karrio: out_for_delivery
    },
}
"""Carrier -> its own word -> what that means."""

BARELY = {"dhl_parcel_de": {"delivery_delayed"}}
"""karrio's words that stand for nothing there: of DHL's `unknown` it makes a delay."""


def meaning(carrier: str, own: str, karrios: str) -> Status:
    """Ours, by the carrier's own word if that is known, else by karrio's."""
    known = OWN.get(carrier, {}).get(own)
    if known is not None:
        return known
    return Status.UNKNOWN if karrios in BARELY.get(carrier, ()) else STATUSES.get(karrios, Status.UNKNOWN)
