"""What a carrier told, into a fulfilment's list of events: https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentEventCreate

Shopify shows them on the order's page and to the customer. What we write comes back as `fulfillment_events/create` and says nothing new.
"""

from __future__ import annotations

from datetime import UTC

from connectors.shops.shopify import mutations
from connectors.shops.shopify.writes.api import ShopifyApi, gid
from connectors.shops.writes import Done, Scan


def do(api: ShopifyApi, wanted: Scan, reference: str) -> Done:
    """Events can only be added."""
    event = {
        "fulfillmentId": gid("Fulfillment", wanted.parcel_ref),
        "status": wanted.status.upper(),
        "happenedAt": f"{wanted.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "message": wanted.message or None,
    }
    made = api.change(mutations.SCAN_ADD, {"event": event}, "fulfillmentEventCreate", "fulfillmentEvent")
    return Done(made.text("id").rpartition("/")[2], f"{wanted.status} of parcel {wanted.parcel_ref}")


def find(api: ShopifyApi, wanted: Scan, reference: str) -> Done | None:
    """The same step at the same second is the same scan."""
    found = api.found(mutations.SCANS, {"id": gid("Fulfillment", wanted.parcel_ref)}, "fulfillment", f"parcel {wanted.parcel_ref}")
    for event in found.part("events").parts("nodes"):
        if event.text("status") == wanted.status.upper() and event.time("happenedAt") == wanted.at.replace(microsecond=0):
            return Done(event.text("id").rpartition("/")[2], f"{wanted.status} of parcel {wanted.parcel_ref} was there already")
    return None
