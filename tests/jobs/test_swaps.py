"""An order's money is spent once, whatever way it goes: exchanges, store credit and refunds beside each other, their answers and silences."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from connectors.shops.writes import Refund
from jobs import paid_exchange, settle
from jobs.deeds.exchange import plan_cancel, plan_exchange
from jobs.deeds.owed import TooMuch
from jobs.deeds.refund import plan_refund
from jobs.deeds.store_credit import plan_store_credit
from jobs.erase_customer import Lock, erase_customer
from jobs.refetch import refetch
from postventa import alarms, state
from postventa.clock import now
from postventa.events import OrderRefunded
from postventa.models import AuditEntry, Effect, Order, State
from postventa.models.db import reading, transaction
from postventa.privacy.people import Person
from postventa.shops import find
from tests.conftest import TestClock
from tests.jobs.test_import_history import house_of
from tests.jobs.test_write_to_shop import ORDER, build, one, ripen, shop_of, story, work
from tests.peers.shop import CUT, SLOW_DOWN, Fault
from tests.peers.shopify import ShopifyPeer, order_document
from tests.peers.shopify_swaps import Goods
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House, lola
from tests.pipeline.stories import ShopifyOrder, WooOrder

BOWL = {"purchasable": True, "manage_stock": True, "stock_status": "instock", "backorders_allowed": False, "type": "simple"}
ANA = "ana@cliente.example"


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    running.products |= {
        20: {"id": 20, "name": "Cuenco", "price": "25.00", "stock_quantity": 2, **BOWL},
        30: {"id": 30, "name": "Jarra", "price": "31.50", "stock_quantity": 2, **BOWL},
        40: {"id": 40, "name": "Plato", "price": "9.90", "stock_quantity": 2, **BOWL},
    }
    with running.open():
        yield running


@pytest.fixture
def house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> House:
    return build(sqlite_engine, clock, tmp_path, peer)


def the_order(session: Session) -> Order:
    return session.scalars(select(Order).where(Order.ref == str(ORDER))).one()


def swap(house: House, goods: str = "20", key: str = "R-1", credit: str = "25.00", **more: Any) -> int | None:
    with transaction(house.engine) as session:
        wanted: dict[str, Any] = {"outgoing": [(goods, 1)], "credit": Decimal(credit), "currency": "EUR", "actor": "mara", **more}
        effect = plan_exchange(session, shop_of(house, session), the_order(session), key=key, **wanted)
        return effect.id if effect is not None else None


def credit(house: House, amount: str = "25.00", bonus: str = "0", key: str = "R-1") -> int | None:
    with transaction(house.engine) as session:
        shop, money, more = shop_of(house, session), Decimal(amount), Decimal(bonus)
        effect = plan_store_credit(session, shop, the_order(session), key=key, amount=money, bonus=more, currency="EUR", actor="mara")
        return effect.id if effect is not None else None


def pay(house: House, amount: str, key: str) -> int | None:
    with transaction(house.engine) as session:
        wanted = Refund(str(ORDER), Decimal(amount), "EUR")
        effect = plan_refund(session, shop_of(house, session), the_order(session), wanted, key=key, actor="mara")
        return effect.id if effect is not None else None


def made(peer: WooCommercePeer) -> list[dict[str, Any]]:
    return [order for ref, order in peer.orders.items() if ref != ORDER]


def planned(house: House, name: str) -> list[Effect]:
    return house.effects(kind="write", followup=name)


def test_an_exchange_is_ordered_once_and_says_what_came_of_it(house: House, peer: WooCommercePeer) -> None:
    effect_id = swap(house)
    assert swap(house) is None, "the same key is the same exchange"
    done = work(house, effect_id)
    (order,) = made(peer)
    assert (done.state, done.data["ref"], done.data["number"], order["total"]) == ("done", str(order["id"]), order["number"], "0.00")
    assert (done.data["due"], done.data["pay_url"], done.data["used"], done.data["rest"]) == ("0", "", "25.00", "0.00")
    work(house, effect_id, later=True)
    house.run()
    assert (len(made(peer)), peer.products[20]["stock_quantity"], peer.books.paid) == (1, 1, [])
    with reading(house.engine) as session:
        assert [row.action for row in session.scalars(select(AuditEntry))] == ["exchange.plan"]


def test_an_answer_that_is_lost_ends_in_that_one_order(house: House, peer: WooCommercePeer) -> None:
    effect_id = swap(house)
    peer.faults.append(Fault("PUT", CUT, "processing", after=True))
    doubtful = work(house, effect_id)
    assert (doubtful.state, "in doubt" in doubtful.reason) == ("planned", True)
    assert work(house, effect_id, later=True).state == "done"
    assert (len(made(peer)), story(house, doubtful.id)) == (1, ["sending", "in_doubt", "sending", "sent"])


def test_half_an_exchange_is_gone_on_with_when_nothing_can_come_of_the_first_request_any_more(house: House, peer: WooCommercePeer) -> None:
    effect_id = swap(house)
    peer.faults.append(Fault("PUT", CUT, "_postventa_rest"))
    work(house, effect_id)
    waiting = work(house, effect_id, later=True)
    assert (waiting.state, [order["status"] for order in made(peer)]) == ("planned", ["pending"])
    ripen(house, waiting.id)
    assert work(house, effect_id, later=True).state == "done"
    assert [(order["status"], order["total"]) for order in made(peer)] == [("processing", "0.00")]


def test_a_busy_shop_costs_no_doubt_and_a_refusal_says_why(house: House, peer: WooCommercePeer) -> None:
    effect_id = swap(house)
    peer.faults.append(Fault("POST", SLOW_DOWN))
    resting = work(house, effect_id)
    assert (resting.state, "in doubt" in resting.reason, made(peer)) == ("planned", False, [])
    peer.products[20]["stock_quantity"] = 0
    ended = work(house, effect_id, later=True)
    assert (ended.state, "0 are left, and 1 should go out" in ended.reason, made(peer)) == ("dead", True, [])


def test_dearer_goods_come_with_a_link_and_nothing_is_refunded(house: House, peer: WooCommercePeer) -> None:
    done = work(house, swap(house, "30"))
    assert (done.data["due"], done.data["pay_url"], done.data["currency"]) == ("6.50", made(peer)[0]["payment_url"], "EUR")
    assert planned(house, "write_refund") == planned(house, "write_store_credit") == []


def test_the_link_goes_when_the_customer_has_paid(house: House, peer: WooCommercePeer) -> None:
    done = work(house, swap(house, "30"))
    assert (looked(house, done.id), looked(house, done.id)) == ("6.50", "6.50")
    peer.swaps.pay(int(str(done.data["ref"])))
    assert looked(house, done.id) == "6.50", "so soon the shop is not asked again"
    house.clock.advance(minutes=2)
    assert looked(house, done.id) == "0"
    (paid,) = house.effects(id=done.id)
    assert (paid.data["pay_url"], paid.data["number"], paid.data["paid_on_top"]) == ("", made(peer)[0]["number"], "6.50")
    assert sum(effect.followup == "fetch_exchange" for effect in house.effects(kind="fetch")) == 2


def looked(house: House, exchange_id: int) -> str:
    """What is still to be paid, after a page was shown."""
    with transaction(house.engine) as session:
        effect = paid_exchange.ask(session, shop_of(house, session), session.get_one(Effect, exchange_id))
        number = effect.id if effect is not None else None
    if number is not None:
        refetch(number)
    return str(one(house, exchange_id).data["due"])


@pytest.mark.parametrize(("way", "name"), [("refund", "write_refund"), ("credit", "write_store_credit"), ("keep", "")])
def test_what_cheaper_goods_leave_goes_where_it_should_and_once(house: House, peer: WooCommercePeer, way: str, name: str) -> None:
    exchange = work(house, swap(house, "40", rest=way))
    assert (exchange.data["used"], exchange.data["rest"]) == ("9.90", "15.10")
    rests = [effect for each in ("write_refund", "write_store_credit") for effect in planned(house, each)]
    assert [effect.followup for effect in rests] == ([name] if name else [])
    for effect in rests:
        assert work(house, effect.id).state == "done"
    assert peer.books.paid == ([Decimal("15.10")] if way == "refund" else [])
    assert [coupon["amount"] for coupon in peer.books.coupons] == (["15.10"] if way == "credit" else [])


def test_two_wishes_under_two_keys_never_come_to_more_than_was_paid(house: House) -> None:
    assert pay(house, "20.00", "R-1")
    assert swap(house, key="R-2", credit="25.00")
    with pytest.raises(TooMuch, match=r"5\.01 EUR should go back, but of 50 only 5\.00 are left"):
        credit(house, "5.01", key="R-3")
    assert credit(house, "5.00", bonus="20.00", key="R-3"), "what the merchant adds is hers"
    assert pay(house, "20.00", "R-1") is None, "a key that is known is no new wish"
    with pytest.raises(TooMuch):
        pay(house, "0.01", "R-4")


def test_wishes_of_the_same_moment_see_each_other(engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer) -> None:
    house, together = build(engine, clock, tmp_path, peer), threading.Barrier(4)

    def wish(number: int) -> bool:
        together.wait(90)
        try:
            return bool(pay(house, "20.00", f"R-{number}") if number % 2 else swap(house, key=f"R-{number}", credit="20.00"))
        except TooMuch:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(wish, range(4))) == 2
    assert len(house.effects(kind="write")) == 2


def test_what_is_planned_first_comes_first_when_the_shop_itself_gave_something_back(house: House, peer: WooCommercePeer) -> None:
    first, second = pay(house, "25.00", "R-1"), swap(house, key="R-2")
    with transaction(house.engine) as session:
        session.execute(update(Order).values(refunded_total=Decimal("10.00")))
    ended = work(house, second)
    assert (ended.state, "10 went back already, and 25.00 are on their way" in ended.reason, made(peer)) == ("cancelled", True, [])
    assert work(house, first).state == "done"


def test_a_refund_that_the_shop_has_told_of_counts_once(house: House, peer: WooCommercePeer) -> None:
    assert work(house, pay(house, "30.00", "R-1")).state == "done"
    with pytest.raises(TooMuch):
        pay(house, "20.01", "R-2")
    told = WooOrder(ORDER)
    told.tell(refunds=peer.orders[ORDER]["refunds"], after=timedelta(minutes=5))
    house.deliver("woocommerce", told.sent[0])
    with pytest.raises(TooMuch):
        pay(house, "20.01", "R-2")
    assert pay(house, "20.00", "R-2")


def test_what_was_refused_or_called_off_is_free_again(house: House, peer: WooCommercePeer) -> None:
    peer.products[20]["stock_quantity"] = 0
    assert work(house, swap(house, credit="50.00")).state == "dead"
    peer.products[20]["stock_quantity"] = 1
    done = work(house, swap(house, key="R-2", credit="50.00", rest="keep"))
    with transaction(house.engine) as session:
        exchange = session.get_one(Effect, done.id)
        off = plan_cancel(session, shop_of(house, session), the_order(session), exchange, actor="mara", reason="lo prefiere")
        assert off is not None
        assert plan_cancel(session, shop_of(house, session), the_order(session), exchange, actor="mara") is None
        off_id = off.id
    with pytest.raises(TooMuch):
        pay(house, "50.00", "R-3")
    assert work(house, off_id).state == "done"
    assert (made(peer)[0]["status"], peer.products[20]["stock_quantity"]) == ("cancelled", 1)
    assert pay(house, "50.00", "R-3")


def test_only_an_exchange_that_was_made_is_called_off(house: House) -> None:
    effect_id = swap(house)
    with transaction(house.engine) as session, pytest.raises(ValueError, match="no exchange of this order that was made"):
        plan_cancel(session, shop_of(house, session), the_order(session), session.get_one(Effect, effect_id), actor="mara")


def test_what_was_paid_on_top_is_a_persons_work_when_it_is_called_off(house: House, peer: WooCommercePeer) -> None:
    done = work(house, swap(house, "30"))
    peer.swaps.pay(int(str(done.data["ref"])))
    with transaction(house.engine) as session:
        off = plan_cancel(session, shop_of(house, session), the_order(session), session.get_one(Effect, done.id), actor="mara")
        assert off is not None
        off_id = off.id
    work(house, off_id)
    with reading(house.engine) as session:
        (alarm,) = [alarm for alarm in alarms.open_alarms(session) if alarm.name == "refund-by-hand"]
    assert "pay 6.5" in alarm.message
    assert house.effects(id=done.id)[0].data["pay_url"] == ""


def test_credit_is_a_code_that_is_the_same_for_every_try_and_for_nobody_else(house: House, peer: WooCommercePeer) -> None:
    effect_id = credit(house, bonus="2.50")
    assert credit(house) is None
    peer.faults.append(Fault("POST", CUT, after=True))
    work(house, effect_id)
    done = work(house, effect_id, later=True)
    (coupon,) = peer.books.coupons
    assert (done.state, done.data["ways"], done.data["worth"], done.data["code"]) == ("done", ["code"], "27.50", coupon["code"].upper())
    assert (coupon["amount"], coupon["email_restrictions"]) == ("27.50", [ANA])
    assert 8 <= len(str(done.data["code"])) <= 20
    assert str(done.data["code"]).isalnum()


def test_what_cannot_be_meant_is_not_even_planned(house: House) -> None:
    wishes: list[Callable[[], int | None]] = [
        lambda: swap(house, credit="-0.01"),
        lambda: swap(house, goods=""),
        lambda: swap(house, rest="somewhere"),
        lambda: credit(house, "0"),
        lambda: credit(house, "-1.00", bonus="2.00"),
    ]
    for wish in wishes:
        with pytest.raises(ValueError, match="needs"):
            wish()
    with pytest.raises(ValueError, match="was paid in EUR"):
        swap(house, credit="1.00", currency="USD")
    assert house.effects(kind="write") == []


def test_an_erased_customer_still_gets_what_is_owed(house: House, peer: WooCommercePeer) -> None:
    effects = [swap(house), credit(house, key="R-2")]
    with transaction(house.engine) as session:
        erase_customer(session, house.shops["woocommerce"], Person(email=ANA), Lock(b"", 0))
    assert [work(house, effect_id).state for effect_id in effects] == ["done", "done"]
    assert (len(made(peer)), len(peer.books.coupons)) == (1, 1)


def test_in_shopify_a_full_bucket_is_waited_for_and_credit_goes_to_the_account(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer()
    order = ShopifyOrder().tell("orders/create")
    document = order_document({**order.body, "updated_at": "2026-11-03T12:00:00Z"})
    document["customer"]["id"] = "gid://shopify/Customer/777"
    peer.orders["gid://shopify/Order/5001"] = document
    peer.books.swaps.variants["gid://shopify/ProductVariant/101"] = Goods("20.00")
    with peer.open():
        house = house_of(sqlite_engine, clock, tmp_path, lola(url=peer.url, access_token="shpat_lola"))
        house.deliver("shopify", order.sent[0])
        with transaction(sqlite_engine) as session:
            row = session.scalars(select(Order)).one()
            shop = find(session, house.shops["shopify"], house.world.settings, house.world.secret)
            exchange = plan_exchange(session, shop, row, key="R-1", outgoing=[("101", 1)], credit=Decimal("20.00"), currency="EUR", actor="mara")
            money = plan_store_credit(session, shop, row, key="R-1", amount=row.total - 20, bonus=Decimal(5), currency="EUR", actor="mara")
            assert exchange is not None
            assert money is not None
            ids, rest = (exchange.id, money.id), row.total - 20
        peer.throttled = 1
        assert work(house, ids[0]).state == "planned"
        assert [work(house, each, later=True).state for each in ids] == ["done", "done"]
        assert [Decimal(move["amount"]["amount"]) for move in peer.books.swaps.accounts["gid://shopify/Customer/777"]] == [rest, Decimal(5)]
        assert peer.books.swaps.variants["gid://shopify/ProductVariant/101"].stock == 4
        (credited,) = house.effects(id=ids[1])
        assert (credited.data["ways"], credited.data["code"], bool(credited.data["refund_ref"])) == (["account"], "", True)


def test_a_refund_that_a_person_saw_in_the_shop_counts_once(house: House) -> None:
    """It has no name of the shop's, since nobody told it to us; the shop's own telling is the same money."""
    effect_id = pay(house, "30.00", "R-1")
    seen_by_hand(house, effect_id)
    told = (OrderRefunded(str(ORDER), now(), "r9", Decimal("30.00"), "EUR"),)
    with transaction(house.engine) as session:
        state.apply(session, shop_of(house, session), [state.Telling(told)])
    with pytest.raises(TooMuch):
        pay(house, "20.01", "R-2")
    assert pay(house, "20.00", "R-2")


def seen_by_hand(house: House, effect_id: int | None) -> None:
    with transaction(house.engine) as session:
        effect = session.get_one(Effect, effect_id)
        effect.state, effect.attempts = State.UNKNOWN, 1
    with transaction(house.engine) as session:
        settle.settle(session, effect_id or 0, actor="mara", reason="está en la tienda")


def by_hand_alarms(house: House) -> list[str]:
    with reading(house.engine) as session:
        return [alarm.message for alarm in alarms.open_alarms(session) if alarm.name == "refund-by-hand"]


def test_what_is_called_off_since_the_shop_gave_something_back_is_somebodys_business(house: House) -> None:
    """Ten came back as a courtesy while fifty were on their way: the other forty are still owed."""
    effect_id = pay(house, "50.00", "R-1")
    with transaction(house.engine) as session:
        session.execute(update(Order).values(refunded_total=Decimal("10.00")))
    assert work(house, effect_id).state == "cancelled"
    (said,) = by_hand_alarms(house)
    assert "50.00 should be refunded" in said


def test_a_bonus_waits_for_what_it_is_added_to(house: House, peer: WooCommercePeer) -> None:
    with transaction(house.engine) as session:
        back = Refund(str(ORDER), Decimal("25.00"), "EUR", as_credit=True)
        plan_refund(session, shop_of(house, session), the_order(session), back, key="R-1", actor="mara")
    bonus = credit(house, "0", bonus="2.50", key="R-1:bonus")
    assert (work(house, bonus).state, peer.books.coupons) == ("planned", [])
    (refund,) = planned(house, "write_refund")
    assert work(house, refund.id).state == "dead", "this shop keeps no credit"
    assert (work(house, bonus, later=True).state, peer.books.coupons) == ("planned", [])
    seen_by_hand(house, refund.id)
    assert work(house, bonus, later=True).state == "done"


def test_what_an_exchange_or_a_code_brings_with_it_is_not_lost_when_a_person_ends_the_doubt(house: House) -> None:
    swapped, credited = swap(house), credit(house, key="R-2")
    seen_by_hand(house, swapped)
    seen_by_hand(house, credited)
    both = " ".join(sorted(by_hand_alarms(house)))
    assert "exchange R-1 is settled" in both
    assert "credit R-2 is settled" in both, "one alarm does not take the other one's place"


def test_an_erasure_keeps_no_exchange_alive_that_was_called_off(house: House, peer: WooCommercePeer) -> None:
    done = work(house, swap(house))
    with transaction(house.engine) as session:
        off = plan_cancel(session, shop_of(house, session), the_order(session), session.get_one(Effect, done.id), actor="mara")
        assert off is not None
        off_id = off.id
        session.flush()
        erase_customer(session, house.shops["woocommerce"], Person(email=ANA), Lock(b"", 0))
    assert (work(house, off_id).state, made(peer)[0]["status"]) == ("done", "cancelled")


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_payment_that_failed_is_no_payment(house: House, peer: WooCommercePeer, status: str) -> None:
    done = work(house, swap(house, "30"))
    made(peer)[0]["status"] = status
    assert looked(house, done.id) == "6.50"
    assert bool(house.effects(id=done.id)[0].data["pay_url"])
