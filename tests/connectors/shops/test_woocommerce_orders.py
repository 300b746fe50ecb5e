"""What a WooCommerce order proves, rule by rule."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Unreadable
from connectors.shops.base import Reading, Refetch, ShopContext
from postventa import events as e
from postventa.events import OrderSeen, OrderSnapshot, Step
from tests.connectors.shops.recorded import CONTEXT, NOON, every, kinds, only, read, woo_delivery, woo_order

CREATED, MODIFIED = datetime(2026, 11, 22, 14, 29, 28, tzinfo=UTC), datetime(2026, 11, 22, 14, 29, 36, tzinfo=UTC)
PAID = datetime(2026, 11, 22, 14, 29, 36, tzinfo=UTC)
BLANK = dict.fromkeys(("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country", "phone"), "")


def updated(order: dict[str, Any], **status_map: Step) -> Reading:
    return read("woocommerce", "order.updated", order, replace(CONTEXT, status_map=status_map))


def snapshot(reading: Reading) -> OrderSnapshot:
    return only(reading, OrderSeen).order


@pytest.mark.parametrize(
    ("status", "paid", "expected"),
    [
        ("checkout-draft", False, []),
        ("auto-draft", False, []),
        ("checkout-draft", True, []),
        ("pending", False, []),
        ("failed", False, []),
        ("failed", True, []),
        ("on-hold", False, ["OrderPlaced"]),
        ("processing", False, ["OrderPlaced"]),
        ("processing", True, ["OrderPlaced", "OrderPaid"]),
        ("wc-processing", True, ["OrderPlaced", "OrderPaid"]),
        ("completed", True, ["OrderPlaced", "OrderPaid", "ShipmentDispatched"]),
        ("completed", False, ["OrderPlaced", "ShipmentDispatched"]),
        ("cancelled", False, ["OrderCancelled"]),
        ("cancelled", True, ["OrderPlaced", "OrderPaid", "OrderCancelled"]),
        ("refunded", False, []),
        ("refunded", True, ["OrderPlaced", "OrderPaid"]),
        ("trash", True, ["OrderTrashed"]),
        ("preparando", False, []),
        ("preparando", True, ["OrderPlaced", "OrderPaid"]),
        ("delivered", False, []),
    ],
)
def test_each_status_proves_what_it_proves(status: str, paid: bool, expected: list[str]) -> None:
    order = woo_order(status=status, date_paid_gmt="2026-11-22T14:29:36" if paid else None, date_paid=None)
    reading = updated(order)
    assert kinds(reading) == expected
    assert snapshot(reading).status == status


def test_an_order_that_we_made_for_an_exchange_was_placed_by_no_customer() -> None:
    order = woo_order(status="completed", meta_data=[{"id": 1, "key": "_postventa_exchange_of", "value": "1042"}])
    assert kinds(updated(order)) == [kind for kind in kinds(updated({**order, "meta_data": []})) if kind != "OrderPlaced"]
    assert "OrderPlaced" in kinds(updated({**order, "meta_data": []}))
    cancelled = updated({**order, "status": "cancelled"})
    assert "OrderCancelled" in kinds(cancelled), "of which nobody is told whose order was never placed"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step.PLACED, ["OrderPlaced"]),
        (Step.PREPARED, ["OrderPlaced", "OrderPrepared"]),
        (Step.SHIPPED, ["OrderPlaced", "ShipmentDispatched"]),
        (Step.OUT_FOR_DELIVERY, ["OrderPlaced", "ShipmentOutForDelivery"]),
        (Step.READY_FOR_PICKUP, ["OrderPlaced", "ShipmentReadyForPickup"]),
        (Step.DELIVERED, ["OrderPlaced", "ShipmentDelivered"]),
        (Step.RETURN_REQUESTED, ["OrderPlaced", "ReturnRequested", "ReturnApproved"]),
        (Step.CANCELLED, ["OrderCancelled"]),
        (Step.REFUNDED, ["OrderRefunded"]),
        (Step.NOTHING, []),
    ],
)
@pytest.mark.parametrize("spelling", ["a-medida", "wc-a-medida"])
def test_a_status_of_the_shops_own_leads_where_the_merchant_says(step: Step, expected: list[str], spelling: str) -> None:
    order = woo_order(status="a-medida", date_paid_gmt=None, date_paid=None)
    reading = read("woocommerce", "order.updated", order, replace(CONTEXT, status_map={spelling: step}))
    assert kinds(reading) == expected
    assert all(event.at == MODIFIED for event in reading.events if not isinstance(event, e.OrderPlaced))


def test_the_merchants_map_wins_over_what_we_would_think() -> None:
    assert kinds(updated(woo_order(21), completed=Step.DELIVERED)) == ["OrderPlaced", "OrderPaid", "ShipmentDelivered"]
    assert kinds(updated(woo_order(20), processing=Step.PREPARED)) == ["OrderPlaced", "OrderPaid", "OrderPrepared"]
    assert kinds(updated(woo_order(16), pending=Step.PLACED)) == ["OrderPlaced"]
    assert kinds(updated(woo_order(157), **{"checkout-draft": Step.PLACED})) == [], "a cart is no order, whatever the map says"


def test_each_fact_carries_its_own_time() -> None:
    reading = updated(woo_order(21))
    assert only(reading, e.OrderPlaced).at == PAID, "created eight seconds before; an order that is left pending becomes one when it is paid"
    assert only(reading, e.OrderPaid).at == datetime(2026, 11, 22, 14, 29, 36, tzinfo=UTC)
    assert only(reading, e.ShipmentDispatched).at == datetime(2026, 11, 22, 14, 29, 46, tzinfo=UTC), "completed"
    assert only(reading, OrderSeen).at == datetime(2026, 11, 22, 14, 29, 46, tzinfo=UTC), "modified"


def test_a_later_change_of_a_completed_order_does_not_move_the_dispatch() -> None:
    assert only(updated(woo_order(71)), e.ShipmentDispatched) == only(updated(woo_order(21)), e.ShipmentDispatched)


def test_an_order_without_universal_times_is_read_by_the_shops_clock() -> None:
    order = {key: value for key, value in woo_order().items() if not key.endswith("_gmt")}
    assert only(updated(order), OrderSeen).at == MODIFIED
    assert only(updated(order), e.OrderPlaced).at == PAID


def test_an_order_without_any_time_is_dated_by_its_arrival() -> None:
    order = {key: value for key, value in woo_order().items() if not key.startswith("date_")}
    assert {event.at for event in updated(order).events} == {NOON}
    with pytest.raises(Unreadable, match="no time"):
        read("woocommerce", "order.updated", order, ShopContext())


def test_a_download_is_completed_and_nothing_is_shipped() -> None:
    reading = updated(woo_order(40))
    assert kinds(reading) == ["OrderPlaced", "OrderPaid", "OrderCompleted"]
    assert reading.refetch == ()
    assert not any(line.requires_shipping for line in snapshot(reading).lines)
    assert kinds(updated(woo_order(40), completed=Step.DELIVERED)) == ["OrderPlaced", "OrderPaid", "OrderCompleted"]


def test_an_order_with_an_address_or_a_way_of_shipping_has_something_to_ship() -> None:
    assert "ShipmentDispatched" in kinds(updated(woo_order(21, shipping_lines=[])))
    assert "ShipmentDispatched" in kinds(updated(woo_order(21, shipping=BLANK)))
    assert kinds(updated(woo_order(21, shipping=BLANK, shipping_lines=[])))[-1] == "OrderCompleted"


def test_what_the_customer_fetches_is_completed_unless_the_merchant_says_what_it_means() -> None:
    way = [{"id": 1, "method_title": "Recogida en tienda", "method_id": "local_pickup", "total": "0.00", "total_tax": "0.00"}]
    assert kinds(updated(woo_order(21, shipping_lines=way)))[-1] == "OrderCompleted"
    ready = updated(woo_order(20, status="listo", shipping_lines=way), listo=Step.READY_FOR_PICKUP)
    assert kinds(ready)[-1] == "ShipmentReadyForPickup"


def test_the_bin_is_dated_by_the_arrival_when_nothing_else_is_known() -> None:
    deleted = woo_delivery(75)
    reading = read("woocommerce", "order.deleted", deleted.body, ShopContext(received_at=deleted.received_at))
    assert reading.events == (e.OrderTrashed("57", deleted.received_at),)


def test_coming_back_from_the_bin_outlives_going_into_it() -> None:
    deleted, restored = woo_delivery(75), woo_delivery(76)
    gone = only(read("woocommerce", "order.deleted", deleted.body, ShopContext(received_at=deleted.received_at)), e.OrderTrashed)
    reading = read("woocommerce", "order.restored", restored.body, ShopContext(received_at=restored.received_at))
    assert only(reading, e.OrderRestored).at > gone.at
    assert kinds(reading) == ["OrderPlaced", "OrderPaid", "OrderRestored"]
    later = woo_order(76, date_modified_gmt="2026-12-01T10:00:00")
    assert only(read("woocommerce", "order.restored", later), e.OrderRestored).at == datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    assert "OrderRestored" not in kinds(read("woocommerce", "order.restored", woo_order(76, status="trash")))


def test_an_order_in_the_bin_says_so() -> None:
    reading = updated(woo_order(111))
    assert snapshot(reading).trashed
    assert only(reading, e.OrderTrashed).at == datetime(2026, 11, 22, 14, 35, 30, tzinfo=UTC)


def test_created_and_updated_say_the_same_whichever_comes_first() -> None:
    assert updated(woo_order(158)) == read("woocommerce", "order.created", woo_order(159))


def refunds(*items: tuple[int, str], **changes: Any) -> list[tuple[str, Decimal, bool]]:
    listed = [{"id": ref, "reason": "", "total": total} for ref, total in items]
    found = every(updated(woo_order(50, refunds=listed, **changes)), e.OrderRefunded)
    return sorted((event.refund_ref, event.amount, event.full) for event in found)


def test_each_refund_is_told_once_and_only_the_last_one_completes_the_sum() -> None:
    recorded = every(updated(woo_order(55)), e.OrderRefunded)
    assert sorted((r.refund_ref, str(r.amount), r.full) for r in recorded) == [("51", "12.50", False), ("52", "5.00", False), ("53", "67.20", True)]
    assert refunds((51, "-12.50")) == [("51", Decimal("12.50"), False)]
    assert refunds((9, "-80.00"), (10, "-4.70"))[0] == ("10", Decimal("4.70"), True), "ten is later than nine"
    assert refunds((51, "-84.70")) == [("51", Decimal("84.70"), True)]
    assert refunds((51, "0.00")) == []
    assert refunds((51, "-12.50"), (51, "-12.50")) == [("51", Decimal("12.50"), False)]


def test_a_refund_keeps_its_reason_and_currency() -> None:
    order = woo_order(50, currency="GBP", refunds=[{"id": 51, "reason": "Taza rota", "total": "-12.50"}])
    refund = only(updated(order), e.OrderRefunded)
    assert (refund.note, refund.currency, refund.at) == ("Taza rota", "GBP", only(updated(order), OrderSeen).at)


def test_a_mapped_refund_without_an_entry_is_the_whole_order() -> None:
    refund = only(updated(woo_order(50, status="devuelto"), devuelto=Step.REFUNDED), e.OrderRefunded)
    assert (refund.refund_ref, refund.amount, refund.full) == ("order", Decimal("84.70"), True)
    listed = woo_order(50, status="devuelto", refunds=[{"id": 51, "reason": "", "total": "-12.50"}])
    assert only(updated(listed, devuelto=Step.REFUNDED), e.OrderRefunded).refund_ref == "51"


def test_a_cancelled_order_still_tells_of_money_that_went_back() -> None:
    order = woo_order(20, status="cancelled", refunds=[{"id": 51, "reason": "", "total": "-29.90"}])
    assert kinds(updated(order)) == ["OrderPlaced", "OrderPaid", "OrderRefunded", "OrderCancelled"]


def test_fulfilments_of_woocommerce_ten_are_asked_for() -> None:
    assert updated(woo_order(148)).refetch == (Refetch("parcels", "75", "75"),)
    assert updated(woo_order(147)).refetch == (), "only begun"
    assert updated(woo_order(148, status="pending")).refetch == ()


def test_amounts_have_their_tax() -> None:
    order = snapshot(updated(woo_order(28)))
    assert [str(line.total) for line in order.lines] == ["53.73", "26.82", "17.10", "39.83"]
    assert (order.subtotal, order.shipping_total, order.discount_total) == (Decimal("152.75"), Decimal("4.90"), Decimal("15.27"))
    assert (order.total, order.tax_total, order.currency) == (Decimal("142.08"), Decimal("13.15"), "EUR")
    fees = Decimal("2.48") + Decimal("0.52") - Decimal("3.00") - Decimal("0.30")
    assert order.subtotal - order.discount_total + order.shipping_total + fees == order.total


def test_a_line_has_its_choice_apart_from_its_title() -> None:
    [line] = snapshot(updated(woo_order(62))).lines
    assert (line.title, line.variant_title, line.sku, line.product_ref, line.variant_ref, line.quantity) == (
        "Zapatillas Ñandú", "38", "ZAP-ÑAN-38", "31", "32", 2,
    )  # fmt: skip
    plain = snapshot(updated(woo_order(28))).lines[0]
    assert (plain.title, plain.variant_title, plain.variant_ref) == ("Aceite de oliva virgen extra 500 ml", "", "")


def test_markup_in_a_choice_is_taken_off() -> None:
    order = woo_order(62)
    order["line_items"][0]["meta_data"] = [{"key": "talla", "display_value": "<p>38 &amp; 39</p>\n"}, {"key": "_x", "display_value": "hidden"}]
    assert snapshot(updated(order)).lines[0].variant_title == "38 & 39"


@pytest.mark.parametrize(
    ("shown", "choice"),
    [("<" * 300_000, "<" * 300), ("<b>" * 100_000, ""), ("&#" + "9" * 300_000 + ";", "\ufffd"), ("<a > b < 38", "b < 38")],
    ids=["open", "tags", "number", "less than"],
)
def test_what_only_looks_like_markup_is_read_in_a_moment(shown: str, choice: str) -> None:
    order = woo_order(62)
    order["line_items"][0]["meta_data"] = [{"key": "talla", "display_value": shown}]
    started = time.process_time()
    assert snapshot(updated(order)).lines[0].variant_title == choice
    assert time.process_time() - started < 2


def test_a_product_that_is_gone_still_has_its_line() -> None:
    order = woo_order(20)
    order["line_items"][0] |= {"product_id": 0, "sku": None, "image": {"id": "", "src": ""}, "quantity": -2}
    [line] = snapshot(updated(order)).lines
    assert (line.product_ref, line.sku, line.image_url, line.quantity) == ("", "", "", 0)


def test_the_customer_is_read_from_the_bill() -> None:
    order = snapshot(updated(woo_order(62)))
    assert (order.email, order.first_name, order.last_name, order.customer_ref) == ("mj.munoz@ejemplo.test", "María José", "Muñoz Núñez", "")
    assert order.shipping_address.province == "Alicante", "the shop writes only the letter"
    assert (order.shipping_address.street, order.shipping_address.province_code, order.shipping_address.country) == (
        "C/ Peñón de Ifach, 12, 3.º dcha.", "A", "ES",
    )  # fmt: skip
    assert order.number == "56"
    assert (order.shipping_method, order.payment_method) == ("Correos Exprés 24/48 h", "Transferencia bancaria directa")


def test_a_number_of_a_plugins_own_is_the_orders_number() -> None:
    assert snapshot(updated(woo_order(number="LOLA-2026-0042"))).number == "LOLA-2026-0042"
    assert snapshot(updated(woo_order(number=""))).number == "38"


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"wpml_language": "ca"}, "ca"),
        ({"trp_language": "pt_PT"}, "pt-PT"),
        ({"lang": "eu"}, "eu"),
        ({"_user_locale": "de_DE_formal"}, "de-DE"),
        ({"wpml_language": ["es"]}, ""),
        ({"wpml_language": "", "_locale": "fr_FR"}, "fr-FR"),
        ({}, ""),
    ],
)
def test_the_language_is_what_a_translation_plugin_wrote_down(meta: dict[str, Any], expected: str) -> None:
    assert snapshot(updated(woo_order(meta=meta))).locale == expected


def test_polylangs_language_stands_beside_the_metadata() -> None:
    assert snapshot(updated(woo_order(lang="gl"))).locale == "gl"


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("yes", True), ("0", None), ("", None), ([], None)])
def test_a_ticked_box_is_consent_and_an_empty_one_is_nothing(value: Any, expected: bool | None) -> None:
    assert snapshot(updated(woo_order(meta={"mailchimp_woocommerce_is_subscribed": value}))).accepts_marketing is expected


def test_a_customer_is_seen_with_name_and_address() -> None:
    seen = only(read("woocommerce", "customer.updated", woo_delivery(81).body), e.CustomerSeen)
    assert seen.customer_ref == "8"
    assert "@" in seen.email
    assert seen.accepts_marketing is None
    assert seen.at.year == 2026


def test_absurd_texts_are_cut_before_they_reach_a_column() -> None:
    order = woo_order(20)
    order["billing"] |= {"first_name": "A\x00" * 5000, "address_1": "Calle " * 2000, "email": "a@b.example\r\nBcc: otto@x.example"}
    order["shipping"] |= {"city": "S" * 5000, "country": "Spain"}
    order["line_items"][0]["name"] = "<script>" * 2000
    order["customer_note"] = "ñ" * 90_000
    seen = snapshot(updated(order))
    assert seen.first_name == "A" * 300
    assert len(seen.billing_address.street) <= 300
    assert len(seen.shipping_address.city) <= 300
    assert seen.shipping_address.country == ""
    assert len(seen.lines[0].title) == 1000
    assert len(seen.note) == 5000
    assert "\n" not in seen.email
    assert "\r" not in seen.email


def test_a_total_that_is_no_amount_is_never_shown_to_anybody() -> None:
    with pytest.raises(Unreadable, match="total"):
        updated(woo_order(total="a lot"))


def test_a_status_from_before_the_epoch_of_shops_does_not_break_the_order() -> None:
    order = woo_order(date_modified_gmt="0000-00-00T00:00:00", date_modified="-0001-11-30T00:00:00")
    assert only(updated(order), OrderSeen).at == NOON
    unpaid = woo_order(date_created_gmt="2026-11-01T00:00:00", date_paid_gmt=None, date_paid=None, status="on-hold")
    assert timedelta(0) < NOON - only(updated(unpaid), e.OrderPlaced).at
