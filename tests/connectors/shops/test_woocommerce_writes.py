"""Writing into a WooCommerce shop that keeps and refuses what a real one does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import AskAPerson, ConnectorError, InDoubt, Lacking, Refused, SlowDown, Unsupported
from connectors.http import Door
from connectors.shops.woocommerce.client import WooCommerceClient
from connectors.shops.writes import Coupon, Note, OpenReturn, ProductReview, Refund, ShopWrites
from tests.cast import ANA, MARA
from tests.peers.shop import BROKEN, CUT, LOGIN_PAGE, REVOKED, SLOW_DOWN, Fault, Reply
from tests.peers.woocommerce import WooCommercePeer
from tests.peers.woocommerce_books import WooBooks

REF, OTHER_REF = "PV-0000000001", "PV-0000000002"


def order() -> dict[str, Any]:
    """Recorded order 50, unrounded: four cups at 21 %, two hams at 10 %, shipping at 21 %; paid with prices that include tax."""
    return {
        "id": 50, "number": "50", "status": "completed", "currency": "EUR", "prices_include_tax": True, "total": "84.70",
        "payment_method": "stripe", "payment_method_title": "Tarjeta", "billing": {"email": ANA}, "refunds": [],
        "date_modified_gmt": "2026-11-22T14:31:07",
        "line_items": [
            {"id": 93, "name": "Taza", "product_id": 12, "quantity": 4, "total": "41.322314", "taxes": [{"id": 3, "total": "8.677686"}]},
            {"id": 94, "name": "Jamón", "product_id": 14, "quantity": 2, "total": "27.090909", "taxes": [{"id": 8, "total": "2.709091"}]},
        ],
        "shipping_lines": [{"id": 95, "method_title": "Correos", "total": "4.049587", "taxes": [{"id": 3, "total": "0.850413"}]}],
    }  # fmt: skip


@pytest.fixture
def shop() -> Iterator[WooCommercePeer]:
    peer = WooCommercePeer()
    peer.orders[50] = order()
    peer.books.products.add(12)
    with peer.open():
        yield peer


@pytest.fixture
def books(shop: WooCommercePeer) -> WooBooks:
    return shop.books


@pytest.fixture
def writes(shop: WooCommercePeer) -> ShopWrites:
    return WooCommerceClient(MARA.model_copy(update={"url": shop.url}), ["127.0.0.1"], Door(["127.0.0.1"], tries=1)).writes()


CUP = Refund("50", Decimal("12.50"), "EUR", lines=(("93", 1),), reason="Taza rota")


def test_a_cup_is_refunded_to_the_cent_with_its_tax_and_paid_by_the_gateway(writes: ShopWrites, books: WooBooks) -> None:
    done = writes.do(replace(CUP, restock=True), REF)
    (made,) = books.refunds[50]
    (line,) = made["line_items"]
    assert (line["total"], line["taxes"][0]["total"], line["quantity"]) == ("-10.33", "-2.17", -1)
    assert (made["amount"], made["refunded_payment"], made["restocked"], made["reason"]) == ("12.50", True, True, "Taza rota")
    assert (books.paid, done.left, "12.5" in done.said) == ([Decimal("12.50")], "", True)


def test_refunds_in_a_row_add_up_to_all_that_was_paid(writes: ShopWrites, books: WooBooks, shop: WooCommercePeer) -> None:
    writes.do(CUP, "PV-1")
    writes.do(replace(CUP, amount=Decimal("37.50"), lines=(("93", 3),)), "PV-2")
    writes.do(Refund("50", Decimal("14.90"), "EUR", lines=(("94", 1),)), "PV-3")
    writes.do(Refund("50", Decimal("19.80"), "EUR", lines=(("94", 1),), shipping=Decimal("4.90")), "PV-4")
    assert (sum(books.paid), shop.orders[50]["status"]) == (Decimal("84.70"), "refunded")
    lines = [line for refund in books.refunds[50] for line in refund["line_items"] + refund["shipping_lines"]]
    assert sum(Decimal(line["total"]) for line in lines) == Decimal("-72.46")
    assert sum(Decimal(tax["total"]) for line in lines for tax in line["taxes"]) == Decimal("-12.24")


def test_part_of_the_shipping_a_fee_that_is_kept_and_a_courtesy(writes: ShopWrites, books: WooBooks) -> None:
    writes.do(Refund("50", Decimal("2.00"), "EUR", shipping=Decimal("2.00")), "PV-1")
    writes.do(replace(CUP, amount=Decimal("9.50"), withheld=Decimal("3.00")), "PV-2")
    writes.do(Refund("50", Decimal("5.00"), "EUR", reason="Cortesía"), "PV-3")
    shipping, cup, courtesy = books.refunds[50]
    (way,) = shipping["shipping_lines"]
    assert (way["total"], way["taxes"][0]["total"]) == ("-1.65", "-0.35")
    assert (cup["amount"], cup["line_items"][0]["total"], courtesy["line_items"]) == ("9.50", "-10.33", [])


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (replace(CUP, amount=Decimal("12.49")), "worth 12.50 EUR there, and 12.49 with us"),
        (replace(CUP, lines=(("93", 5),)), "only 4 are left to refund"),
        (replace(CUP, lines=(("99", 1),)), "has no line 99"),
        (replace(CUP, currency="USD"), "was paid in EUR"),
        (Refund("50", Decimal("84.71"), "EUR"), "84.70 are left"),
        (Refund("50", Decimal("5.00"), "EUR", shipping=Decimal("5.00")), "0.10 more than there is"),
        (replace(CUP, as_credit=True), "keeps no store credit"),
        (replace(CUP, order_ref="50/../51"), "is no number"),
        (replace(CUP, order_ref="404"), "ID"),
    ],
)
def test_what_was_not_promised_so_is_refused_with_a_sentence_and_nobody_is_paid(
    writes: ShopWrites, books: WooBooks, wanted: Refund, said: str
) -> None:
    with pytest.raises(ConnectorError, match=said) as caught:
        writes.do(wanted, REF)
    assert caught.value.permanent
    assert not any(books.refunds.values())


def test_what_the_gateway_cannot_pay_is_written_down_and_left_to_a_person(writes: ShopWrites, books: WooBooks, shop: WooCommercePeer) -> None:
    shop.orders[50]["payment_method"], shop.orders[50]["payment_method_title"] = "bacs", "Transferencia bancaria"
    done = writes.do(CUP, REF)
    assert (books.paid, books.refunds[50][0]["refunded_payment"]) == ([], False)
    assert "by hand: Transferencia bancaria" in done.left
    found = writes.find(CUP, REF)
    assert found is not None
    assert (found.ref, found.left) == (done.ref, done.left)


def test_a_gateway_that_says_no_may_have_paid_so_a_person_looks(writes: ShopWrites, books: WooBooks) -> None:
    books.declines = "cURL error 28: Operation timed out"
    with pytest.raises(AskAPerson, match="Operation timed out"):
        writes.do(CUP, REF)


def test_a_refund_is_found_by_its_mark_and_by_nobody_elses(writes: ShopWrites) -> None:
    assert writes.find(CUP, REF) is None
    done = writes.do(CUP, REF)
    found = writes.find(CUP, REF)
    assert found is not None
    assert found.ref == done.ref
    assert writes.find(CUP, OTHER_REF) is None


def test_one_that_is_written_down_and_perhaps_not_paid_cannot_be_told_by_the_shop(writes: ShopWrites, books: WooBooks) -> None:
    books.half_way = True
    with pytest.raises(InDoubt):
        writes.do(CUP, REF)
    with pytest.raises(AskAPerson, match="does not say that the payment gateway paid"):
        writes.find(CUP, REF)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (CUT, InDoubt), (BROKEN, InDoubt), (Reply(500, html="<p>Fatal"), InDoubt), (LOGIN_PAGE, InDoubt), (Reply(200, {}), InDoubt),
        (SLOW_DOWN, SlowDown), (Reply(302, html="", headers=(("Location", "http://169.254.169.254/"),)), ConnectorError),
    ],
    ids=["cut", "503", "500 html", "login page", "empty", "429", "redirect"],
)  # fmt: skip
def test_an_answer_says_whether_it_may_have_been_done(writes: ShopWrites, shop: WooCommercePeer, reply: Reply, kind: type[ConnectorError]) -> None:
    shop.faults.append(Fault("POST", reply))
    with pytest.raises(kind) as caught:
        writes.do(CUP, REF)
    assert isinstance(caught.value, InDoubt) is (kind is InDoubt)
    assert not shop.books.refunds.get(50)


def test_a_key_that_only_reads_is_told_from_one_that_is_revoked(writes: ShopWrites, shop: WooCommercePeer) -> None:
    shop.writes = False
    with pytest.raises(Lacking) as caught:
        writes.do(CUP, REF)
    assert caught.value.right == "Read/Write"
    shop.trouble = REVOKED
    with pytest.raises(Refused):
        writes.do(Note("50", "Hola"), REF)


def test_a_note_is_private_and_the_same_words_are_found_again(writes: ShopWrites, books: WooBooks) -> None:
    note = Note("50", "Correo «Tu pedido» & más", ("postventa-shipped",))
    assert writes.find(note, REF) is None
    writes.do(note, REF)
    books.notes[50][0]["note"] = "<p>Correo «Tu pedido» &amp; más</p>\n"  # as WordPress may show it
    assert writes.find(note, REF) is not None
    assert [kept["customer_note"] for kept in books.notes[50]] == [False]


BEGINS, ENDS = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 31, 22, 59, tzinfo=UTC)
COUPON = Coupon("GRACIAS-7K3M", "Gracias", BEGINS, ENDS, amount=Decimal(10), email=ANA)


def test_a_coupon_is_for_one_customer_and_one_order_and_made_once(writes: ShopWrites, books: WooBooks) -> None:
    done = writes.do(COUPON, REF)
    assert writes.do(COUPON, REF).ref == done.ref
    (made,) = books.coupons
    assert (made["code"], made["discount_type"], made["amount"], made["usage_limit"]) == ("gracias-7k3m", "fixed_cart", "10.00", 1)
    assert (made["email_restrictions"], made["date_expires_gmt"]) == ([ANA], "2027-01-31T22:59:00")
    writes.do(replace(COUPON, code="DIEZ-1", amount=Decimal(0), percent=Decimal("7.5")), OTHER_REF)
    assert (books.coupons[1]["discount_type"], books.coupons[1]["amount"]) == ("percent", "7.50")


def test_somebody_elses_coupon_is_not_given_away(writes: ShopWrites) -> None:
    writes.do(COUPON, OTHER_REF)
    with pytest.raises(ConnectorError, match="another coupon") as caught:
        writes.do(COUPON, REF)
    assert caught.value.permanent


REVIEW = ProductReview("12", 5, "Muy bonita.\n\nY bien embalada.", "Ana", ANA)


def test_a_review_is_verified_by_the_shop_and_made_once(writes: ShopWrites, books: WooBooks) -> None:
    assert writes.find(REVIEW, REF) is None
    assert "verified" in writes.do(REVIEW, REF).said
    assert "already" in writes.do(REVIEW, REF).said
    assert writes.find(REVIEW, REF) is not None
    stars = replace(REVIEW, text="", rating=4, email="otra@correo.example", shown=False)
    assert "not verified" in writes.do(stars, OTHER_REF).said
    assert [(made["review"], made["status"]) for made in books.reviews][1] == ("<p>★★★★</p>\n", "hold")


def test_a_product_that_is_gone_takes_no_review(writes: ShopWrites) -> None:
    with pytest.raises(ConnectorError, match="ID de producto") as caught:
        writes.do(replace(REVIEW, product_ref="13"), REF)
    assert caught.value.permanent


def test_there_are_no_returns(writes: ShopWrites) -> None:
    with pytest.raises(Unsupported, match="keep returns"):
        writes.do(OpenReturn("50", "R-1", (("93", 1),)), REF)


def test_sums_go_as_texts_and_never_as_floats(writes: ShopWrites, shop: WooCommercePeer) -> None:
    writes.do(CUP, REF)
    (sent,) = [json.loads(call.body) for call in shop.calls if call.method == "POST"]
    assert sent["amount"] == "12.50"
    assert sent["line_items"] == [{"id": 93, "quantity": 1, "refund_total": "10.33", "refund_tax": [{"id": 3, "refund_total": "2.17"}]}]
