"""An exchange is called off once, by whomever, and its money goes back once; nobody's payment is lost, and nothing waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from jobs import call_off, exchanges, return_goods, settle_return
from jobs.by_hand import resend
from jobs.call_off import NotNow
from jobs.refetch import refetch
from postventa import alarms, state
from postventa.events import OrderRefunded
from postventa.models import Effect, ReturnCase, State
from postventa.models.db import reading, transaction
from postventa.returns.wish import Swap, Wish, WishLine
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import JOBS, House
from tests.returns.scene import ALL_WAYS, ORDER, build, case_of, last_words, mails, opened, order_of, rules, shop_of, staff

BONUS = {"default": {**ALL_WAYS["default"], "bonus": 10}}
GOODS = {"purchasable": True, "manage_stock": True, "stock_status": "instock", "backorders_allowed": False, "type": "simple"}


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    running.swaps.at = "2026-11-06T12:00:00"
    running.products |= {
        30: {"id": 30, "name": "Jarra", "price": "31.50", "stock_quantity": 2, **GOODS},
        40: {"id": 40, "name": "Plato", "price": "6.50", "stock_quantity": 2, **GOODS},
    }
    with running.open():
        yield running


@pytest.fixture
def house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> House:
    return built(sqlite_engine, clock, tmp_path, peer)


def built(engine: Engine, clock: TestClock, folder: Path, peer: WooCommercePeer) -> House:
    made = build(engine, clock, folder, peer)
    JOBS.setdefault("fetch", refetch)
    rules(made, BONUS)
    return made


def wished(house: House, goods: str = "30") -> ReturnCase:
    """A cup for 10.00 comes back, and something else is to go out."""
    return opened(house, Wish((WishLine("1", 1, "unwanted"),), "exchange", "drop_off", exchange=(Swap("1", goods, 1, goods, "Jarra"),)))


def made(house: House, goods: str = "30") -> ReturnCase:
    """The cup is back, and the shop has made the order."""
    case = wished(house, goods)
    staff(house, return_goods.receive, case)
    passes(house)
    return case_of(house, case.number)


def passes(house: House, **time: int) -> None:
    """Time passes, the clock looks, and what is due is done; twice, as one thing follows from another."""
    house.clock.advance(**(time or {"minutes": 1}))
    for _ in range(3):
        exchanges.look_after(house.world)
        house.clock.advance(seconds=20)
        house.run()


def off(house: House, case: ReturnCase, instead: str = "refund", **named: Any) -> ReturnCase:
    with transaction(house.engine) as session:
        return call_off.call_off(session, house.world, shop_of(house, session), case.number, instead=instead, actor="customer", **named)


def order_made(peer: WooCommercePeer) -> dict[str, Any]:
    return next(order for ref, order in peer.orders.items() if ref != ORDER)


def exchange_of(house: House) -> Effect:
    return house.effects(followup="write_exchange")[0]


def by_hand(house: House) -> list[str]:
    with reading(house.engine) as session:
        return [alarm.message for alarm in alarms.open_alarms(session) if alarm.name in ("exchange-by-hand", "return-by-hand", "refund-by-hand")]


def told(house: House) -> list[str]:
    return [str(mail["Subject"]) for mail in house.postman.mails if mail["X-Postventa-Followup"] == "return_exchange"]


def test_a_wish_is_changed_and_nothing_is_asked_of_the_shop(house: House, peer: WooCommercePeer) -> None:
    case = wished(house)
    off(house, case)
    changed = case_of(house, case.number)
    assert (changed.resolution, changed.wish["exchange"], changed.settled_at) == ("refund", [], None)
    staff(house, return_goods.receive, case)
    passes(house)
    assert (peer.books.paid, list(peer.orders)) == ([Decimal("10.00")], [ORDER])


def test_what_is_only_written_down_never_reaches_the_shop(house: House, peer: WooCommercePeer) -> None:
    case = wished(house)
    staff(house, return_goods.receive, case)
    off(house, case)
    passes(house)
    assert (peer.books.paid, list(peer.orders), exchange_of(house).state) == ([Decimal("10.00")], [ORDER], "cancelled")


def test_one_that_the_shop_refused_is_not_made_once_its_money_went_back(house: House, peer: WooCommercePeer) -> None:
    peer.products[30]["stock_quantity"] = 0
    case = made(house)
    off(house, case)
    passes(house)
    assert (exchange_of(house).state, peer.books.paid) == ("dead", [Decimal("10.00")])
    peer.products[30]["stock_quantity"] = 2
    with transaction(house.engine) as session:
        resend(session, house.world, exchange_of(house).id, actor="jon", reason="there are some again")
    passes(house)
    assert (list(peer.orders), exchange_of(house).state) == ([ORDER], "cancelled")


def test_what_somebody_gave_back_in_the_shop_meanwhile_is_a_persons_to_judge(house: House, peer: WooCommercePeer) -> None:
    case = made(house)
    at = house.clock.now()
    with transaction(house.engine) as session:
        paid = OrderRefunded(str(ORDER), at, "71", Decimal("10.00"), "EUR", note="Por el cambio")
        state.apply(session, shop_of(house, session), [state.Telling((paid,))])
    off(house, case)
    passes(house)
    assert (peer.books.paid, order_made(peer)["status"], len(by_hand(house))) == ([], "cancelled", 1)
    assert "money went back" in by_hand(house)[0]


def test_one_that_was_called_off_is_not_taken_for_another_one(house: House, peer: WooCommercePeer) -> None:
    case = made(house)
    off(house, case)
    passes(house)
    with transaction(house.engine) as session:
        again = session.get_one(ReturnCase, case.id)
        again.resolution, again.wish, again.settled_at = "exchange", {**again.wish, "exchange": again.wish["instead_of"]}, None
        again.quoted = {**again.quoted, "refund": "0.00"}
        order = order_of(session)
        known = settle_return.settle(session, house.world, shop_of(house, session), order, again, actor="jon", amount=Decimal(0))
        assert (known, again.settled_at) == (False, None)


def test_the_customer_hears_what_is_to_be_paid_and_until_when(house: House) -> None:
    case = made(house)
    assert told(house) == ["Falta pagar la diferencia de tu cambio"]
    assert "21,50" in last_words(house)
    assert f"/{case.number}" in last_words(house), "what is to be paid on a page leads there"
    assert case.swap_at is not None


@pytest.mark.parametrize(("instead", "back", "codes"), [("refund", ["10.00"], []), ("store_credit", [], ["11.00"])])
def test_one_that_was_made_is_let_go_first_and_its_worth_follows(
    house: House, peer: WooCommercePeer, instead: str, back: list[str], codes: list[str]
) -> None:
    case = made(house)
    off(house, case, instead)
    assert (peer.books.paid, exchange_of(house).data["calling_off"]["instead"]) == ([], instead), "not before the shop has let it go"  # type: ignore[index]
    passes(house)
    off(house, case, instead)
    passes(house)
    assert (order_made(peer)["status"], [f"{sum_}" for sum_ in peer.books.paid]) == ("cancelled", back)
    assert [coupon["amount"] for coupon in peer.books.coupons] == codes
    assert (case_of(house, case.number).resolution, by_hand(house)) == (instead, [])
    assert told(house)[-1] == "Hemos anulado tu cambio"


def test_what_cheaper_goods_left_over_does_not_go_back_twice(house: House, peer: WooCommercePeer) -> None:
    case = made(house, "40")
    assert peer.books.paid == [Decimal("3.50")]
    off(house, case)
    passes(house)
    assert (peer.books.paid, peer.products[40]["stock_quantity"]) == ([Decimal("3.50"), Decimal("6.50")], 2)


def test_what_nobody_pays_for_is_called_off_when_its_time_is_over_and_not_before(house: House, peer: WooCommercePeer) -> None:
    made(house)
    passes(house, days=6)
    assert (order_made(peer)["status"], peer.books.paid) == ("pending", [])
    passes(house, days=1)
    assert (order_made(peer)["status"], peer.books.paid, told(house)[-1]) == ("cancelled", [Decimal("10.00")], "Hemos anulado tu cambio")


def test_a_payment_is_seen_and_nothing_of_it_is_called_off(house: House, peer: WooCommercePeer) -> None:
    case = made(house)
    peer.swaps.pay(order_made(peer)["id"])
    passes(house, hours=2)
    passes(house, hours=1)
    assert (exchange_of(house).data["due"], case_of(house, case.number).swap_at) == ("0", None)
    passes(house, days=9)
    assert (order_made(peer)["status"], peer.books.paid) == ("processing", [])


def test_a_payment_at_the_last_moment_wins_against_the_clock(house: House, peer: WooCommercePeer) -> None:
    """The clock has asked for the cancelling already when she pays."""
    case = made(house)
    house.clock.advance(days=7, minutes=1)
    exchanges.look_after(house.world)
    assert house.effects(followup="write_exchange_cancel")
    peer.swaps.pay(order_made(peer)["id"])
    passes(house)
    passes(house, hours=1)
    assert (order_made(peer)["status"], peer.books.paid, by_hand(house)) == ("processing", [], [])
    assert (exchange_of(house).data["due"], case_of(house, case.number).swap_at) == ("0", None)


def test_one_that_she_calls_off_while_she_pays_gives_back_its_worth_and_a_person_the_rest(house: House, peer: WooCommercePeer) -> None:
    case = made(house)
    off(house, case)
    peer.swaps.pay(order_made(peer)["id"])
    passes(house)
    (said,) = by_hand(house)
    assert (order_made(peer)["status"], peer.books.paid, "pay 21.5" in said) == ("cancelled", [Decimal("10.00")], True)


def test_money_that_comes_too_late_is_somebodys_business(house: House, peer: WooCommercePeer) -> None:
    made(house)
    passes(house, days=7, minutes=1)
    assert order_made(peer)["status"] == "cancelled"
    peer.swaps.pay(order_made(peer)["id"])
    passes(house, days=1)
    (said,) = by_hand(house)
    assert "21.50 EUR were paid" in said
    passes(house, days=30)
    assert house.effects(followup="write_refund")[0].state == State.DONE
    assert peer.books.paid == [Decimal("10.00")]


def test_what_has_left_stays_and_a_person_knows(house: House, peer: WooCommercePeer) -> None:
    case = made(house, "40")
    order_made(peer)["status"] = "completed"
    off(house, case)
    passes(house)
    (said,) = by_hand(house)
    assert ("so it has to come back as a return" in said, peer.books.paid) == (True, [Decimal("3.50")])
    with pytest.raises(NotNow):
        off(house, case)


def test_only_what_the_rules_offer_comes_instead(house: House) -> None:
    case = wished(house)
    with pytest.raises(ValueError, match="cannot come to keep_item"):
        off(house, case, "keep_item")
    with reading(house.engine) as session:
        offers = call_off.offered(session, shop_of(house, session), order_of(session), case_of(house, case.number))
    assert {str(one): f"{answer.sums.credit}" for one, answer in offers.items()} == {"refund": "10.00", "store_credit": "11.00"}


def test_fifty_at_once_call_it_off_once(engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> None:
    house = built(engine, clock, tmp_path, peer)
    case, together = made(house), threading.Barrier(10)

    def press(place: int) -> str:
        if place < 10:
            together.wait(90)
        return off(house, case, "refund" if place % 2 else "store_credit").number

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(press, range(50))) == {case.number}
    passes(house)
    assert len(house.effects(followup="write_exchange_cancel")) == 1
    assert len(peer.books.paid) + len(peer.books.coupons) == 1


def test_the_mails_stay_few(house: House) -> None:
    case = made(house)
    off(house, case)
    passes(house)
    assert mails(house).count("return_exchange") == 2
