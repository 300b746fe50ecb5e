"""Facts add up: whatever the order, repetition and delay of the deliveries, the same facts are known in the end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.shops import SHOPS
from connectors.shops.base import ShopContext
from postventa.events import Event, Step
from tests.connectors.shops.recorded import NOON, shopify, woo_deliveries, woo_order

ATTENTIVE = {"preparando": Step.PREPARED, "entregado": Step.DELIVERED}
WOO = [("order.updated", json.loads(d.body)) for d in woo_deliveries() if d.topic in ("order.created", "order.updated") and b'"line_items"' in d.body]
ENTRY = {"tracking_provider": "seur", "tracking_number": "S1", "date_shipped": "2026-11-23", "tracking_id": "a" * 32}
WOO_JOURNEY: list[tuple[str, dict[str, Any]]] = [
    ("order.created", woo_order(16)),
    ("order.updated", woo_order(18)),
    ("order.updated", woo_order(20)),
    ("order.updated", woo_order(20, status="preparando", date_modified_gmt="2026-11-22T15:00:00")),
    ("order.updated", woo_order(20, status="preparando", date_modified_gmt="2026-11-22T15:30:00", meta={"_wc_shipment_tracking_items": [ENTRY]})),
    ("order.updated", woo_order(21, date_completed_gmt="2026-11-23T10:00:00", meta={"_wc_shipment_tracking_items": [ENTRY]})),
    ("order.updated", woo_order(21, status="entregado", date_modified_gmt="2026-11-24T10:00:00", meta={"_wc_shipment_tracking_items": [ENTRY]})),
]
TOPICS = {topic.replace("/", "_"): topic for topic in SHOPS["shopify"].topics}
SHOPIFY_JOURNEY: list[tuple[str, dict[str, Any]]] = [
    (TOPICS[name.partition("__")[0]], shopify(name))
    for name in (
        "orders_create__two_items", "orders_paid__two_items", "fulfillments_create__first_of_two", "orders_partially_fulfilled__first_of_two",
        "fulfillments_create__second_of_two", "orders_fulfilled__two_fulfilments", "fulfillment_events_create__in_transit",
        "fulfillment_events_create__out_for_delivery", "fulfillment_events_create__delivered", "fulfillments_update__delivered",
        "fulfillment_events_create__delivered_second", "refunds_create__one_of_two_jars", "orders_updated__refunded_in_part",
    )
]  # fmt: skip


def known(platform: str, deliveries: list[tuple[str, dict[str, Any]]], delays: list[int]) -> dict[str, Event]:
    """What somebody knows who keeps, of each fact, the first time that it is said to have happened."""
    facts: dict[str, Event] = {}
    for (topic, body), delay in zip(deliveries, delays, strict=True):
        context = ShopContext(status_map=ATTENTIVE, received_at=NOON + timedelta(minutes=delay))
        for event in SHOPS[platform].normalise(topic, json.dumps(body).encode(), context).events:
            facts[event.key] = min(facts.get(event.key, event), event, key=lambda fact: fact.at)
    return facts


def shuffled(journey: list[tuple[str, dict[str, Any]]]) -> st.SearchStrategy[list[tuple[str, dict[str, Any]]]]:
    return st.lists(st.sampled_from(range(len(journey))), max_size=5).flatmap(
        lambda again: st.permutations([*range(len(journey)), *again]).map(lambda order: [journey[i] for i in order])
    )


def minutes(deliveries: list[tuple[str, dict[str, Any]]]) -> list[int]:
    return [(17 * n) % 1800 for n in range(len(deliveries))]


@given(shuffled(WOO_JOURNEY))
def test_a_woocommerce_order_is_known_alike_in_any_order(deliveries: list[tuple[str, dict[str, Any]]]) -> None:
    assert known("woocommerce", deliveries, minutes(deliveries)) == known("woocommerce", WOO_JOURNEY, minutes(WOO_JOURNEY))


@given(shuffled(SHOPIFY_JOURNEY))
def test_a_shopify_order_is_known_alike_in_any_order(deliveries: list[tuple[str, dict[str, Any]]]) -> None:
    assert known("shopify", deliveries, minutes(deliveries)) == known("shopify", SHOPIFY_JOURNEY, minutes(SHOPIFY_JOURNEY))


def test_the_recorded_shop_is_known_alike_backwards() -> None:
    assert known("woocommerce", WOO, minutes(WOO)) == known("woocommerce", WOO[::-1], minutes(WOO))


def test_the_journey_holds_every_step_once() -> None:
    facts = known("woocommerce", WOO_JOURNEY, minutes(WOO_JOURNEY))
    names = sorted(key.partition(":")[0] for key in facts if not key.startswith(("OrderSeen", "ParcelSeen")))
    assert names == ["OrderPaid", "OrderPlaced", "OrderPrepared", "ShipmentDelivered", "ShipmentDispatched"]
    assert facts["ShipmentDispatched:38:wst-" + "a" * 32].at == datetime.fromisoformat("2026-11-23T10:00:00Z")


def test_the_second_parcel_is_delivered_by_itself() -> None:
    facts = known("shopify", SHOPIFY_JOURNEY, minutes(SHOPIFY_JOURNEY))
    delivered = sorted(key for key in facts if key.startswith("ShipmentDelivered"))
    assert delivered == ["ShipmentDelivered:5123456789012:4812345678901", "ShipmentDelivered:5123456789012:4812345678902"]
    assert facts[delivered[0]].at == datetime.fromisoformat("2026-11-18T10:02:00Z"), "the scan's own time, not the fulfilment's"
