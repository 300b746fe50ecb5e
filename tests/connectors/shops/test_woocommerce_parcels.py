"""Tracking numbers as plugins leave them in an order."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.shops.base import Reading
from postventa import events as e
from postventa.events import ParcelSnapshot, Step
from tests.connectors.shops.recorded import CONTEXT, every, kinds, only, read, woo_order, woo_rest

ITEMS = "_wc_shipment_tracking_items"
MODIFIED, COMPLETED = datetime(2026, 11, 22, 14, 29, 36, tzinfo=UTC), datetime(2026, 11, 22, 14, 29, 46, tzinfo=UTC)


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "tracking_provider": "correos-spain", "custom_tracking_provider": "", "custom_tracking_link": "", "tracking_number": "PK123ES",
        "date_shipped": "", "tracking_id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    } | changes  # fmt: skip


def updated(order: dict[str, Any], **status_map: Step) -> Reading:
    return read("woocommerce", "order.updated", order, replace(CONTEXT, status_map=status_map))


def parcel(value: Any, number: int = 20, **changes: Any) -> ParcelSnapshot:
    return only(updated(woo_order(number, meta={ITEMS: value}, **changes)), e.ParcelSeen).parcel


def test_the_recorded_parcel_is_read() -> None:
    reading = updated(woo_order(62))
    seen = only(reading, e.ParcelSeen)
    assert seen.parcel == ParcelSnapshot(
        "wst-0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "Correos",
        "PK1234567890123456789ES",
        "https://www.correos.es/es/es/herramientas/localizador/envios/detalle?tracking-number=PK1234567890123456789ES",
    )
    assert only(reading, e.ShipmentDispatched).at == datetime(2026, 11, 22, 14, 31, 27, tzinfo=UTC)


def test_other_plugins_numbers_are_only_looked_at_without_the_list() -> None:
    assert [seen.parcel.tracking_number for seen in every(updated(woo_order(63)), e.ParcelSeen)] == ["PK1234567890123456789ES"]


def test_two_entries_are_two_parcels_of_advanced_shipment_tracking() -> None:
    body = woo_rest("order-get-with-ast-tracking")["body_json"]
    seen = every(read("woocommerce", "order.updated", body), e.ParcelSeen)
    assert [(s.parcel.carrier, s.parcel.tracking_number, s.parcel.tracking_url[:25]) for s in seen] == [
        ("Correos", "PK1234567890123456789ES", "https://www.correos.es/es"),
        ("Mensajería del Barrio", "BAR-77", "https://barrio.test/t/BAR"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        [entry()],
        {"0": entry()},
        {"any": entry()},
        entry(),
        json.dumps([entry()]),
        json.dumps(entry()),
        [entry(), "noise", None, {"tracking_number": ""}],
    ],
    ids=["list", "keyed", "keyed by a word", "alone", "JSON list", "JSON object", "with noise"],
)
def test_the_list_is_understood_in_every_shape(value: Any) -> None:
    assert parcel(value).tracking_number == "PK123ES"


@pytest.mark.parametrize("value", ["", [], {}, "[", "nonsense", None, 7, "[{}]", [[]], [{"tracking_number": None}], '{"a":' * 100])
def test_an_empty_or_broken_list_is_no_parcel(value: Any) -> None:
    assert every(updated(woo_order(20, meta={ITEMS: value})), e.ParcelSeen) == []


def test_a_tracking_number_is_a_parcel_that_left_even_while_the_order_is_processing() -> None:
    reading = updated(woo_order(20, meta={ITEMS: [entry()]}))
    assert kinds(reading) == ["OrderPlaced", "OrderPaid", "ShipmentDispatched"]
    assert only(reading, e.ShipmentDispatched).at == MODIFIED


@pytest.mark.parametrize("step", [Step.PREPARED, Step.REFUNDED, Step.RETURN_REQUESTED])
def test_a_number_does_not_contradict_what_the_merchant_says_of_the_status(step: Step) -> None:
    reading = updated(woo_order(20, status="x", meta={ITEMS: [entry()]}), x=step)
    assert every(reading, e.ParcelSeen)
    assert not every(reading, e.ShipmentDispatched)


@pytest.mark.parametrize("status", ["cancelled", "pending", "trash", "checkout-draft"])
def test_no_parcel_leaves_an_order_that_is_none(status: str) -> None:
    assert not every(updated(woo_order(20, status=status, meta={ITEMS: [entry()]})), e.ParcelEvent)


@pytest.mark.parametrize(
    ("step", "scan"),
    [(Step.OUT_FOR_DELIVERY, e.ShipmentOutForDelivery), (Step.READY_FOR_PICKUP, e.ShipmentReadyForPickup), (Step.DELIVERED, e.ShipmentDelivered)],
)
def test_a_status_speaks_of_every_parcel_that_is_known(step: Step, scan: type[e.ParcelEvent]) -> None:
    listed = [entry(), entry(tracking_id="b" * 32, tracking_number="SEUR1", tracking_provider="seur")]
    reading = updated(woo_order(20, status="x", meta={ITEMS: listed}), x=step)
    assert {event.parcel_ref for event in every(reading, scan)} == {"wst-0f1e2d3c4b5a69788796a5b4c3d2e1f0", "wst-" + "b" * 32}
    assert {event.parcel_ref for event in every(reading, e.ShipmentDispatched)} == {event.parcel_ref for event in every(reading, scan)}


@pytest.mark.parametrize(
    ("step", "scan"),
    [
        (Step.SHIPPED, e.ShipmentDispatched),
        (Step.OUT_FOR_DELIVERY, e.ShipmentOutForDelivery),
        (Step.READY_FOR_PICKUP, e.ShipmentReadyForPickup),
        (Step.DELIVERED, e.ShipmentDelivered),
    ],
)
def test_without_a_number_the_order_itself_is_the_parcel(step: Step, scan: type[e.ParcelEvent]) -> None:
    reading = updated(woo_order(20, status="x"), x=step)
    assert only(reading, scan).parcel_ref == "order"
    assert only(reading, e.ParcelSeen).parcel == ParcelSnapshot("order")
    assert [event for event in every(reading, e.ParcelEvent) if event.kind not in (scan.__name__, "ParcelSeen")] == []


def test_the_reference_is_the_plugins_own_else_the_number() -> None:
    assert parcel([entry(tracking_id="")]).ref == "wst-PK123ES"
    assert parcel([entry(tracking_id="<x>", tracking_number="PK 1/2 ñ")]).ref == "wst-PK-1-2"
    assert parcel([entry(tracking_id="", tracking_number="ñ")]).ref == "wst-parcel"


def test_a_changed_number_is_the_same_parcel() -> None:
    assert parcel([entry(tracking_number="NEW")]).ref == parcel([entry()]).ref


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"_tracking_number": "MRW-1", "_tracking_provider": "MRW"}, ("MRW", "MRW-1", "https://www.mrw.es/")),
        ({"_tracking_number": "X1", "_tracking_url": "https://barrio.test/X1"}, ("", "X1", "https://barrio.test/")),
        ({"_tracking_number": "X1", "_tracking_url": "javascript:alert(1)"}, ("", "X1", "")),
        ({"ywot_tracking_code": "SEUR123", "ywot_carrier_name": "SEUR"}, ("SEUR", "SEUR123", "https://www.seur.com/")),
        ({"ywot_tracking_code": "SEUR123"}, ("", "SEUR123", "")),
        ({"_aftership_tracking_number": "1Z1", "_aftership_tracking_provider_name": "UPS"}, ("UPS", "1Z1", "https://www.ups.com/")),
        ({"_aftership_tracking_items": [{"slug": "gls-spain", "tracking_number": "61"}]}, ("GLS", "61", "https://gls-group.com/")),
        ({"_packlink_carrier_tracking_code": ["PL1"], "_packlink_carrier_tracking_url": "https://p.test/PL1"}, ("", "PL1", "https://p.test/")),
        ({"tracking_number": "T1", "carrier": "nacex"}, ("NACEX", "T1", "https://www.nacex.es/")),
    ],
)
def test_single_numbers_of_other_plugins_are_found(meta: dict[str, Any], expected: tuple[str, str, str]) -> None:
    found = only(updated(woo_order(20, meta=meta)), e.ParcelSeen).parcel
    assert (found.carrier, found.tracking_number, found.tracking_url[: len(expected[2])]) == expected
    assert bool(found.tracking_url) == bool(expected[2])


def test_the_merchants_own_carrier_and_link_win() -> None:
    found = parcel([entry(custom_tracking_provider="Mensajería del Barrio", custom_tracking_link="https://barrio.test/t/%number%")])
    assert (found.carrier, found.tracking_url) == ("Mensajería del Barrio", "https://barrio.test/t/PK123ES")


@pytest.mark.parametrize(
    ("shipped", "expected"),
    [
        (1795357774, datetime(2026, 11, 22, 14, 29, 34, tzinfo=UTC)),
        ("1795357774", datetime(2026, 11, 22, 14, 29, 34, tzinfo=UTC)),
        (1795305600, MODIFIED),
        (1795302000, MODIFIED),
        (1795100000, MODIFIED),
        (1795999999, MODIFIED),
        ("2026-11-22", MODIFIED),
        ("", MODIFIED),
        (None, MODIFIED),
        ("soon", MODIFIED),
        (-1, MODIFIED),
    ],
    ids=["number", "text", "midnight UTC", "midnight in Madrid", "too long ago", "in the future", "a day", "empty", "null", "a word", "negative"],
)
def test_the_plugins_time_counts_only_when_it_is_exact_and_plausible(shipped: Any, expected: datetime) -> None:
    assert only(updated(woo_order(20, meta={ITEMS: [entry(date_shipped=shipped)]})), e.ShipmentDispatched).at == expected


def test_a_parcel_of_a_completed_order_left_when_it_was_completed() -> None:
    late = {"date_modified_gmt": "2026-11-25T09:00:00"}
    assert only(updated(woo_order(21, meta={ITEMS: [entry()]}, **late)), e.ShipmentDispatched).at == COMPLETED
    same_day = entry(date_shipped="2026-11-22")
    assert only(updated(woo_order(21, meta={ITEMS: [same_day]}, **late)), e.ShipmentDispatched).at == COMPLETED


def test_a_second_parcel_of_a_completed_order_left_when_it_was_added() -> None:
    second = entry(date_shipped="2026-11-25", tracking_id="b" * 32)
    reading = updated(woo_order(21, meta={ITEMS: [entry(), second]}, date_modified_gmt="2026-11-25T09:00:00"))
    assert [event.at for event in every(reading, e.ShipmentDispatched)] == [COMPLETED, datetime(2026, 11, 25, 9, 0, tzinfo=UTC)]


@pytest.mark.parametrize(
    "products",
    [
        [{"product": "31", "item_id": "103", "qty": "1"}],
        {"0": {"product": "31", "qty": "1"}},
        json.dumps([{"product": "32", "qty": 1}]),
        [{"item_id": 103, "quantity": 1}, {"item_id": 999, "qty": 5}, "noise"],
    ],
)
def test_the_items_of_a_parcel_are_the_orders_lines(products: Any) -> None:
    assert parcel([entry(products_list=products)], number=60).lines == (("103", 1),)


@pytest.mark.parametrize("products", ["", None, [], "nonsense", [{"product": "7"}]])
def test_unknown_items_are_left_open(products: Any) -> None:
    assert parcel([entry(products_list=products)], number=60).lines == ()


def test_a_plugin_gone_wild_does_not_make_thousands_of_parcels() -> None:
    listed = [entry(tracking_id="", tracking_number=f"N{n}") for n in range(2000)]
    assert len(every(updated(woo_order(20, meta={ITEMS: listed})), e.ParcelSeen)) == 50
