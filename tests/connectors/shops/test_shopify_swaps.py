"""Exchanges and store credit in a Shopify shop that reckons totals and taxes, counts its stock and keeps every duplicate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import AskAPerson, ConnectorError, InDoubt, Lacking, SlowDown
from connectors.shops.shopify import offers
from connectors.shops.writes import CancelExchange, Credited, Exchange, Exchanged, Kept, ShopWrites, StoreCredit
from tests.connectors.shops.test_shopify_writes import ORDER, OTHER_REF, REF, connected, document
from tests.peers.shop import CUT, LOGIN_PAGE, Fault
from tests.peers.shopify import ShopifyPeer, not_approved
from tests.peers.shopify_swaps import Goods, ShopifySwaps

pytest.importorskip("graphql", reason="graphql-core is not installed")

ZERO = Decimal(0)
ANA = "gid://shopify/Customer/777"
SHOE, BOOT, LACES = "gid://shopify/ProductVariant/101", "gid://shopify/ProductVariant/102", "gid://shopify/ProductVariant/103"
SINCE = datetime(2026, 11, 3, 12, tzinfo=UTC)
EXCHANGE = Exchange("5001", (("101", 1),), Decimal("25.00"), "EUR", SINCE, note="Talla pequeña")
CREDIT = StoreCredit("5001", Decimal("20.00"), "EUR", "VALE7K3M9Q2XA4BC", SINCE, bonus=Decimal("2.00"), title="R-1")


@pytest.fixture
def shop() -> Iterator[ShopifyPeer]:
    peer = ShopifyPeer(tokens={"shpat_mara"})
    peer.orders[ORDER] = document()
    peer.orders[ORDER]["customer"]["id"] = ANA
    peer.orders[ORDER]["shippingLines"] = {"nodes": [{"title": "Correos"}]}
    peer.books.swaps.variants |= {SHOE: Goods("25.00"), BOOT: Goods("39.95"), LACES: Goods("3.10", rate="0.10")}
    with peer.open():
        yield peer


@pytest.fixture
def swaps(shop: ShopifyPeer) -> ShopifySwaps:
    return shop.books.swaps


@pytest.fixture
def writes(shop: ShopifyPeer) -> ShopWrites:
    return connected(shop)


def exchanged(done: Any) -> Exchanged:
    assert isinstance(done, Exchanged)
    return done


def credited(done: Any) -> Credited:
    assert isinstance(done, Credited)
    return done


def test_another_size_goes_out_for_nothing_to_the_same_address_and_leaves_the_stock(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    assert writes.find(EXCHANGE, REF) is None
    done = exchanged(writes.do(EXCHANGE, REF))
    (order,) = [made for gid, made in swaps.orders.items() if gid != ORDER]
    assert (done.number, done.due, done.pay_url, done.used, done.rest) == (order["name"], ZERO, "", Decimal(25), ZERO)
    assert (order["id"].endswith(done.ref), order["totalPriceSet"]["presentmentMoney"]["amount"], swaps.variants[SHOE].stock) == (True, "0.00", 4)
    asked = order["asked"]
    assert (asked["purchasingEntity"], asked["taxExempt"]) == ({"customerId": ANA}, False)
    assert asked["shippingAddress"]["countryCode"] == "ES"
    assert asked["shippingLine"] == {"title": "Correos", "priceWithCurrency": {"amount": "0.00", "currencyCode": "EUR"}}
    assert (asked["note"], asked["tags"]) == (f"#5001: Talla pequeña ({REF})", ["postventa-exchange", REF])
    again = exchanged(writes.find(EXCHANGE, REF))
    assert (again.ref, again.used, writes.find(EXCHANGE, OTHER_REF)) == (done.ref, Decimal(25), None)
    assert exchanged(writes.do(EXCHANGE, REF)).ref == done.ref
    assert len(swaps.drafts) == 1


def test_dearer_goods_wait_for_the_difference_under_a_link(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    wanted = replace(EXCHANGE, outgoing=(("102", 1), ("103", 2)), held_until=datetime(2026, 11, 6, tzinfo=UTC))
    done = exchanged(writes.do(wanted, REF))
    (draft,) = swaps.drafts.values()
    assert (done.due, done.pay_url, done.used, done.rest, done.ref) == (Decimal("21.15"), draft["invoiceUrl"], Decimal(25), ZERO, draft["id"])
    assert (draft["asked"]["reserveInventoryUntil"], swaps.variants[BOOT].stock, list(swaps.orders)) == ("2026-11-06T00:00:00Z", 5, [ORDER])
    assert exchanged(writes.find(wanted, REF)).pay_url == done.pay_url
    paid = swaps.pay(draft["id"])
    after = exchanged(writes.find(wanted, REF))
    assert (after.number, after.due, after.pay_url) == (paid["name"], ZERO, "")


def test_cheaper_goods_leave_a_rest_and_even_means_even(writes: ShopWrites) -> None:
    cheaper = exchanged(writes.do(replace(EXCHANGE, outgoing=(("103", 2),)), REF))
    assert (cheaper.due, cheaper.used, cheaper.rest) == (ZERO, Decimal("6.20"), Decimal("18.80"))
    even = exchanged(writes.do(replace(EXCHANGE, outgoing=(("102", 1),), even=True), OTHER_REF))
    assert (even.due, even.used, even.rest, even.pay_url) == (ZERO, Decimal(25), ZERO, "")


@pytest.mark.parametrize("credit", ["0.01", "7.77", "12.34", "25.00", "33.33", "56.00"])
def test_where_tax_comes_on_top_the_customer_pays_the_difference_and_never_a_cent_more(writes: ShopWrites, swaps: ShopifySwaps, credit: str) -> None:
    swaps.taxed = False
    wanted = replace(EXCHANGE, outgoing=(("102", 1), ("103", 3)), credit=Decimal(credit))
    done = exchanged(writes.do(wanted, REF))
    worth = Decimal("39.95") + Decimal("8.39") + Decimal("9.30") + Decimal("0.93")
    assert worth - Decimal(credit) - Decimal("0.02") <= done.due <= worth - Decimal(credit)
    assert done.used == Decimal(credit)


def test_a_draft_that_was_not_completed_is_gone_on_with_and_not_made_again(writes: ShopWrites, shop: ShopifyPeer, swaps: ShopifySwaps) -> None:
    shop.faults.append(Fault("POST", CUT, "draftOrderComplete"))
    with pytest.raises(InDoubt):
        writes.do(EXCHANGE, REF)
    assert writes.find(EXCHANGE, REF) is None
    writes.do(EXCHANGE, REF)
    assert (len(swaps.drafts), len(swaps.orders)) == (1, 2)


@pytest.mark.parametrize("step", ["draftOrderCreate(", "draftOrderComplete("])
def test_an_answer_that_is_lost_is_a_doubt_and_looking_finds_one_order(writes: ShopWrites, shop: ShopifyPeer, swaps: ShopifySwaps, step: str) -> None:
    shop.faults.append(Fault("POST", CUT, step, after=True))
    with pytest.raises(InDoubt):
        writes.do(EXCHANGE, REF)
    if writes.find(EXCHANGE, REF) is None:
        writes.do(EXCHANGE, REF)
    assert (len(swaps.drafts), len(swaps.orders), swaps.variants[SHOE].stock) == (1, 2, 4)


def test_what_only_reckons_is_no_doubt(writes: ShopWrites, shop: ShopifyPeer, swaps: ShopifySwaps) -> None:
    shop.faults.append(Fault("POST", LOGIN_PAGE, "draftOrderCalculate"))
    with pytest.raises(ConnectorError) as caught:
        writes.do(EXCHANGE, REF)
    assert (isinstance(caught.value, InDoubt), caught.value.permanent, swaps.drafts) == (False, False, {})


def test_what_cannot_be_is_refused_with_a_sentence(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    for wanted, said in (
        (replace(EXCHANGE, outgoing=(("999", 1),)), "no longer available"),
        (replace(EXCHANGE, currency="GBP"), "was paid in EUR"),
        (replace(EXCHANGE, order_ref="404"), "knows no order 404"),
    ):
        with pytest.raises(ConnectorError, match=said) as caught:
            writes.do(wanted, REF)
        assert caught.value.permanent
    assert swaps.drafts == {}


def test_a_price_that_changed_meanwhile_is_offered_to_nobody(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    swaps.dearer = Decimal("1.00")
    with pytest.raises(ConnectorError, match="instead of 0") as caught:
        writes.do(EXCHANGE, REF)
    assert (caught.value.permanent, swaps.drafts) == (True, {})


def test_an_address_that_is_kept_from_us_is_not_taken_for_none(writes: ShopWrites, shop: ShopifyPeer, swaps: ShopifySwaps) -> None:
    shop.hidden["order.shippingAddress"] = not_approved("order.shippingAddress")
    with pytest.raises(Lacking):
        writes.do(EXCHANGE, REF)
    assert swaps.drafts == {}


def test_a_full_bucket_says_how_long_to_wait(writes: ShopWrites, shop: ShopifyPeer) -> None:
    shop.throttled = 1
    with pytest.raises(SlowDown):
        writes.do(EXCHANGE, REF)


def test_an_exchange_is_called_off_while_nothing_was_sent(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    order = CancelExchange(writes.do(EXCHANGE, REF).ref)
    draft = CancelExchange(writes.do(replace(EXCHANGE, outgoing=(("102", 1),)), OTHER_REF).ref)
    for wanted in (order, draft):
        assert writes.find(wanted, REF) is None
        writes.do(wanted, REF)
        assert writes.find(wanted, REF) is not None
        writes.do(wanted, REF)
    assert (swaps.variants[SHOE].stock, len(swaps.drafts)) == (5, 1)


def test_what_was_paid_stays_where_only_what_nobody_paid_is_to_be_called_off(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    dearer = replace(EXCHANGE, outgoing=(("102", 1),))
    draft = writes.do(dearer, REF).ref
    order = swaps.pay(draft)
    assert isinstance(writes.do(CancelExchange(draft, unpaid=True), REF), Kept)
    assert isinstance(writes.find(CancelExchange(draft, unpaid=True), REF), Kept)
    swaps.drafts.clear()
    late = writes.find(dearer, REF)
    assert isinstance(late, Exchanged)
    assert (late.number, late.due, late.off) == (order["name"], ZERO, False), "paid at the moment in which its draft was thrown away"
    order["cancelledAt"] = swaps.at
    gone = writes.find(dearer, REF)
    assert isinstance(gone, Exchanged)
    assert gone.off


def test_what_is_on_its_way_or_takes_its_time_is_not_said_to_be_cancelled(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    ref = writes.do(EXCHANGE, REF).ref
    swaps.cancels = False
    with pytest.raises(InDoubt, match="has not finished"):
        writes.do(CancelExchange(ref), REF)
    swaps.orders[f"gid://shopify/Order/{ref}"]["displayFulfillmentStatus"] = "FULFILLED"
    with pytest.raises(ConnectorError, match="come back as a return"):
        writes.do(CancelExchange(ref), REF)


def test_credit_goes_to_the_account_by_a_refund_and_the_bonus_beside_it_each_once(writes: ShopWrites, shop: ShopifyPeer, swaps: ShopifySwaps) -> None:
    wanted = replace(CREDIT, ends_at=datetime(2027, 11, 3, tzinfo=UTC))
    shop.faults.append(Fault("POST", CUT, "storeCreditAccountCredit", after=True))
    with pytest.raises(InDoubt):
        writes.do(wanted, REF)
    found = credited(writes.find(wanted, REF))
    writes.do(wanted, REF)
    assert [(Decimal(move["amount"]["amount"]), bool(move["expiresAt"])) for move in swaps.accounts[ANA]] == [
        (Decimal(20), False),
        (Decimal(2), True),
    ]
    assert (found.ways, found.code, found.refund_ref) == (("account",), "", shop.orders[ORDER]["refunds"][0]["legacyResourceId"])


def test_half_of_it_is_nothing_yet_and_is_gone_on_with(writes: ShopWrites, shop: ShopifyPeer, swaps: ShopifySwaps) -> None:
    wanted = replace(CREDIT, ends_at=datetime(2027, 11, 3, tzinfo=UTC))
    shop.faults.append(Fault("POST", CUT, "storeCreditAccountCredit"))
    with pytest.raises(InDoubt):
        writes.do(wanted, REF)
    assert writes.find(wanted, REF) is None
    writes.do(wanted, REF)
    assert len(swaps.accounts[ANA]) == 2


def test_a_bonus_without_an_end_may_be_any_other_so_a_person_looks(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    writes.do(CREDIT, REF)
    with pytest.raises(AskAPerson, match="nothing says whether it is this bonus"):
        writes.find(CREDIT, REF)
    assert len(swaps.accounts[ANA]) == 2


def test_a_bonus_that_is_refused_leaves_the_credit_and_a_word_to_a_person(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    swaps.currency = "USD"
    done = credited(writes.do(CREDIT, REF))
    assert "credit the bonus of 2.00 EUR by hand" in done.left
    assert [move["amount"]["amount"] for move in swaps.accounts[ANA]] == ["20.00"]


def test_a_guest_gets_a_gift_card_and_where_there_is_none_a_code(writes: ShopWrites, shop: ShopifyPeer, swaps: ShopifySwaps) -> None:
    shop.orders[ORDER]["customer"] = None
    assert writes.find(CREDIT, REF) is None
    card = credited(writes.do(CREDIT, REF))
    (kept,) = swaps.gift_cards
    assert (kept["initialAmount"], kept["code"], kept["note"]) == ({"amount": "22.00", "currencyCode": "EUR"}, CREDIT.code.lower(), f"R-1 ({REF})")
    assert (card.ways, card.code, CREDIT.code in card.said + card.ref) == (("gift_card",), CREDIT.code, False)
    assert credited(writes.find(CREDIT, REF)).ways == credited(writes.do(CREDIT, REF)).ways == ("gift_card",)
    assert len(swaps.gift_cards) == 1
    swaps.cards = False
    other = replace(CREDIT, code="VALE0000000000AA")
    assert credited(writes.do(other, OTHER_REF)).ways == credited(writes.find(other, OTHER_REF)).ways == ("code",)
    (coupon,) = shop.books.discounts.values()
    assert Decimal(coupon["codeDiscount"]["customerGets"]["value"]["discountAmount"]["amount"]) == 22


def test_more_than_is_left_becomes_no_credit_in_any_way(writes: ShopWrites, swaps: ShopifySwaps) -> None:
    with pytest.raises(ConnectorError, match="are left of the order"):
        writes.do(replace(CREDIT, amount=Decimal("50.01")), REF)
    assert (swaps.accounts, swaps.gift_cards) == ({}, [])


def test_a_search_takes_words_and_none_of_the_searchs_own_signs() -> None:
    assert offers.search("Bota (Nerja) OR status:draft ") == "bota* nerja* or* status* draft* status:active"
    assert offers.search(' *":() ') == ""
