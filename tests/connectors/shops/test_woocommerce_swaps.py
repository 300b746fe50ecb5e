"""Exchanges and store credit in a WooCommerce shop that reckons totals and taxes line by line, counts its stock and keeps every duplicate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import ConnectorError, InDoubt, Lacking, SlowDown
from connectors.http import Door
from connectors.reading import Part
from connectors.shops.woocommerce import offers
from connectors.shops.woocommerce.client import WooCommerceClient
from connectors.shops.writes import CancelExchange, Credited, Exchange, Exchanged, ShopWrites, StoreCredit
from postventa.events import VariantSnapshot
from tests.cast import ANA, MARA
from tests.connectors.shops.recorded import woo_rest
from tests.connectors.shops.test_woocommerce_writes import OTHER_REF, REF, order
from tests.peers.shop import CUT, SLOW_DOWN, Call, Fault
from tests.peers.woocommerce import WooCommercePeer
from tests.peers.woocommerce_swaps import WooSwaps

ZERO = Decimal(0)
SINCE = datetime(2026, 11, 3, 12, tzinfo=UTC)
EXCHANGE = Exchange("50", (("101", 1),), Decimal("12.50"), "EUR", SINCE)
CREDIT = StoreCredit("50", Decimal("12.50"), "EUR", "VALE7K3M9Q2XA4BC", SINCE, bonus=Decimal("1.25"), email=ANA, title="R-1")
PICTURE = "https://ceramica-alba.example/taza.jpg"
STOCK = {"purchasable": True, "manage_stock": True, "stock_status": "instock", "backorders_allowed": False}


@pytest.fixture
def shop() -> Iterator[WooCommercePeer]:
    peer = WooCommercePeer()
    peer.orders[50] = {**order(), "billing": {"email": ANA, "first_name": "Ana"}, "shipping": {"city": "Sevilla", "country": "ES"}, "customer_id": 0}
    peer.products |= {
        12: {"id": 12, "name": "Taza", "type": "variable", "images": [{"src": PICTURE}], "purchasable": True, "price": "12.50"},
        14: {"id": 14, "name": "Jamón", "type": "simple", "price": "14.90", "tax_class": "iva-reducido", "stock_quantity": 3, **STOCK},
        15: {"id": 15, "name": "Libro", "type": "simple", "price": "3.33", "tax_class": "iva-superreducido", "purchasable": True},
    }  # fmt: skip
    peer.variations[12] = [
        {"id": 101, "name": "Taza azul", "price": "12.50", "sku": "TAZA-A", "stock_quantity": 2, **STOCK,
         "attributes": [{"name": "Color", "option": "Azul"}, {"name": "Tama&ntilde;o", "option": ""}]},
        {"id": 102, "name": "Taza roja", "price": "", "stock_quantity": 0, **STOCK, "stock_status": "outofstock", "purchasable": False,
         "attributes": [{"name": "Color", "option": "Rojo"}]},
    ]  # fmt: skip
    with peer.open():
        yield peer


@pytest.fixture
def swaps(shop: WooCommercePeer) -> WooSwaps:
    return shop.swaps


def client(shop: WooCommercePeer) -> WooCommerceClient:
    return WooCommerceClient(MARA.model_copy(update={"url": shop.url}), ["127.0.0.1"], Door(["127.0.0.1"], tries=1))


@pytest.fixture
def writes(shop: WooCommercePeer) -> ShopWrites:
    return client(shop).writes()


def exchanged(done: Any) -> Exchanged:
    assert isinstance(done, Exchanged)
    return done


def new(shop: WooCommercePeer) -> list[dict[str, Any]]:
    return [made for ref, made in shop.orders.items() if ref != 50]


def test_another_cup_goes_out_for_nothing_to_the_same_address_and_leaves_the_stock(writes: ShopWrites, shop: WooCommercePeer) -> None:
    assert writes.find(EXCHANGE, REF) is None
    done = exchanged(writes.do(EXCHANGE, REF))
    (made,) = new(shop)
    assert (done.number, done.due, done.pay_url, done.used, done.rest) == (made["number"], ZERO, "", Decimal("12.50"), ZERO)
    assert (made["status"], made["total"], made["total_tax"], made["line_items"][0]["subtotal"]) == ("processing", "0.00", "0.00", "10.330579")
    assert (made["billing"]["email"], made["shipping"]["city"], made["shipping_lines"][0]["method_title"]) == (ANA, "Sevilla", "Correos")
    assert (made["line_items"][0]["product_id"], made["line_items"][0]["variation_id"], shop.variations[12][0]["stock_quantity"]) == (12, 101, 1)
    assert exchanged(writes.find(EXCHANGE, REF)).ref == exchanged(writes.do(EXCHANGE, REF)).ref == done.ref
    assert (writes.find(EXCHANGE, OTHER_REF), len(new(shop))) == (None, 1)


def test_dearer_goods_wait_for_the_difference_under_a_link_and_take_nothing_from_the_stock(writes: ShopWrites, shop: WooCommercePeer) -> None:
    wanted = replace(EXCHANGE, outgoing=(("101", 1), ("14", 1)))
    done = exchanged(writes.do(wanted, REF))
    (made,) = new(shop)
    assert (done.due, done.pay_url, made["status"], shop.products[14]["stock_quantity"]) == (Decimal("14.90"), made["payment_url"], "pending", 3)
    shop.swaps.pay(made["id"])
    after = exchanged(writes.find(wanted, REF))
    assert (after.due, after.pay_url, after.used, shop.products[14]["stock_quantity"]) == (ZERO, "", Decimal("12.50"), 2)


def test_what_an_invoice_needs_and_the_language_go_along_and_nothing_else(writes: ShopWrites, shop: WooCommercePeer) -> None:
    kept = {"nif": "00000000T", "_billing_nif": "00000000T", "is_vat_exempt": "no", "wpml_language": "ca"}
    other = {"_fulfillment_status": "fulfilled", "_coupons_hash": "abc", "invitation": "x"}
    shop.orders[50]["meta_data"] = [{"id": place, "key": key, "value": value} for place, (key, value) in enumerate((kept | other).items())]
    writes.do(EXCHANGE, REF)
    metas = {entry["key"]: entry["value"] for entry in new(shop)[0]["meta_data"] if not entry["key"].startswith("_postventa")}
    assert metas == kept


def test_an_order_without_an_address_for_mails_is_exchanged_too(writes: ShopWrites, shop: WooCommercePeer) -> None:
    shop.orders[50]["billing"] = {"first_name": "Ana", "company": "", "email": ""}
    assert exchanged(writes.do(EXCHANGE, REF)).due == ZERO
    assert new(shop)[0]["billing"] == {"first_name": "Ana"}


def test_an_older_shop_says_no_link_and_gets_the_usual_one(writes: ShopWrites, shop: WooCommercePeer) -> None:
    shop.swaps.links = False
    done = exchanged(writes.do(replace(EXCHANGE, outgoing=(("14", 1),)), REF))
    assert done.pay_url == f"{shop.url}/checkout/order-pay/{done.ref}/?pay_for_order=true&key={new(shop)[0]['order_key']}"


def test_cheaper_goods_leave_a_rest_and_even_means_even(writes: ShopWrites) -> None:
    cheaper = exchanged(writes.do(replace(EXCHANGE, outgoing=(("15", 3),)), REF))
    assert (cheaper.due, cheaper.used, cheaper.rest) == (ZERO, Decimal("9.99"), Decimal("2.51"))
    even = exchanged(writes.do(replace(EXCHANGE, outgoing=(("14", 1),), even=True), OTHER_REF))
    assert (even.due, even.used, even.rest, even.pay_url) == (ZERO, Decimal("12.50"), ZERO, "")


@pytest.mark.parametrize("taxed", [True, False])
@pytest.mark.parametrize("credit", ["0.00", "0.01", "7.77", "12.34", "19.99", "25.05"])
def test_the_difference_is_right_to_the_cent_with_three_rates_of_tax(writes: ShopWrites, shop: WooCommercePeer, credit: str, taxed: bool) -> None:
    shop.swaps.taxed = taxed
    wanted = replace(EXCHANGE, outgoing=(("101", 1), ("14", 1), ("15", 3)), credit=Decimal(credit))
    done = exchanged(writes.do(wanted, REF))
    (made,) = new(shop)
    worth = Decimal("37.39") if taxed else Decimal("15.13") + Decimal("16.39") + Decimal("10.39")
    assert (done.due + done.used, done.used, Decimal(made["total"])) == (worth, Decimal(credit), done.due)


@pytest.mark.parametrize(("method", "holds"), [("POST", "line_items"), ("PUT", "_postventa_rest"), ("PUT", "processing")])
@pytest.mark.parametrize("done", [True, False])
def test_a_line_that_breaks_at_any_step_is_a_doubt_and_ends_in_one_order(
    writes: ShopWrites, shop: WooCommercePeer, method: str, holds: str, done: bool
) -> None:
    shop.faults.append(Fault(method, CUT, holds, after=done))
    with pytest.raises(InDoubt):
        writes.do(EXCHANGE, REF)
    if writes.find(EXCHANGE, REF) is None:
        writes.do(EXCHANGE, REF)
    assert [(made["status"], made["total"]) for made in new(shop)] == [("processing", "0.00")]
    assert shop.variations[12][0]["stock_quantity"] == 1


def test_the_new_orders_of_a_customer_with_an_account_are_looked_through_by_her_number(writes: ShopWrites, shop: WooCommercePeer) -> None:
    shop.orders[50]["customer_id"] = 7
    writes.do(EXCHANGE, REF)
    assert writes.find(EXCHANGE, REF) is not None
    (asked, *_) = [call.query for call in shop.calls if call.path.endswith("/orders") and call.method == "GET"]
    assert (asked["customer"], asked["after"], "search" in asked) == ("7", "2026-11-03T11:00:00", False)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (replace(EXCHANGE, outgoing=(("999", 1),)), "ID"),
        (replace(EXCHANGE, outgoing=(("102", 1),)), "cannot be bought"),
        (replace(EXCHANGE, outgoing=(("12", 1),)), "cannot be bought by itself"),
        (replace(EXCHANGE, outgoing=(("101", 3),)), "2 are left, and 3 should go out"),
        (replace(EXCHANGE, currency="GBP"), "was paid in EUR"),
        (replace(EXCHANGE, order_ref="404"), "Invalid ID"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(writes: ShopWrites, shop: WooCommercePeer, wanted: Exchange, said: str) -> None:
    with pytest.raises(ConnectorError, match=said) as caught:
        writes.do(wanted, REF)
    assert caught.value.permanent
    assert new(shop) == []


def test_a_busy_shop_and_a_key_that_only_reads_make_nothing(writes: ShopWrites, shop: WooCommercePeer) -> None:
    shop.faults.append(Fault("POST", SLOW_DOWN))
    with pytest.raises(SlowDown):
        writes.do(EXCHANGE, REF)
    shop.writes = False
    with pytest.raises(Lacking):
        writes.do(EXCHANGE, REF)
    assert new(shop) == []


def test_an_exchange_is_called_off_while_nothing_was_sent(writes: ShopWrites, shop: WooCommercePeer) -> None:
    even = writes.do(EXCHANGE, REF).ref
    paid = writes.do(replace(EXCHANGE, outgoing=(("14", 1),)), OTHER_REF).ref
    shop.swaps.pay(int(paid))
    assert writes.find(CancelExchange(even), REF) is None
    assert writes.do(CancelExchange(even), REF).left == ""
    assert "already" in writes.do(CancelExchange(even), REF).said
    assert "pay 2.40 EUR back by hand" in writes.do(CancelExchange(paid), REF).left
    assert (shop.variations[12][0]["stock_quantity"], shop.products[14]["stock_quantity"]) == (2, 3)


@pytest.mark.parametrize("status", ["completed", "enviado"])
def test_what_is_on_its_way_has_to_come_back_as_a_return(writes: ShopWrites, shop: WooCommercePeer, status: str) -> None:
    ref = writes.do(EXCHANGE, REF).ref
    shop.orders[int(ref)]["status"] = status
    with pytest.raises(ConnectorError, match="come back as a return"):
        writes.do(CancelExchange(ref), REF)
    assert shop.orders[int(ref)]["status"] == status


def test_credit_is_a_coupon_for_one_address_that_is_found_again(writes: ShopWrites, shop: WooCommercePeer) -> None:
    shop.faults.append(Fault("POST", CUT, after=True))
    with pytest.raises(InDoubt):
        writes.do(CREDIT, REF)
    found, again = writes.find(CREDIT, REF), writes.do(CREDIT, REF)
    assert isinstance(found, Credited)
    (coupon,) = shop.books.coupons
    assert (coupon["amount"], coupon["email_restrictions"], coupon["usage_limit"], "date_expires_gmt" in coupon) == ("13.75", [ANA], 1, False)
    assert (found.ref, found.ways, found.code) == (again.ref, ("code",), CREDIT.code)
    assert writes.find(replace(CREDIT, code="OTRO"), REF) is None


def test_what_there_is_to_choose_from_says_price_stock_and_choices(shop: WooCommercePeer) -> None:
    blue, red = client(shop).variants("12")
    assert blue == VariantSnapshot("101", "Azul", "TAZA-A", PICTURE, 0, (("Color", "Azul"),), Decimal("12.50"), "EUR", True, 2, True, "Taza")
    assert (red.price, red.available, red.sellable) == (None, 0, False)
    (book,) = client(shop).variants("15")
    assert (book.ref, book.title, book.available, book.price) == ("15", "", None, Decimal("3.33"))
    shop.orders[50]["prices_include_tax"] = False
    assert [kind.taxed for kind in client(shop).variants("14")] == [False]
    assert client(shop).variants("999") == ()
    assert [found.title for found in client(shop).search_products("  taza ")] == ["Taza"]
    assert client(shop).search_products(" ") == ()
    shop.sees_products = False
    with pytest.raises(Lacking):
        client(shop).variants("12")


def test_a_recorded_product_says_what_can_be_chosen_and_what_only_its_own_page_can_sell() -> None:
    product, kinds = Part(woo_rest("product-get-variable")["body_json"]), map(Part, woo_rest("product-variations")["body_json"])
    found = {kind.ref: kind for kind in offers.variants_seen(product, kinds, True, "EUR")}
    assert found["28"].options == (("Color", "Azul marino"), ("Talla", "L"))
    assert (found["28"].price, found["28"].available, found["28"].sellable) == (Decimal("16.50"), 99, True)
    assert (found["30"].price, found["30"].available, found["30"].sellable) == (Decimal("14.00"), None, False), "of any size"
    assert list(found) == sorted(found, key=int)


def test_the_fake_reckons_as_the_recorded_shop_did() -> None:
    """Lines of recorded order 9, before its coupon: their nets and taxes at three rates."""
    told = Part(woo_rest("order-create-complex")["body_json"]).parts("line_items")
    rates = {"iva-superreducido": "0.04", "iva-reducido": "0.10", "": "0.21"}
    for line in told:
        gross = line.money("subtotal") + line.money("subtotal_tax")
        kind = line.text("tax_class")
        goods = {1: {"id": 1, "price": str(gross), "tax_class": kind}}
        swaps = WooSwaps({}, goods, {})
        made = swaps.create(Call(0, "POST", "", {}, json.dumps({"status": "pending", "line_items": [{"product_id": 1, "quantity": 1}]}).encode()))
        (mine,) = made["line_items"]
        assert (Decimal(mine["total"]).quantize(Decimal("0.01")), Decimal(made["total"])) == (line.money("subtotal"), gross)
        assert swaps.rates[kind][1] == rates[kind]


def test_sums_go_as_texts_and_never_as_floats(writes: ShopWrites, shop: WooCommercePeer) -> None:
    writes.do(replace(EXCHANGE, outgoing=(("14", 1),)), REF)
    (sent,) = [json.loads(call.body) for call in shop.calls if call.method == "PUT"]
    assert sent["line_items"][0]["total"] == "2.181818"
    assert {entry["key"]: entry["value"] for entry in sent["meta_data"]} == {"_postventa_used": "12.50", "_postventa_rest": "0.00"}
