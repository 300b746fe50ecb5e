"""Ways in which money or goods could go out twice, too much, too little or never, and do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from connectors.shops.writes import Refund
from jobs import customer_return, return_desk, return_goods
from jobs.customer_return import TooLate
from jobs.deeds.refund import plan_refund
from jobs.open_return import void
from postventa import alarms, products, state
from postventa.clock import now
from postventa.events import OrderRefunded, ProductSnapshot, ReturnCancelled, VariantSnapshot
from postventa.models import OrderLine
from postventa.models.db import reading, transaction
from postventa.returns.inspection import FINE, Grade
from postventa.returns.policy.law import Exemption
from postventa.returns.wish import Swap, Wish, WishLine
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House
from tests.pipeline.stories import DAY, NOON
from tests.returns.scene import ALL_WAYS, CUP, ORDER, asked, case_of, opened, order_of, rules, shop_of, staff

ASK: dict[str, Any] = {**ALL_WAYS, "rules": [{"name": "Mirar", "when": {"product": ["TAZA"]}, "then": {"decision": "ask"}}]}
BLUE = {"purchasable": True, "manage_stock": True, "stock_status": "instock", "backorders_allowed": False, "type": "simple"}
TWO = Wish((WishLine("1", 2, "unwanted"),), method="drop_off")


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    """With a bowl for less than a cup, and a cup of another kind."""
    running = WooCommercePeer()
    running.products |= {20: {"id": 20, "name": "Cuenco", "price": "4.00", "stock_quantity": 9, **BLUE}}
    running.products |= {11: {"id": 11, "name": "Taza azul", "price": "10.00", "stock_quantity": 9, **BLUE}}
    with running.open():
        yield running


def refunded_in_the_shop(house: House, amount: str, *lines: tuple[str, int], ref: str = "r9") -> None:
    with transaction(house.engine) as session:
        told = (OrderRefunded(str(ORDER), now(), ref, Decimal(amount), "EUR", lines=lines),)
        state.apply(session, shop_of(house, session), [state.Telling(told)])


def by_hand(house: House) -> str:
    """What the alarm for a person says; empty: there is none."""
    with reading(house.engine) as session:
        return "; ".join(alarm.message for alarm in alarms.open_alarms(session) if alarm.name == "return-by-hand")


def run(house: House) -> None:
    house.clock.advance(minutes=1)
    house.run()


def kinds(house: House) -> None:
    """Cups come in two kinds, which the shop told."""
    with transaction(house.engine) as session:
        seen = ProductSnapshot("10", "Taza", variants=tuple(VariantSnapshot(ref, ref) for ref in ("10", "11")))
        products.keep(session, house.shops["woocommerce"], "10", seen)


def went_out(peer: WooCommercePeer) -> list[tuple[int, str]]:
    """(pieces, what was to be paid) of each order for an exchange."""
    new = [order for ref, order in peer.orders.items() if ref != ORDER]
    return [(sum(line["quantity"] for line in order["line_items"]), str(order["total"])) for order in new]


def test_of_an_exchange_that_was_agreed_to_in_part_only_that_part_goes_out(house: House, peer: WooCommercePeer) -> None:
    rules(house, ASK)
    kinds(house)
    house.until(NOON + 25 * DAY)
    case = opened(house, replace(TWO, resolution="exchange", exchange=(Swap("1", "11", 2),)))
    staff(house, return_desk.approve, case, lines=[("1", 1)])
    staff(house, return_goods.receive, case)
    run(house)
    assert went_out(peer) == [(1, "0.00")]


@pytest.mark.parametrize(("swapped", "due", "back"), [(2, "0.00", []), (1, "0.00", [Decimal("10.00")])])
def test_what_comes_back_beyond_what_is_exchanged_is_paid(house: House, peer: WooCommercePeer, swapped: int, due: str, back: list[Decimal]) -> None:
    rules(house, ALL_WAYS)
    kinds(house)
    case = opened(house, replace(TWO, resolution="exchange", exchange=(Swap("1", "11", swapped),)))
    staff(house, return_goods.receive, case)
    run(house)
    run(house)
    assert (went_out(peer), peer.books.paid) == ([(swapped, due)], back)


def test_what_a_person_withholds_of_an_exchange_is_not_given_away(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    kinds(house)
    case = opened(house, replace(CUP, resolution="exchange", exchange=(Swap("1", "11", 1),)))
    staff(house, return_desk.release, case, amount=Decimal("4.00"), reason="Llegó con un golpe")
    run(house)
    assert went_out(peer) == [(1, "6.00")]


def test_an_exchange_of_a_whole_order_brings_no_delivery_back(house: House) -> None:
    with transaction(house.engine) as session:
        order = order_of(session)
        order.shipping_total, order.total = Decimal("5.00"), Decimal("55.00")
    whole = Wish((WishLine("1", 3), WishLine("2", 1)), exchange=(Swap("1", "11", 3), Swap("2", "20", 1)))
    assert asked(house, whole).sums.shipping == Decimal("5.00")
    assert asked(house, replace(whole, resolution="exchange")).sums.refund == Decimal("50.00")


def test_what_was_agreed_to_in_part_stays_that_part_when_the_customer_changes_it(house: House, peer: WooCommercePeer) -> None:
    rules(house, ASK)
    house.until(NOON + 25 * DAY)
    case = opened(house, TWO)
    staff(house, return_desk.approve, case, lines=[("1", 1)])
    with transaction(house.engine) as session:
        customer_return.change(session, house.world, shop_of(house, session), case.number, note="En una caja")
    assert (case_of(house, case.number).quoted["refund"], case_of(house, case.number).accepted) == ("10.00", [["1", 1]])
    staff(house, return_goods.receive, case)
    run(house)
    assert peer.books.paid == [Decimal("10.00")]


def test_nobody_reaches_by_a_change_what_a_person_would_have_to_agree_to(house: House, peer: WooCommercePeer) -> None:
    keep = {"name": "Quedárselo", "when": {"resolution": ["keep_item"]}, "then": {"decision": "ask"}}
    rules(house, {"default": {**ALL_WAYS["default"], "keep": 30}, "rules": [keep]})
    case = opened(house)
    with transaction(house.engine) as session, pytest.raises(TooLate, match="has to agree"):
        customer_return.change(session, house.world, shop_of(house, session), case.number, resolution="keep_item")
    run(house)
    assert (case_of(house, case.number).resolution, peer.books.paid) == ("refund", [])


def test_what_is_kept_after_all_is_paid_at_once(house: House, peer: WooCommercePeer) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "keep": 30}})
    case = opened(house)
    with transaction(house.engine) as session:
        customer_return.change(session, house.world, shop_of(house, session), case.number, resolution="keep_item")
    run(house)
    assert (peer.books.paid, case_of(house, case.number).state) == ([Decimal("3.00")], "closed")


def test_days_and_rules_of_the_wish_hold_however_late_it_is_agreed_to(house: House) -> None:
    """Asked for within the days of withdrawal, in which only the sending may cost something."""
    rules(house, {"cost_told": True, "default": {**ALL_WAYS["default"], "fee": {"percent": 50}}, "rules": ASK["rules"]})
    case = opened(house, TWO)
    rules(house, {"default": {**ALL_WAYS["default"], "fee": {"percent": 90}}, "rules": ASK["rules"]})
    house.until(NOON + 25 * DAY)
    staff(house, return_desk.approve, case, lines=[("1", 1)], ground=Exemption.MADE_TO_MEASURE)
    assert case_of(house, case.number).quoted["refund"] == "10.00"
    with transaction(house.engine) as session:
        customer_return.change(session, house.world, shop_of(house, session), case.number, note="En una caja")
    assert case_of(house, case.number).quoted["refund"] == "10.00"


def test_nothing_of_a_withdrawal_is_left_out_without_a_legal_ground(house: House) -> None:
    rules(house, ASK)
    case = opened(house, TWO)
    with pytest.raises(ValueError, match="on a legal ground only"):
        staff(house, return_desk.approve, case, lines=[("1", 1)])
    staff(house, return_desk.approve, case, lines=[("1", 2)])
    assert case_of(house, case.number).accepted == [["1", 2]]


def test_what_cannot_be_reckoned_any_more_is_not_agreed_to_for_nothing(house: House) -> None:
    rules(house, ASK)
    case = opened(house, TWO)
    with transaction(house.engine) as session:
        session.scalars(select(OrderLine).where(OrderLine.ref == "1")).one().quantity = 1
    with pytest.raises(ValueError, match="puedes devolver 1"):
        staff(house, return_desk.approve, case, lines=[("1", 2)])


@pytest.mark.parametrize("resolution", ["refund", "store_credit", "exchange"])
def test_pieces_that_were_refunded_in_the_shop_meanwhile_are_not_paid_again(house: House, peer: WooCommercePeer, resolution: str) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, Wish((WishLine("2", 1, "unwanted"),), resolution, "drop_off", exchange=(Swap("2", "20", 1),)))
    refunded_in_the_shop(house, "20.00", ("2", 1))
    staff(house, return_goods.receive, case)
    run(house)
    assert (peer.books.paid, peer.books.coupons, went_out(peer)) == ([], [], [])
    assert "were refunded" in by_hand(house)
    assert not staff(house, return_desk.release, case), "nor at a person's word: that piece is paid"
    staff(house, return_desk.settled_by_hand, case, reason="Devuelto en la tienda")
    assert by_hand(house) == ""


@pytest.mark.parametrize("lines", [(("1", 1),), ()])
def test_whether_a_refund_in_the_shop_was_for_the_return_is_a_persons_to_say(
    house: House, peer: WooCommercePeer, lines: tuple[tuple[str, int], ...]
) -> None:
    rules(house, ALL_WAYS)
    case = opened(house)
    refunded_in_the_shop(house, "10.00", *lines)
    staff(house, return_goods.receive, case)
    run(house)
    assert (peer.books.paid, "since this return was opened" in by_hand(house)) == ([], True)
    assert staff(house, return_desk.release, case)
    run(house)
    assert peer.books.paid == [Decimal("10.00")]


def test_a_refund_that_is_on_its_way_for_the_same_pieces_is_seen(house: House, peer: WooCommercePeer) -> None:
    """Staff give it back on the order's page while the parcel travels, and the shop has not told of it yet."""
    rules(house, ALL_WAYS)
    case = opened(house, Wish((WishLine("2", 1, "unwanted"),), "store_credit", "drop_off"))
    with transaction(house.engine) as session:
        wanted = Refund(str(ORDER), Decimal("20.00"), "EUR", (("2", 1),))
        plan_refund(session, shop_of(house, session), order_of(session), wanted, key="desk-1", actor="jon")
    staff(house, return_goods.receive, case)
    run(house)
    assert (peer.books.paid, peer.books.coupons, "were refunded" in by_hand(house)) == ([Decimal("20.00")], [], True)


def test_refunds_of_other_returns_stop_none(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    first, second = opened(house, key="form-1"), opened(house, key="form-2")
    for case in (first, second):
        staff(house, return_goods.receive, case)
        run(house)
    assert (peer.books.paid, by_hand(house)) == ([Decimal("10.00")] * 2, "")


def test_what_an_exchange_leaves_over_is_counted_once(house: House, peer: WooCommercePeer) -> None:
    """A cup for a bowl of 4.00: 6.00 go back, and the other 40.00 of the order are still the customer's."""
    rules(house, ALL_WAYS)
    case = opened(house, replace(CUP, resolution="exchange", exchange=(Swap("1", "20", 1),)))
    staff(house, return_goods.receive, case)
    run(house)
    run(house)
    assert (went_out(peer), peer.books.paid) == ([(1, "0.00")], [Decimal("6.00")])
    rest = Wish((WishLine("1", 2, "unwanted"), WishLine("2", 1, "unwanted")), method="drop_off")
    assert asked(house, rest).sums.refund == Decimal("40.00")


def test_a_line_that_was_taken_out_of_the_order_is_a_persons(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, Wish((WishLine("2", 1, "unwanted"),), method="drop_off"))
    with transaction(house.engine) as session:
        session.delete(session.scalars(select(OrderLine).where(OrderLine.ref == "2")).one())
    staff(house, return_goods.receive, case)
    run(house)
    assert (peer.books.paid, "taken out of the order" in by_hand(house)) == ([], True)


def test_goods_that_come_back_for_money_that_went_before_are_simply_taken_in(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    refunded_in_the_shop(house, "20.00", ("2", 1))
    case = opened(house, Wish((WishLine("2", 1, "unwanted"),), method="drop_off"))
    staff(house, return_goods.receive, case)
    run(house)
    assert (peer.books.paid, by_hand(house), case_of(house, case.number).state) == ([], "", "closed")


def test_nothing_is_exchanged_for_what_was_refunded_before(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    kinds(house)
    refunded_in_the_shop(house, "30.00", ("1", 3))
    case = opened(house, replace(CUP, resolution="exchange", exchange=(Swap("1", "11", 1),)))
    staff(house, return_goods.receive, case)
    run(house)
    assert (went_out(peer), "were refunded" in by_hand(house)) == ([], True)


def test_what_is_settled_is_not_called_off_and_its_pieces_are_not_free_again(house: House) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "refund_when": "at_first_scan"}})
    case = opened(house, replace(CUP, resolution="exchange", exchange=(Swap("1", "20", 1),)))
    staff(house, return_goods.scanned, case, now())
    with transaction(house.engine) as session, pytest.raises(ValueError, match="is settled"):
        void(session, house.settings, shop_of(house, session), case.number, "", actor="jon")
    with transaction(house.engine) as session:  # the shop calls it off all the same
        told = (ReturnCancelled(str(ORDER), now(), case.ref),)
        state.apply(session, shop_of(house, session), [state.Telling(told)])
    assert case_of(house, case.number).state == "cancelled"
    assert [choice.left for choice in asked(house, Wish()).lines] == [2, 1]


def test_a_sum_by_itself_that_staff_gave_meanwhile_may_have_been_for_it(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    case = opened(house)
    with transaction(house.engine) as session:
        wanted = Refund(str(ORDER), Decimal("9.00"), "EUR")
        plan_refund(session, shop_of(house, session), order_of(session), wanted, key="W-1", actor="jon")
    staff(house, return_goods.receive, case)
    run(house)
    assert (peer.books.paid, "since this return was opened" in by_hand(house)) == ([Decimal("9.00")], True)


def test_the_delivery_is_paid_back_once(house: House) -> None:
    with transaction(house.engine) as session:
        order = order_of(session)
        order.shipping_total, order.total = Decimal("5.00"), Decimal("60.00")
        wanted = Refund(str(ORDER), Decimal("4.00"), "EUR", shipping=Decimal("4.00"))
        plan_refund(session, shop_of(house, session), order, wanted, key="desk", actor="jon")
    assert asked(house, Wish((WishLine("1", 3), WishLine("2", 1)))).sums.shipping == Decimal("1.00")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "5.005", "-0.01", "10.01"])
def test_no_sum_is_released_that_cannot_be_meant(house: House, amount: str) -> None:
    rules(house, ALL_WAYS)
    case = opened(house)
    with pytest.raises(ValueError, match=r"a sum from 0 to 10\.00"):
        staff(house, return_desk.release, case, amount=Decimal(amount), reason="Llegó con un golpe")


def test_only_pieces_that_somebody_looked_at_go_back_into_stock(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, TWO)
    staff(house, return_goods.receive, case, grades=[Grade("1", 1, FINE, restock=True)])
    run(house)
    assert [refund["restocked"] for refund in peer.books.refunds[ORDER]] == [False]
