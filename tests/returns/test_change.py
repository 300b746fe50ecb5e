"""A customer changes a return of hers: what it costs her no right, what it does to labels, mails and the shop's yes, and that it happens once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from jobs import by_hand, customer_change, customer_return, return_desk, return_goods
from jobs.customer_change import Busy, Overtaken
from jobs.customer_return import Refused, TooLate
from jobs.label_anew import freight
from postventa import state
from postventa.clock import now
from postventa.events import ReturnApproved, ReturnScanned
from postventa.models import Effect, EventRow, LabelRow, OrderLine, ReturnCase, State
from postventa.models.db import reading, transaction
from postventa.returns.wish import Swap, Wish, WishLine
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House
from tests.pipeline.stories import DAY, NOON
from tests.returns.scene import ALL_WAYS, CUP, ORDER, build, case_of, last_words, mails, opened, rules, shop_of, staff
from tests.scenarios import scenario

LABEL = replace(CUP, method="printed_label")
TWO = Wish((WishLine("1", 2, "unwanted"),), method="printed_label")
BOWL_TOO = Wish((WishLine("1", 1, "unwanted"), WishLine("2", 1, "unwanted")), method="printed_label")
ASK_TWO = {**ALL_WAYS, "rules": [{"name": "Vales, mirar", "when": {"resolution": ["store_credit"]}, "then": {"decision": "ask"}}]}


def changed(house: House, case: ReturnCase, wish: Wish, seen: str = "") -> ReturnCase:
    stands = seen or customer_change.stamp(case_of(house, case.number))
    with transaction(house.engine) as session:
        made = customer_change.change(session, house.world, shop_of(house, session), case.number, wish, seen=stands)
        session.expunge_all()
    return made


def labels(house: House) -> list[tuple[str, bool]]:
    """(reference, whether it holds) of all that were made."""
    with reading(house.engine) as session:
        return [(row.reference, row.voided_at is None) for row in session.scalars(select(LabelRow).order_by(LabelRow.id))]


def weigh(house: House, grams: int) -> None:
    with transaction(house.engine) as session:
        for line in session.scalars(select(OrderLine)):
            line.weight_g = grams


def test_other_goods_another_reason_and_another_end_in_place(house: House, peer: WooCommercePeer) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, LABEL)
    assert mails(house) == ["return_label"]
    wish = Wish((WishLine("1", 2, "look"), WishLine("2", 1, "unwanted")), "store_credit", "printed_label", "En dos cajas")
    after = changed(house, case, wish)
    assert (after.number, after.state, after.lines, after.resolution) == (case.number, "approved", [["1", 2], ["2", 1]], "store_credit")
    assert (after.quoted["refund"], after.wish["note"], after.wish["lines"][0]["reason"]) == ("40.00", "En dos cajas", "look")
    assert mails(house) == ["return_label", "return_changed"]
    assert "40,00" in last_words(house)
    assert "Lo que te dijimos antes ya no vale" in last_words(house)
    assert labels(house) == [(case.number, True)], "nobody knows the weights, so the label fits as well as before"
    (told,) = after.changes
    assert (told["before"]["lines"], told["before"]["refund"], told["after"]["refund"], told["by"]) == ([["1", 1]], "10.00", "40.00", "customer")
    with reading(house.engine) as session:
        assert session.scalars(select(EventRow.kind).where(EventRow.kind == "ReturnChanged")).all() == ["ReturnChanged"]
    staff(house, return_goods.receive, case)
    house.run()
    assert peer.books.coupons, "what is settled is what it was changed to"


def test_what_the_shop_told_of_it_before_does_not_bring_the_old_goods_back(house: House) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, TWO)
    changed(house, case, LABEL)
    with transaction(house.engine) as session:
        late = ReturnApproved(str(ORDER), now(), case.ref, (("1", 2),))
        state.apply(session, shop_of(house, session), [state.Telling((late,))])
    assert case_of(house, case.number).lines == [["1", 1]]


@pytest.mark.parametrize(("grams", "kept"), [(300, True), (900, False)])
def test_a_label_stays_while_its_parcel_is_one_for_the_carrier(house: House, grams: int, kept: bool) -> None:
    rules(house, ALL_WAYS)
    weigh(house, grams)
    case = opened(house, LABEL)
    mails(house)
    changed(house, case, BOWL_TOO)
    sent = mails(house)
    if kept:
        assert (labels(house), sent) == ([(case.number, True)], ["return_label", "return_changed"])
    else:
        assert labels(house) == [(case.number, False), (f"{case.number}-2", True)]
        assert sent == ["return_label", "return_label"], "one mail, which brings the new label"


def test_a_label_that_a_person_has_tried_again_is_still_the_second(house: House) -> None:
    rules(house, ALL_WAYS)
    weigh(house, 900)
    case = opened(house, LABEL)
    mails(house)
    changed(house, case, BOWL_TOO)
    with transaction(house.engine) as session:
        second = session.get_one(Effect, house.effects(kind="label", state="planned")[0].id)
        second.state = State.DEAD
        by_hand.resend(session, house.world, second.id, actor="jon", reason="the carrier answers again")
    mails(house)
    assert labels(house) == [(case.number, False), (f"{case.number}-2", True)]


def test_from_a_label_to_the_shop_s_door_and_back(house: House) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, LABEL)
    mails(house)
    changed(house, case, CUP)
    assert mails(house) == ["return_label", "return_approved"]
    assert labels(house) == [(case.number, False)]
    changed(house, case, LABEL)
    assert mails(house)[2:] == ["return_label"]
    assert labels(house) == [(case.number, False), (f"{case.number}-2", True)]


def test_a_label_that_somebody_of_the_shop_wants_again_is_made_again(house: House) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, LABEL)
    mails(house)
    changed(house, case, CUP)
    staff(house, customer_return.change, case, method="printed_label")
    assert mails(house)[-1] == "return_label"
    assert labels(house) == [(case.number, False), (f"{case.number}-2", True)]


def test_while_a_label_is_being_made_nobody_changes_how_it_travels(house: House) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, LABEL)
    with transaction(house.engine) as session:
        session.get_one(Effect, house.effects(kind="label")[0].id).state = State.SENDING
    with pytest.raises(TooLate):
        staff(house, customer_return.change, case, method="drop_off")
    with pytest.raises(Busy):
        changed(house, case, CUP)
    assert case_of(house, case.number).method == "printed_label"


def test_only_weight_class_and_destination_make_another_parcel() -> None:
    line = OrderLine(ref="1", weight_g=600)
    one = freight([line], [("1", 1)], {})
    assert one == freight([line], [("1", 1)], {})
    assert one != freight([line], [("1", 2)], {})
    assert one != freight([line], [("1", 1)], {"city": "Lugo"})


def test_what_a_person_has_to_agree_to_waits_for_one_again(house: House) -> None:
    rules(house, ASK_TWO)
    case = opened(house, LABEL)
    mails(house)
    after = changed(house, case, replace(LABEL, resolution="store_credit"))
    assert (after.state, after.approved_at, after.decided_by) == ("requested", None, "")
    assert mails(house) == ["return_label", "return_changed"]
    assert "no envíes nada" in last_words(house)
    assert labels(house) == [(case.number, False)], "nothing travels without a yes"
    staff(house, return_desk.approve, case)
    assert case_of(house, case.number).state == "approved"
    assert mails(house)[2:] == ["return_label"]
    assert labels(house)[-1] == (f"{case.number}-2", True)


def test_without_a_label_the_second_yes_is_told_too(house: House) -> None:
    rules(house, ASK_TWO)
    case = opened(house)
    mails(house)
    changed(house, case, replace(CUP, resolution="store_credit"))
    mails(house)
    staff(house, return_desk.approve, case)
    assert mails(house) == ["return_approved", "return_changed", "return_changed"]
    assert "queda así" in last_words(house)


def test_within_what_a_person_agreed_to_her_yes_stands(house: House) -> None:
    rules(house, {**ALL_WAYS, "rules": [{"name": "Mirar", "then": {"decision": "ask"}}]})
    case = opened(house, replace(TWO, method="drop_off"))
    staff(house, return_desk.approve, case)
    fewer = changed(house, case, CUP)
    assert (fewer.state, fewer.decided_by, fewer.quoted["refund"]) == ("approved", "jon", "10.00")
    more = changed(house, case, replace(TWO, method="drop_off"))
    assert more.state == "requested"


def test_the_day_on_which_she_opened_it_counts(house: House) -> None:
    rules(house, {"default": {**ALL_WAYS["default"], "window": 70}})
    case = opened(house)
    rules(house, {"default": {"methods": ["drop_off"], "window": 14, "fee": {"percent": 50}}})
    house.until(NOON + 60 * DAY)
    after = changed(house, case, replace(TWO, method="drop_off"))
    assert (after.state, after.quoted["refund"]) == ("approved", "20.00")


def test_her_own_return_is_none_of_her_earlier_ones(house: House) -> None:
    rules(house, {**ALL_WAYS, "rules": [{"name": "Segunda", "when": {"earlier_returns": {"from": 1}}, "then": {"decision": "ask"}}]})
    assert changed(house, opened(house), replace(TWO, method="drop_off")).state == "approved"


def test_what_was_asked_for_by_words_may_become_what_the_rules_let_through(house: House) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, replace(CUP, resolution="exchange", note="Una azul"))
    assert case.state == "requested"
    after = changed(house, case, replace(CUP, resolution="exchange", exchange=(Swap("1", "11", 1),)))
    assert (after.state, after.decided_by) == ("approved", "policy")
    assert mails(house)[-1] == "return_approved"


def test_nothing_changes_once_it_travels_is_settled_or_was_not_hers(house: House) -> None:
    rules(house, ALL_WAYS)
    case = opened(house, LABEL)
    with pytest.raises(Refused):
        changed(house, case, Wish((WishLine("1", 9, "unwanted"),), method="drop_off"))
    with transaction(house.engine) as session:
        state.apply(session, shop_of(house, session), [state.Telling((ReturnScanned(str(ORDER), now(), case.ref),))])
    with pytest.raises(TooLate):
        changed(house, case, CUP)
    kept = opened(house, Wish((WishLine("2", 1, "unwanted"),), method="drop_off"), "form-2")
    staff(house, return_desk.release, kept)
    with pytest.raises(TooLate):
        changed(house, kept, Wish((WishLine("1", 1, "unwanted"),), method="drop_off"))


@scenario("S20", budget=60)
def test_fifty_changes_at_once_are_one_and_another_page_is_shown_again(
    engine: Engine, clock: TestClock, tmp_path: Path, peer: WooCommercePeer
) -> None:
    house = build(engine, clock, tmp_path, peer)
    case, together = opened(house, LABEL), threading.Barrier(10)
    seen = customer_change.stamp(case_of(house, case.number))

    def once(place: int) -> str:
        if place < 10:
            together.wait(60)
        try:
            return str(changed(house, case, TWO if place % 2 else BOWL_TOO, seen).quoted["refund"])
        except Overtaken:
            return "overtaken"

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(once, range(50)))
    stands = case_of(house, case.number)
    assert (len(stands.changes), outcomes.count("overtaken"), outcomes.count(stands.quoted["refund"])) == (1, 25, 25)
    assert Decimal(stands.quoted["refund"]) in (Decimal("20.00"), Decimal("30.00"))
