"""Writing into a Shopify shop that checks every operation against the schema, keeps what was written and refuses what a real one does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import ConnectorError, InDoubt, Lacking, SlowDown, Unsupported
from connectors.http import Door
from connectors.shops.shopify.client import ShopifyClient
from connectors.shops.writes import Coupon, DecideReturn, Note, OpenReturn, ProductReview, Refund, ReturnLabel, Scan, ShopWrites
from tests.cast import MARA_ON_SHOPIFY
from tests.peers.shop import BROKEN, CUT, LOGIN_PAGE, SLOW_DOWN, Fault, Reply
from tests.peers.shopify import ShopifyPeer, not_approved, order_document
from tests.peers.shopify_books import ShopifyBooks
from tests.pipeline.stories import ShopifyOrder

pytest.importorskip("graphql", reason="graphql-core is not installed")

ORDER, REF, OTHER_REF = "gid://shopify/Order/5001", "PV-0000000001", "PV-0000000002"
PARCEL = "gid://shopify/Fulfillment/71"


def document(currency: str = "EUR") -> dict[str, Any]:
    body = ShopifyOrder().body
    body["presentment_currency"] = currency
    made = order_document({**body, "updated_at": "2026-11-03T11:00:00Z"})
    made["note"], made["tags"] = "Deja el paquete en la portería", ["vip"]
    return made


@pytest.fixture
def shop() -> Iterator[ShopifyPeer]:
    peer = ShopifyPeer(tokens={"shpat_mara"})
    peer.orders[ORDER] = document()
    with peer.open():
        yield peer


@pytest.fixture
def books(shop: ShopifyPeer) -> ShopifyBooks:
    return shop.books


def connected(shop: ShopifyPeer) -> ShopWrites:
    return ShopifyClient(MARA_ON_SHOPIFY.model_copy(update={"url": shop.url}), ["127.0.0.1"], Door(["127.0.0.1"], tries=1)).writes()


@pytest.fixture
def writes(shop: ShopifyPeer) -> ShopWrites:
    return connected(shop)


def price(shop: ShopifyPeer) -> Decimal:
    return Decimal(shop.orders[ORDER]["lineItems"]["nodes"][0]["originalUnitPriceSet"]["presentmentMoney"]["amount"])


@pytest.fixture
def shoe(shop: ShopifyPeer) -> Refund:
    """One pair."""
    return Refund("5001", price(shop), "EUR", lines=(("11", 1),), reason="No le queda bien")


def test_a_pair_is_refunded_and_found_again_by_our_reference(writes: ShopWrites, books: ShopifyBooks, shoe: Refund) -> None:
    assert writes.find(shoe, REF) is None
    done = writes.do(replace(shoe, restock=True), REF)
    (sent,) = books.inputs
    (line,), (paid,) = sent["refundLineItems"], sent["transactions"]
    assert (line["restockType"], line["locationId"], line["quantity"]) == ("RETURN", books.place, 1)
    assert (Decimal(paid["amount"]), paid["kind"], paid["parentId"]) == (shoe.amount, "REFUND", "gid://shopify/OrderTransaction/1")
    assert (sent["currency"], sent["note"], sent["notify"]) == ("EUR", f"No le queda bien ({REF})", False)
    found = writes.find(shoe, REF)
    assert found is not None
    assert found.ref == done.ref
    assert writes.find(shoe, OTHER_REF) is None


def test_the_same_request_is_known_by_its_key_even_without_looking(writes: ShopWrites, books: ShopifyBooks, shoe: Refund, shop: ShopifyPeer) -> None:
    shop.faults.append(Fault("POST", CUT, "refundCreate", after=True))
    with pytest.raises(InDoubt):
        writes.do(shoe, REF)
    assert len(books.inputs) == 1
    books.orders[ORDER]["refunds"], kept = [], books.orders[ORDER]["refunds"]  # Shopify's lists lag behind for a moment
    writes.do(shoe, REF)
    assert (len(books.inputs), len(kept)) == (1, 1)


def test_goods_without_a_place_stay_out_of_stock_and_somebody_is_told(writes: ShopWrites, books: ShopifyBooks, shoe: Refund) -> None:
    books.place = ""
    assert "read_locations" in writes.do(replace(shoe, restock=True), REF).left
    assert books.inputs[0]["refundLineItems"][0]["restockType"] == "NO_RESTOCK"


def test_a_fee_shipping_a_courtesy_and_several_payments(writes: ShopWrites, books: ShopifyBooks, shoe: Refund) -> None:
    books.payments[ORDER] = [("gift_card", "3.00"), ("shopify_payments", "47.00")]
    writes.do(replace(shoe, amount=shoe.amount - Decimal("2.50"), withheld=Decimal("2.50")), "PV-1")
    writes.do(Refund("5001", Decimal("1.25"), "EUR", shipping=Decimal("1.25")), "PV-2")
    writes.do(Refund("5001", Decimal("4.00"), "EUR", reason="Cortesía"), "PV-3")
    fee, shipping, courtesy = books.inputs
    assert [(t["gateway"], Decimal(t["amount"])) for t in fee["transactions"]] == [
        ("gift_card", Decimal("3.00")),
        ("shopify_payments", shoe.amount - Decimal("5.50")),
    ]
    assert (fee["discrepancyReason"], shipping["shipping"], courtesy["discrepancyReason"]) == ("RESTOCK", {"amount": "1.25"}, "CUSTOMER")
    assert [t["gateway"] for t in courtesy["transactions"]] == ["gift_card", "shopify_payments"]


def test_the_customers_currency_is_the_one_that_counts(shop: ShopifyPeer, writes: ShopWrites, shoe: Refund) -> None:
    shop.orders[ORDER]["presentmentCurrencyCode"] = "GBP"
    with pytest.raises(ConnectorError, match="was paid in GBP, and EUR should be refunded"):
        writes.do(shoe, REF)
    writes.do(replace(shoe, currency="GBP"), REF)
    assert shop.books.inputs[0]["currency"] == "GBP"


def test_store_credit_goes_by_the_refund_itself(writes: ShopWrites, books: ShopifyBooks, shoe: Refund) -> None:
    writes.do(replace(shoe, as_credit=True), REF)
    (sent,) = books.inputs
    assert sent["transactions"] == []
    assert Decimal(sent["refundMethods"][0]["storeCreditRefund"]["amount"]["amount"]) == shoe.amount


def test_what_was_not_promised_so_is_refused_with_a_sentence(writes: ShopWrites, books: ShopifyBooks, shoe: Refund) -> None:
    for wanted, said in (
        (replace(shoe, amount=shoe.amount - Decimal("0.01")), "nothing was refunded"),
        (Refund("5001", Decimal("50.01"), "EUR"), "50.00 are left"),
        (replace(shoe, lines=(("11", 2),), amount=2 * shoe.amount), "cannot refund more items"),
        (replace(shoe, order_ref="404"), "knows no order 404"),
    ):
        with pytest.raises(ConnectorError, match=said) as caught:
            writes.do(wanted, REF)
        assert caught.value.permanent
    assert books.inputs == []


NOTHING = Reply(200, {"data": {"refundCreate": {"refund": None, "userErrors": []}}})
DENIED = Reply(200, {"errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "write_orders"}}]})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (CUT, InDoubt), (BROKEN, InDoubt), (LOGIN_PAGE, InDoubt), (NOTHING, InDoubt),
        (Reply(200, {"errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}), InDoubt),
        (SLOW_DOWN, SlowDown), (Reply(302, html="", headers=(("Location", "http://169.254.169.254/"),)), ConnectorError),
        (DENIED, Lacking),
    ],
    ids=["cut", "503", "login page", "nothing", "internal", "429", "redirect", "no scope"],
)  # fmt: skip
def test_an_answer_says_whether_it_may_have_been_done(
    writes: ShopWrites, shop: ShopifyPeer, shoe: Refund, reply: Reply, kind: type[ConnectorError]
) -> None:
    shop.faults.append(Fault("POST", reply, "refundCreate"))
    with pytest.raises(kind) as caught:
        writes.do(shoe, REF)
    assert isinstance(caught.value, InDoubt) is (kind is InDoubt)
    assert shop.books.inputs == []


def test_a_full_bucket_says_how_long_to_wait(writes: ShopWrites, shop: ShopifyPeer, shoe: Refund) -> None:
    shop.points = 100
    with pytest.raises(SlowDown) as caught:
        writes.do(shoe, REF)
    assert caught.value.retry_after == pytest.approx(1.5)


def test_refunds_that_are_kept_from_us_are_not_taken_for_none(writes: ShopWrites, shop: ShopifyPeer, shoe: Refund) -> None:
    shop.hidden["order.refunds"] = not_approved("order.refunds")
    with pytest.raises(Lacking):
        writes.find(shoe, REF)


def test_a_note_goes_below_the_customers_own_and_only_once(writes: ShopWrites, shop: ShopifyPeer) -> None:
    note = Note("5001", "Postventa envió: «Va de camino»", ("postventa-shipped",))
    writes.do(note, REF)
    before = copy.deepcopy(shop.orders[ORDER])
    writes.do(note, REF)
    assert shop.orders[ORDER] == before
    assert before["note"] == "Deja el paquete en la portería\n\nPostventa envió: «Va de camino»"
    assert before["tags"] == ["postventa-shipped", "vip"]


def test_a_note_that_is_full_or_kept_from_us_is_never_written_over(writes: ShopWrites, shop: ShopifyPeer) -> None:
    shop.orders[ORDER]["note"] = "x" * 4990
    assert "full" in writes.do(Note("5001", "y" * 20, ("a",)), REF).left
    shop.hidden["order.note"] = not_approved("order.note")
    with pytest.raises(Lacking):
        writes.do(Note("5001", "Hola"), REF)
    assert shop.orders[ORDER]["note"] == "x" * 4990


COUPON = Coupon(
    "GRACIAS-7K3M", "Gracias", datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 31, tzinfo=UTC), percent=Decimal(10), customer_ref="777"
)


def test_a_code_is_for_one_customer_and_one_order_and_made_once(writes: ShopWrites, books: ShopifyBooks) -> None:
    assert writes.find(COUPON, REF) is None
    done = writes.do(COUPON, REF)
    assert writes.do(COUPON, REF).ref == done.ref
    (made,) = [node["codeDiscount"] for node in books.discounts.values()]
    assert (made["usageLimit"], made["appliesOncePerCustomer"], made["customerGets"]["value"]) == (1, True, {"percentage": 0.1})
    assert made["context"] == {"customers": {"add": ["gid://shopify/Customer/777"]}}
    writes.do(replace(COUPON, code="CINCO", percent=Decimal(0), amount=Decimal("5.00"), customer_ref=""), OTHER_REF)
    assert books.discounts["cinco"]["codeDiscount"]["context"] == {"all": "ALL"}


def test_somebody_elses_code_is_not_given_away(writes: ShopWrites) -> None:
    writes.do(COUPON, OTHER_REF)
    with pytest.raises(ConnectorError, match="another discount"):
        writes.do(COUPON, REF)


RETURN = OpenReturn("5001", "R-7F3K-2M9Q", (("11", 2),), "Talla", asked=True)


def test_a_return_goes_its_way_in_the_shop_and_each_step_is_taken_once(writes: ShopWrites, books: ShopifyBooks) -> None:
    books.returnable[ORDER] = {
        "gid://shopify/FulfillmentLineItem/1": ("gid://shopify/LineItem/11", 1),
        "gid://shopify/FulfillmentLineItem/2": ("gid://shopify/LineItem/11", 1),
    }
    assert writes.find(RETURN, REF) is None
    ref = writes.do(RETURN, REF).ref
    found = writes.find(RETURN, REF)
    assert found is not None
    assert found.ref == ref
    (kept,) = books.returns.values()
    assert [(line["quantity"], line["customerNote"]) for line in kept["returnLineItems"]["nodes"]] == [(1, "R-7F3K-2M9Q Talla")] * 2
    label = ReturnLabel(ref, "https://posventa.example/label.pdf", "PK1", "https://correos.example/PK1")
    for wanted, status in ((DecideReturn(ref, "approve"), "OPEN"), (label, "OPEN"), (DecideReturn(ref, "close"), "CLOSED")):
        assert writes.find(wanted, REF) is None
        writes.do(wanted, REF)
        assert writes.find(wanted, REF) is not None
        assert kept["status"] == status
    assert "already" in writes.do(DecideReturn(ref, "close"), REF).said
    with pytest.raises(ConnectorError, match="not requested"):
        writes.do(DecideReturn(ref, "decline", "Fuera de plazo"), REF)


def test_more_than_was_sent_cannot_go_back(writes: ShopWrites, books: ShopifyBooks) -> None:
    books.returnable[ORDER] = {"gid://shopify/FulfillmentLineItem/1": ("gid://shopify/LineItem/11", 1)}
    with pytest.raises(ConnectorError, match="1 pieces of line 11 cannot go back"):
        writes.do(RETURN, REF)
    writes.do(replace(RETURN, lines=(("11", 1),), asked=False), REF)
    assert [made["status"] for made in books.returns.values()] == ["OPEN"]


def test_a_scan_is_told_once(writes: ShopWrites, books: ShopifyBooks) -> None:
    books.scans[PARCEL] = []
    scan = Scan("5001", "71", "out_for_delivery", datetime(2026, 11, 4, 8, 30, tzinfo=UTC), "En reparto")
    assert writes.find(scan, REF) is None
    writes.do(scan, REF)
    assert writes.find(scan, REF) is not None
    assert writes.find(replace(scan, status="delivered"), REF) is None
    with pytest.raises(ConnectorError, match="does not exist"):
        writes.do(replace(scan, parcel_ref="72"), REF)


def test_reviews_have_no_place(writes: ShopWrites) -> None:
    with pytest.raises(Unsupported, match="take reviews"):
        writes.do(ProductReview("1", 5, "Bien", "Ana", "ana@correo.example"), REF)
