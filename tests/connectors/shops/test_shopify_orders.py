"""What Shopify's deliveries prove, topic by topic."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Unreadable
from connectors.reading import Part
from connectors.shops.base import Refetch
from connectors.shops.shopify import translate
from connectors.shops.shopify.orders import EXCHANGE
from connectors.shops.shopify.parcels import SCANS, STATUSES
from postventa import events as e
from postventa.events import OrderSeen, OrderSnapshot, ParcelSnapshot
from tests.connectors.shops.recorded import CONTEXT, NOON, changed, every, kinds, only, read, shopify

ORDER, BOOT, CREAM = "5123456789012", "14012345678901", "14012345678902"
FIRST, SECOND = "4812345678901", "4812345678902"
ORDER_TOPICS = ("orders/create", "orders/paid", "orders/updated", "orders/partially_fulfilled", "orders/fulfilled", "orders/cancelled")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def order(**changes: Any) -> dict[str, Any]:
    return changed(shopify("orders_create__two_items"), **changes)


def snapshot(body: dict[str, Any]) -> OrderSnapshot:
    return only(read("shopify", "orders/updated", body), OrderSeen).order


@pytest.mark.parametrize("topic", ORDER_TOPICS)
def test_an_order_says_the_same_under_every_topic(topic: str) -> None:
    assert read("shopify", topic, order()) == read("shopify", "orders/create", order())


def test_a_new_order_is_placed_and_paid() -> None:
    reading = read("shopify", "orders/create", order())
    assert kinds(reading) == ["OrderPlaced", "OrderPaid"]
    assert only(reading, e.OrderPlaced) == e.OrderPlaced(ORDER, at("2026-11-16T20:41:09+01:00"))
    assert only(reading, e.OrderPaid).at == at("2026-11-16T20:41:11+01:00")


def test_an_order_that_we_made_for_an_exchange_was_placed_by_no_customer() -> None:
    assert kinds(read("shopify", "orders/create", order(tags="PV-7K3M9Q2XA4, postventa-exchange, vip"))) == ["OrderPaid"]
    assert kinds(read("shopify", "orders/create", order(tags="no-postventa-exchange"))) == ["OrderPlaced", "OrderPaid"]
    assert translate.order(Part({"tags": ["vip", EXCHANGE]}))["tags"] == f"vip, {EXCHANGE}", "asked for, it says the same"


def test_a_new_order_is_described_whole() -> None:
    seen = snapshot(order())
    assert (seen.ref, seen.number, seen.status, seen.currency, seen.total) == (ORDER, "#1042", "paid/unfulfilled", "EUR", Decimal("111.95"))
    assert (seen.email, seen.first_name, seen.last_name, seen.customer_ref) == ("ana@correo.example", "Ana", "García Ruiz", "7012345678901")
    assert (seen.locale, seen.test, seen.accepts_marketing) == ("es-ES", False, None)
    assert (seen.subtotal, seen.discount_total, seen.shipping_total) == (Decimal("108.90"), Decimal("1.90"), Decimal("4.95"))
    assert seen.subtotal - seen.discount_total + seen.shipping_total == seen.total
    assert (seen.shipping_address.name, seen.shipping_address.postcode, seen.shipping_address.country) == ("Ana García Ruiz", "41004", "ES")
    assert seen.status_url.startswith("https://zapateria-lola.example/")
    boot, cream = seen.lines
    assert (boot.title, boot.variant_title, boot.total, boot.weight_g) == ("Botín Sevilla", "38 / Negro", Decimal("89.90"), 950)
    assert (cream.title, cream.variant_title, cream.quantity, cream.total) == ("Crema para cuero 50 ml", "", 2, Decimal("17.10"))


def test_tax_is_added_where_prices_come_without_it() -> None:
    seen = snapshot(order(taxes_included=False))
    assert [line.total for line in seen.lines] == [Decimal("89.90") + Decimal("15.60"), Decimal("17.10") + Decimal("2.97")]
    assert seen.shipping_total == Decimal("4.95") + Decimal("0.86")


def test_a_customer_abroad_reads_the_sums_that_they_saw() -> None:
    body = order(presentment_currency="GBP")
    for part in [body, *body["line_items"], *(d for line in body["line_items"] for d in line["discount_allocations"])]:
        for key in [key for key in part if key.endswith("_set")]:
            money = part[key]["presentment_money"]
            part[key]["presentment_money"] = {"amount": str(Decimal(money["amount"]) / 2), "currency_code": "GBP"}
    seen = snapshot(body)
    assert (seen.currency, seen.total) == ("GBP", Decimal("55.975"))
    assert [line.total for line in seen.lines] == [Decimal("44.95"), Decimal("8.55")]


def test_an_old_payload_without_both_currencies_is_read_in_the_shops() -> None:
    body = {key: value for key, value in order().items() if not key.endswith("_set")}
    body["line_items"] = [{key: value for key, value in line.items() if not key.endswith("_set")} for line in body["line_items"]]
    assert (snapshot(body).currency, snapshot(body).total, snapshot(body).lines[0].total) == ("EUR", Decimal("111.95"), Decimal("89.90"))


def test_a_test_order_is_shown_and_nothing_comes_of_it() -> None:
    body = changed(shopify("orders_fulfilled__two_fulfilments"), test=True)
    reading = read("shopify", "orders/fulfilled", body)
    assert kinds(reading) == []
    assert only(reading, OrderSeen).order.test


@pytest.mark.parametrize("word", ["paid", "partially_refunded", "refunded"])
def test_money_that_came_in_is_paid(word: str) -> None:
    assert "OrderPaid" in kinds(read("shopify", "orders/updated", order(financial_status=word)))


@pytest.mark.parametrize("word", ["pending", "authorized", "partially_paid", "voided", "expired", "a new word", "", None])
def test_money_that_did_not_is_not(word: str | None) -> None:
    assert "OrderPaid" not in kinds(read("shopify", "orders/updated", order(financial_status=word)))


def test_a_cancelled_order_says_when_and_why() -> None:
    reading = read("shopify", "orders/cancelled", shopify("orders_cancelled__before_it_left"))
    assert kinds(reading) == ["OrderPlaced", "OrderCancelled"]
    assert only(reading, e.OrderCancelled) == e.OrderCancelled("5123456789013", at("2026-11-16T22:10:00+01:00"), "customer")


def test_protected_data_may_be_missing() -> None:
    body = order(email=None, contact_email=None, customer=None, shipping_address=None, billing_address=None, customer_locale=None, phone=None)
    seen = snapshot(body)
    assert (seen.email, seen.first_name, seen.locale, bool(seen.shipping_address)) == ("", "", "", False)
    assert snapshot(order(email=None)).email == "ana@correo.example"
    assert snapshot(order(email="", contact_email=None)).email == "ana@correo.example", "the customer's"


def test_consent_at_the_checkout_is_only_ever_a_yes() -> None:
    assert snapshot(order(buyer_accepts_marketing=True)).accepts_marketing is True
    assert snapshot(order(buyer_accepts_marketing=False)).accepts_marketing is None


def test_an_edit_asks_for_the_order_as_it_is_now() -> None:
    body = {"order_edit": {"id": 1, "order_id": int(ORDER), "line_items": {"additions": [], "removals": []}}}
    assert read("shopify", "orders/edited", body).refetch == (Refetch("order", ORDER, ORDER),)
    with pytest.raises(Unreadable):
        read("shopify", "orders/edited", {"order_edit": {}})


def test_a_deleted_order_is_thrown_away() -> None:
    assert read("shopify", "orders/delete", {"id": 7}).events == (e.OrderTrashed("7", NOON),)


def test_a_fulfilment_is_a_parcel_with_its_items() -> None:
    reading = read("shopify", "fulfillments/create", shopify("fulfillments_create__first_of_two"))
    assert only(reading, e.ParcelSeen).parcel == ParcelSnapshot(
        FIRST, "Correos Express", "3230001234567890", "https://s.correosexpress.com/c?n=3230001234567890", ((BOOT, 1),)
    )
    assert only(reading, e.ShipmentDispatched) == e.ShipmentDispatched(ORDER, at("2026-11-17T10:05:00+01:00"), FIRST)


def test_a_missing_link_is_made_from_the_carrier() -> None:
    parcel = only(read("shopify", "fulfillments/create", shopify("fulfillments_create__second_of_two")), e.ParcelSeen).parcel
    assert (parcel.carrier, parcel.tracking_url) == ("SEUR", "https://www.seur.com/livetracking/?segOnlineIdentificador=SEUR00998877")
    assert parcel.lines == ((CREAM, 2),)


def test_a_parcel_is_the_same_by_itself_and_inside_of_its_order() -> None:
    alone = read("shopify", "fulfillments/create", shopify("fulfillments_create__first_of_two")).events
    inside = read("shopify", "orders/partially_fulfilled", shopify("orders_partially_fulfilled__first_of_two")).events
    assert set(alone) <= set(inside)


def test_two_fulfilments_are_two_parcels() -> None:
    reading = read("shopify", "orders/fulfilled", shopify("orders_fulfilled__two_fulfilments"))
    assert [(event.parcel_ref, event.at) for event in every(reading, e.ShipmentDispatched)] == [
        (FIRST, at("2026-11-17T10:05:00+01:00")), (SECOND, at("2026-11-18T12:30:00+01:00")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "tracked", "left", "cancelled"),
    [
        ("success", True, True, False),
        ("success", False, True, False),
        ("open", True, True, False),
        ("open", False, False, False),
        ("pending", True, False, False),
        ("cancelled", True, False, True),
        ("error", True, False, True),
        ("failure", True, False, True),
        ("a new word", True, False, False),
        (None, True, False, False),
    ],
)
def test_each_status_of_a_fulfilment(status: str | None, tracked: bool, left: bool, cancelled: bool) -> None:
    body = changed(shopify("fulfillments_create__first_of_two"), status=status)
    if not tracked:
        body |= {"tracking_number": None, "tracking_numbers": [], "tracking_url": None, "tracking_urls": []}
    reading = read("shopify", "fulfillments/update", body)
    assert bool(every(reading, e.ShipmentDispatched)) is left
    assert only(reading, e.ParcelSeen).parcel.cancelled is cancelled


def test_every_status_word_is_in_a_table() -> None:
    assert set(STATUSES) >= {"pending", "open", "success", "cancelled", "error", "failure"}
    documented = {"label_printed", "label_purchased", "attempted_delivery", "ready_for_pickup", "confirmed", "in_transit", "out_for_delivery",
                  "delivered", "failure", "delayed", "carrier_picked_up"}  # fmt: skip
    assert set(SCANS) >= documented


@pytest.mark.parametrize("word", sorted(SCANS))
def test_every_scan_means_the_same_in_both_places(word: str) -> None:
    kind = SCANS[word]
    expected = kind.__name__ if kind else ""
    scan = read("shopify", "fulfillment_events/create", changed(shopify("fulfillment_events_create__delivered"), status=word))
    body = changed(shopify("fulfillments_update__delivered"), shipment_status=word)
    inside = [kind for kind in kinds(read("shopify", "fulfillments/update", body)) if kind != "ShipmentDispatched"]
    assert [event.kind for event in scan.events] == ([expected] if expected else [])
    assert inside == ([expected] if expected not in ("", "ShipmentDispatched") else [])
    assert bool(scan.ignored) is not bool(expected)


def test_a_scan_carries_its_own_time() -> None:
    reading = read("shopify", "fulfillment_events/create", shopify("fulfillment_events_create__out_for_delivery"))
    assert reading.events == (e.ShipmentOutForDelivery(ORDER, at("2026-11-18T08:20:00+01:00"), FIRST),)


@pytest.mark.parametrize("word", ["out_for_delivery", "label_purchased"])
def test_a_scan_carries_the_day_on_which_it_should_be_there(word: str) -> None:
    body = changed(shopify("fulfillment_events_create__out_for_delivery"), status=word, estimated_delivery_at="2026-11-19T20:00:00+01:00")
    told = only(read("shopify", "fulfillment_events/create", body), e.DeliveryEstimated)
    assert (told.at, told.parcel_ref, told.by) == (at("2026-11-18T08:20:00+01:00"), FIRST, at("2026-11-19T20:00:00+01:00"))


@pytest.mark.parametrize("day", ["2026-11-16T00:00:00Z", "9999-12-31T00:00:00Z", "mañana", ""])
def test_a_day_that_nobody_can_mean_is_none(day: str) -> None:
    reading = read("shopify", "fulfillment_events/create", changed(shopify("fulfillment_events_create__out_for_delivery"), estimated_delivery_at=day))
    assert kinds(reading) == ["ShipmentOutForDelivery"]


def test_an_unknown_scan_is_left_alone_and_named() -> None:
    reading = read("shopify", "fulfillment_events/create", changed(shopify("fulfillment_events_create__delivered"), status="teleported"))
    assert reading.events == ()
    assert "teleported" in reading.ignored


def test_a_delivered_fulfilment_says_when() -> None:
    reading = read("shopify", "fulfillments/update", shopify("fulfillments_update__delivered"))
    assert only(reading, e.ShipmentDelivered).at == at("2026-11-18T11:02:05+01:00")


def test_a_gift_card_is_no_parcel() -> None:
    body = shopify("fulfillments_create__first_of_two")
    body["line_items"][0]["requires_shipping"] = False
    reading = read("shopify", "fulfillments/create", body)
    assert reading.events == ()
    assert reading.ignored


def test_an_order_of_gift_cards_is_completed_without_a_parcel() -> None:
    body = shopify("orders_fulfilled__two_fulfilments")
    for line in [*body["line_items"], *(line for item in body["fulfillments"] for line in item["line_items"])]:
        line["requires_shipping"] = False
    assert kinds(read("shopify", "orders/fulfilled", body)) == ["OrderPlaced", "OrderPaid", "OrderCompleted"]


def test_an_item_that_does_not_travel_is_not_in_the_parcel() -> None:
    body = shopify("fulfillments_create__first_of_two")
    body["line_items"].append({"id": 99, "quantity": 1, "requires_shipping": False})
    assert only(read("shopify", "fulfillments/create", body), e.ParcelSeen).parcel.lines == ((BOOT, 1),)


def test_a_refund_is_the_same_by_itself_and_inside_of_its_order() -> None:
    alone = only(read("shopify", "refunds/create", shopify("refunds_create__one_of_two_jars")), e.OrderRefunded)
    inside = only(read("shopify", "orders/updated", shopify("orders_updated__refunded_in_part")), e.OrderRefunded)
    assert alone == inside
    assert alone == e.OrderRefunded(
        ORDER, at("2026-11-21T09:30:00+01:00"), "912345678901", Decimal("8.55"), "EUR", False, ((CREAM, 1),), "Un bote llegó abierto"
    )


def test_restocking_moves_no_money() -> None:
    reading = read("shopify", "refunds/create", shopify("refunds_create__restock_only"))
    assert reading.events == ()
    assert "No money" in reading.ignored.capitalize()


def transactions(*moves: tuple[str, str, str]) -> dict[str, Any]:
    listed = [{"kind": kind, "status": status, "amount": amount, "currency": "EUR"} for kind, status, amount in moves]
    return changed(shopify("refunds_create__one_of_two_jars"), transactions=listed)


@pytest.mark.parametrize(
    ("moves", "amount"),
    [
        ([("refund", "success", "8.55")], "8.55"),
        ([("refund", "pending", "8.55")], "8.55"),
        ([("refund", "success", "5.00"), ("refund", "success", "3.55")], "8.55"),
        ([("refund", "success", "5.00"), ("refund", "failure", "3.55")], "5.00"),
        ([("refund", "failure", "8.55")], None),
        ([("void", "success", "8.55")], None),
        ([("sale", "success", "8.55"), ("refund", "success", "1.00")], "1.00"),
    ],
)
def test_only_money_that_moves_back_counts(moves: list[tuple[str, str, str]], amount: str | None) -> None:
    found = every(read("shopify", "refunds/create", transactions(*moves)), e.OrderRefunded)
    assert [str(refund.amount) for refund in found] == ([amount] if amount else [])


def test_a_refund_without_its_transactions_is_reckoned() -> None:
    body = shopify("refunds_create__one_of_two_jars")
    del body["transactions"]
    body["refund_line_items"][0]["total_tax_set"] = {"presentment_money": {"amount": "1.45"}}
    body["refund_shipping_lines"] = [{"subtotal_amount_set": {"presentment_money": {"amount": "4.95"}}}]
    body["order_adjustments"] = [{"kind": "shipping_refund", "amount": "-4.95"}, {"kind": "refund_discrepancy", "amount": "2.00"}]
    assert only(read("shopify", "refunds/create", body), e.OrderRefunded).amount == Decimal("12.95")
    body["refund_shipping_lines"] = []
    assert only(read("shopify", "refunds/create", body), e.OrderRefunded).amount == Decimal("12.95"), "older payloads"


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        ("returns/request", e.ReturnRequested),
        ("returns/approve", e.ReturnApproved),
        ("returns/cancel", e.ReturnCancelled),
        ("returns/close", e.ReturnClosed),
        ("returns/reopen", e.ReturnReopened),
        ("returns/process", e.ReturnReceived),
    ],
)
def test_each_step_of_a_return_with_its_lines(topic: str, kind: type[e.ReturnEvent]) -> None:
    reading = read("shopify", topic, shopify("returns_request__one_line"))
    assert reading.events == (kind(ORDER, NOON, "3312345678901", ((BOOT, 1),), "Me quedan pequeños"),)
    assert reading.refetch == ()


def test_a_return_without_lines_is_told_and_asked_for() -> None:
    body = {"id": 3312345678901, "order_id": int(ORDER), "status": "closed"}
    reading = read("shopify", "returns/close", body)
    assert reading.events == (e.ReturnClosed(ORDER, NOON, "3312345678901"),)
    assert reading.refetch == (Refetch("return", "gid://shopify/Return/3312345678901", ORDER),)


def test_lines_of_a_fulfilment_without_the_orders_are_asked_for() -> None:
    body = shopify("returns_request__one_line")
    del body["return_line_items"][0]["fulfillment_line_item"]["line_item"]
    reading = read("shopify", "returns/request", body)
    assert only(reading, e.ReturnRequested).lines == ()
    assert reading.refetch


def test_a_declined_return_holds_the_words_for_the_customer() -> None:
    reading = read("shopify", "returns/decline", shopify("samples/returns_decline__docs_2026_07"))
    assert only(reading, e.ReturnDeclined).reason == "As discussed on the phone, the 30-day return window has ended."


def test_a_changed_return_is_asked_for() -> None:
    reading = read("shopify", "returns/update", shopify("samples/returns_update__docs_2026_07"))
    assert reading.refetch == (Refetch("return", "gid://shopify/Return/123134564567890", ""),)


def test_a_label_attached_in_shopify_makes_us_look() -> None:
    reading = read("shopify", "reverse_deliveries/attach_deliverable", shopify("samples/reverse_deliveries_attach_deliverable__docs_2026_07"))
    assert [item.what for item in reading.refetch] == ["return"]
    assert read("shopify", "reverse_deliveries/attach_deliverable", {"id": 1}).ignored


def test_a_processed_return_that_is_not_named_is_left_alone() -> None:
    assert read("shopify", "returns/process", {}).ignored


@pytest.mark.parametrize(("status", "over"), [("needs_response", False), ("under_review", False), ("won", True), ("lost", True), ("accepted", True),
                                              ("charge_refunded", True), ("prevented", True), ("a new word", False)])  # fmt: skip
def test_a_dispute_is_open_until_it_is_decided(status: str, over: bool) -> None:
    reading = read("shopify", "disputes/update", changed(shopify("disputes_update__won"), status=status))
    assert [event.kind for event in reading.events] == ["DisputeOpened", *(["DisputeClosed"] if over else [])]
    assert reading.events[0].at == at("2026-11-25T10:00:00+01:00")


def test_a_dispute_without_an_order_is_left_alone() -> None:
    assert read("shopify", "disputes/create", changed(shopify("disputes_update__won"), order_id=None)).ignored


@pytest.mark.parametrize(
    ("state", "expected"),
    [("subscribed", True), ("unsubscribed", False), ("redacted", False), ("not_subscribed", None), ("pending", None), ("invalid", None)],
)
def test_consent_is_yes_no_or_unsaid(state: str, expected: bool | None) -> None:
    body = shopify("customers_email_marketing_consent_update__unsubscribed")
    body["email_marketing_consent"]["state"] = state
    seen = only(read("shopify", "customers_email_marketing_consent/update", body), e.CustomerSeen)
    assert (seen.accepts_marketing, seen.customer_ref, seen.email, seen.at) == (
        expected,
        "7012345678901",
        "ana@correo.example",
        at("2026-11-22T10:00:00+01:00"),
    )


def test_an_unknown_consent_changes_nothing() -> None:
    body = shopify("customers_email_marketing_consent_update__unsubscribed")
    body["email_marketing_consent"]["state"] = "perhaps"
    assert "perhaps" in read("shopify", "customers_email_marketing_consent/update", body).ignored


@pytest.mark.parametrize("topic", ["customers_marketing_consent/update", "customers_whats_app_marketing_consent/update"])
def test_consent_to_text_messages_is_not_consent_to_mail(topic: str) -> None:
    assert read("shopify", topic, {"id": 1, "sms_marketing_consent": {"state": "subscribed"}}).ignored


def test_an_uninstalled_app_is_dated_by_the_arrival() -> None:
    body = shopify("samples/app_uninstalled__docs_2026_07")
    event = only(read("shopify", "app/uninstalled", body, replace(CONTEXT, domain="zapateria-lola.myshopify.com")), e.ShopDisconnected)
    assert (event.at, event.subject) == (NOON, "zapateria-lola.myshopify.com")


@pytest.mark.parametrize(
    ("name", "subject"),
    [("customers_redact", "191167"), ("customers_data_request", "191167"), ("shop_redact", "{shop}.myshopify.com")],
)
def test_the_law_asks(name: str, subject: str) -> None:
    topic = name.replace("_redact", "/redact").replace("_data_request", "/data_request")
    event = only(read("shopify", topic, shopify(f"samples/{name}__compliance_page")), e.PrivacyRequested)
    assert (event.subject, event.detail, event.at) == (subject, topic, NOON)


def test_without_a_time_in_the_body_nor_an_arrival_there_is_no_fact() -> None:
    with pytest.raises(Unreadable, match="no time"):
        read("shopify", "returns/close", {"id": 1, "order_id": 2}, replace(CONTEXT, received_at=None))
