"""The life of a return that a customer opens with us, from her wish to the money in the shop's books; by real jobs, against a shop of our own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from connectors.shops.base import Reading
from jobs import customer_return, process_inbound, return_desk, return_goods
from jobs.customer_return import Refused, TooLate
from postventa import alarms, state
from postventa.clock import now
from postventa.events import OrderRefunded, ReturnReceived, ReturnScanned
from postventa.models import Alarm, AuditEntry, ReturnCase
from postventa.models.db import reading, transaction
from postventa.returns.inspection import DAMAGED, FINE, Grade
from postventa.returns.policy.law import Exemption
from postventa.returns.wish import Swap, Wish, WishLine
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House
from tests.pipeline.stories import DAY, NOON
from tests.returns.scene import ALL_WAYS, CUP, ORDER, asked, build, case_of, last_words, mails, opened, rules, shop_of, staff
from tests.scenarios import scenario


def test_a_return_lives_from_the_wish_to_the_money(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    told = asked(house, CUP)
    assert (told.problems, told.verdict, told.sums.refund, told.policy_version) == ((), "approve", Decimal("10.00"), 1)
    case = opened(house)
    assert (case.state, case.decided_by, case.quoted["refund"], case.policy_version) == ("approved", "policy", "10.00", 1)
    assert mails(house) == ["return_approved"], "nothing is printed, so there is no label"
    assert "Te devolveremos: 10,00" in last_words(house)
    assert "Cuándo: En cuanto nos llegue" in last_words(house)
    staff(house, return_goods.receive, case)
    assert mails(house) == ["return_approved", "return_received"]
    assert "Te devolveremos: 10,00" in last_words(house)
    assert "Cuándo" not in last_words(house), "it has come already"
    done = case_of(house, case.number)
    assert (peer.books.paid, done.state, done.settled_at is not None) == ([Decimal("10.00")], "closed", True)
    with reading(house.engine) as session:
        steps = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert steps == ["return_policy.set", "return.open", "return.receive", "refund.plan", "return.settle"]


def test_a_printed_label_is_made_once_and_brings_the_sum_with_it(house: House, peer: WooCommercePeer) -> None:
    case = opened(house, replace(CUP, method="printed_label"))
    assert mails(house) == ["return_label"]
    assert len(house.effects(kind="label")) == 1
    with transaction(house.engine) as session, pytest.raises(TooLate):
        customer_return.change(session, house.world, shop_of(house, session), case.number, method="own_carrier")


@scenario("S20", budget=60)
def test_fifty_confirmations_at_once_are_one_return_one_label_and_one_refund(
    engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer
) -> None:
    house = build(engine, clock, tmp_path, peer)
    together = threading.Barrier(10)

    def confirm(place: int) -> str:
        if place < 10:
            together.wait(60)
        return opened(house, replace(CUP, method="printed_label")).number

    with ThreadPoolExecutor(10) as pool:
        numbers = set(pool.map(confirm, range(50)))
    (number,) = numbers
    mails(house)
    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(lambda _: _quietly(house, case_of(house, number)), range(5)))
    house.clock.advance(minutes=1)
    house.run()
    assert (len(house.returns()), len(house.effects(kind="label")), peer.books.paid) == (1, 1, [Decimal("10.00")])
    assert outcomes.count("") == 1, "the other parcels were never expected"


def _quietly(house: House, case: ReturnCase) -> str:
    try:
        staff(house, return_goods.receive, case)
    except ValueError as error:
        return str(error)
    return ""


REFUSED = [
    ("more than was bought", Wish((WishLine("1", 4, "unwanted"),)), "too_many"),
    ("an item of another order", Wish((WishLine("99", 1, "unwanted"),)), "unknown_line"),
    ("less than nothing", Wish((WishLine("1", -1, "unwanted"),)), "quantity"),
    ("half of one", Wish((WishLine("1", 0.5, "unwanted"),)), "quantity"),  # type: ignore[arg-type]
    ("one line twice", Wish((WishLine("1", 1, "unwanted"), WishLine("1", 1, "unwanted"))), "twice"),
    ("nothing", Wish(), "empty"),
    ("a reason of nobody's", Wish((WishLine("1", 1, "because"),)), "reason"),
    ("a resolution that is not offered", Wish((WishLine("1", 1, "unwanted"),), "gold"), "resolution"),
    ("a way that is not offered", Wish((WishLine("1", 1, "unwanted"),), method="pigeon"), "method"),
    ("more in exchange", Wish((WishLine("1", 1, "unwanted"),), "exchange", exchange=(Swap("1", "7", 2),)), "swap"),
    ("another line in exchange", Wish((WishLine("1", 1, "unwanted"),), "exchange", exchange=(Swap("2", "7", 1),)), "swap"),
]


@scenario("S21", budget=30)
@pytest.mark.parametrize(("wish", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_was_not_bought_or_is_not_offered_is_refused_with_a_sentence(house: House, wish: Wish, code: str) -> None:
    with pytest.raises(Refused) as refused:
        opened(house, wish)
    assert [problem.code for problem in refused.value.why] == [code]
    assert all(problem.endswith(".") for problem in refused.value.problems)
    assert house.returns() == []


@scenario("S21", budget=30)
def test_after_the_days_it_is_refused_and_says_until_when(house: House) -> None:
    house.until(NOON + 40 * DAY)
    with pytest.raises(Refused) as refused:
        opened(house, replace(CUP, method=""))
    assert refused.value.problems == ("El plazo para devolver «Taza «Alba»» terminó el 4 de diciembre de 2026.",)


def test_parts_in_a_row_come_to_what_was_paid_to_the_cent_and_the_shop_agrees(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    for turn in range(3):
        case = opened(house, key=f"form-{turn}")
        staff(house, return_goods.receive, case)
        house.clock.advance(minutes=1)
        house.run()
    assert peer.books.paid == [Decimal("10.00")] * 3
    assert [choice.left for choice in asked(house, Wish()).lines] == [0, 1]


def test_nothing_is_paid_above_what_is_left(house: House, peer: WooCommercePeer) -> None:
    """Somebody refunded nearly all of it in the shop meanwhile: a person is asked, and nothing goes out by itself."""
    rules(house, ALL_WAYS)
    case = opened(house)
    with transaction(house.engine) as session:
        told = (OrderRefunded(str(ORDER), now(), "r9", Decimal("45.00"), "EUR"),)
        state.apply(session, shop_of(house, session), [state.Telling(told)])
    staff(house, return_goods.receive, case)
    house.run()
    assert peer.books.paid == []
    with reading(house.engine) as session:
        assert "of the order only 5" in session.scalars(select(Alarm.message)).one()
    with pytest.raises(ValueError, match="with a reason"):
        staff(house, return_desk.release, case, amount=Decimal("5.00"))
    assert staff(house, return_desk.release, case, amount=Decimal("5.00"), reason="El resto ya se devolvió en la tienda")
    house.run()
    assert peer.books.paid == [Decimal("5.00")]
    with reading(house.engine) as session:
        assert alarms.open_alarms(session) == []


def test_what_waits_for_a_person_is_agreed_to_in_part_or_declined(house: House, peer: WooCommercePeer) -> None:
    rules(house, {**ALL_WAYS, "rules": [{"name": "Mirar", "when": {"product": ["TAZA"]}, "then": {"decision": "ask"}}]})
    case = opened(house, Wish((WishLine("1", 2, "unwanted"),), method="drop_off"))
    assert (case.state, mails(house)) == ("requested", ["return_requested"])
    with pytest.raises(ValueError, match="within the days of withdrawal"):
        staff(house, return_desk.decline, case, reason="No")
    with pytest.raises(ValueError, match="asked for are 2 of line 1"):
        staff(house, return_desk.approve, case, lines=[("1", 3)])
    with pytest.raises(ValueError, match="on a legal ground only"):
        staff(house, return_desk.approve, case, lines=[("1", 1)])
    staff(house, return_desk.approve, case, lines=[("1", 1)], ground=Exemption.SEALED_HYGIENE)
    agreed = case_of(house, case.number)
    assert (agreed.state, agreed.accepted, agreed.quoted["refund"], agreed.decided_by) == ("approved", [["1", 1]], "10.00", "jon")
    staff(house, return_goods.receive, case)
    house.run()
    assert peer.books.paid == [Decimal("10.00")]
    assert [choice.left for choice in asked(house, Wish()).lines] == [2, 1], "what was not agreed to may be asked for again"


def test_a_return_in_two_parcels_is_paid_with_the_last_and_restocked_by_what_was_found(house: House, peer: WooCommercePeer) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "refund_when": "after_inspection"}})
    case = opened(house, Wish((WishLine("1", 2, "unwanted"), WishLine("2", 1, "broken")), method="drop_off"))
    staff(house, return_goods.receive, case, lines=[("1", 2)], grades=[Grade("1", 2, FINE, restock=True)])
    assert case_of(house, case.number).state == "approved"
    with pytest.raises(ValueError, match="expected are 1 of line 2"):
        staff(house, return_goods.receive, case, lines=[("1", 1)])
    staff(house, return_goods.receive, case)
    assert case_of(house, case.number).settled_at is None
    with pytest.raises(ValueError, match="cannot be put back into stock"):
        staff(house, return_goods.inspect, case, [Grade("2", 1, DAMAGED, restock=True)])
    staff(house, return_goods.inspect, case, [Grade("2", 1, DAMAGED)])
    house.run()
    assert sorted(peer.books.paid) == [Decimal("20.00"), Decimal("20.00")], "one refund with goods into stock, one without"
    assert case_of(house, case.number).state == "closed"


def test_what_was_found_damaged_without_being_said_so_waits_for_a_person(house: House, peer: WooCommercePeer) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "refund_when": "after_inspection"}})
    case = opened(house)
    staff(house, return_goods.receive, case, grades=[Grade("1", 1, DAMAGED)])
    house.run()
    assert (peer.books.paid, case_of(house, case.number).settled_at) == ([], None)
    assert staff(house, return_desk.release, case, amount=Decimal("7.50"), reason="Llegó con un golpe")
    house.run()
    assert peer.books.paid == [Decimal("7.50")]


def test_a_scan_is_enough_where_the_rules_say_so(house: House, peer: WooCommercePeer) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "refund_when": "at_first_scan"}})
    case = opened(house, replace(CUP, method="printed_label"))
    house.clock.advance(minutes=1)
    house.run()
    with transaction(house.engine) as session:  # as if a delivery told it
        told = Reading((ReturnScanned(str(ORDER), now(), case.ref),))
        process_inbound.absorb(session, house.world, shop_of(house, session), told, None)
    for _ in range(2):
        staff(house, return_goods.scanned, case, now())
    house.run()
    assert (peer.books.paid, case_of(house, case.number).state) == ([Decimal("10.00")], "approved")
    with transaction(house.engine) as session, pytest.raises(TooLate):
        customer_return.cancel(session, house.world, shop_of(house, session), case.number)


def test_a_credit_is_a_code_with_its_bonus_and_its_mail_waits_until_it_works(house: House, peer: WooCommercePeer) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "bonus": 10}})
    case = opened(house, replace(CUP, resolution="store_credit"))
    staff(house, return_goods.receive, case)
    assert "return_credited" not in [effect.followup for effect in house.effects(kind="mail")]
    assert mails(house)[-1] == "return_credited"
    (coupon,) = peer.books.coupons
    settled = case_of(house, case.number)
    assert (str(coupon["code"]).upper(), Decimal(str(coupon["amount"]))) == (settled.quoted["code"], Decimal("11.00"))
    assert settled.quoted["code"] in last_words(house)
    assert peer.books.paid == []
    everything = asked(house, Wish((WishLine("1", 2, "unwanted"), WishLine("2", 1, "unwanted")), method="drop_off"))
    assert everything.sums.refund == Decimal("40.00"), "what was credited is not paid again"


def test_goods_that_a_delivery_tells_of_are_paid_and_the_return_is_over(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, replace(CUP, note="Gracias\0"))
    with transaction(house.engine) as session:
        told = Reading((ReturnReceived(str(ORDER), now(), case.ref),))
        process_inbound.absorb(session, house.world, shop_of(house, session), told, None)
    house.run()
    done = case_of(house, case.number)
    assert (peer.books.paid, done.state, done.wish["note"]) == ([Decimal("10.00")], "closed", "Gracias")


def test_what_is_kept_is_paid_at_once_and_nothing_is_sent(house: House, peer: WooCommercePeer) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "keep": 30}})
    case = opened(house, Wish((WishLine("1", 1, "unwanted"),), "keep_item"))
    assert (case.method, mails(house)) == ("", ["return_approved"])
    assert "quédate con lo que compraste" in last_words(house)
    assert (peer.books.paid, case_of(house, case.number).state) == ([Decimal("3.00")], "closed")


def test_what_only_a_person_can_do_is_an_alarm_until_it_is_done(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, replace(CUP, resolution="repair"))
    if case.state == "requested":
        staff(house, return_desk.approve, case)
    staff(house, return_goods.receive, case)
    house.run()
    with reading(house.engine) as session:
        (alarm,) = alarms.open_alarms(session)
        assert (alarm.name, case.number in alarm.subject) == ("return-by-hand", True)
    staff(house, return_desk.settled_by_hand, case, reason="Enviado")
    with reading(house.engine) as session:
        assert alarms.open_alarms(session) == []
    assert (case_of(house, case.number).state, peer.books.paid) == ("closed", [])
