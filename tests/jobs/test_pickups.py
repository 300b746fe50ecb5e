"""A driver is ordered once, whatever the carrier's answers and silences; who is not wanted any more is called off; who came in vain is told of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select, update

from jobs import customer_change, customer_return, open_return, return_desk, return_goods, sync_tracking
from jobs.customer_return import TooLate
from jobs.erase_customer import Lock, erase_customer
from jobs.pickups import choose, look_after
from jobs.pickups.carry import carry
from postventa import effects
from postventa.clock import now, real_now
from postventa.models import Effect, LabelTracking, ReturnCase
from postventa.models.db import reading, transaction
from postventa.privacy.gather import gather
from postventa.privacy.people import Person
from postventa.returns import appointment
from postventa.returns.appointment import Appointment, Stage
from postventa.returns.slots import Slot
from postventa.returns.wish import Wish
from tests.conftest import TestClock
from tests.jobs.carrier_house import alarm_names
from tests.peers.sendcloud import PICKUPS, SendcloudPeer
from tests.peers.shop import BROKEN, CUT, Fault, Reply
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House
from tests.pipeline.stories import DAY
from tests.returns.scene import CUP, asked, build, case_of, last_words, mails, opened, rules, shop_of, staff

pytestmark = pytest.mark.usefixtures("quickly")

WAYS = {"default": {"methods": ["pickup", "drop_off"], "resolutions": ["refund"], "refund_when": "at_first_scan"}}
HOME = replace(CUP, method="pickup")


@pytest.fixture
def house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer, peer: SendcloudPeer) -> House:
    made = build(sqlite_engine, clock, tmp_path, shop, carriers={"sendcloud": peer.account(pickup_carrier="correos_express")}, carrier="sendcloud")
    rules(made, WAYS)
    return made


def slots(house: House) -> tuple[Slot, ...]:
    return asked(house, HOME).slots


def wished(house: House, which: int = 0) -> Wish:
    return replace(HOME, slot=slots(house)[which].code)


def stands(house: House, case: ReturnCase) -> Appointment:
    found = appointment.of(case_of(house, case.number))
    assert found is not None
    return found


def effect(house: House, name: str = "pickup_order", turn: int = 1) -> Effect:
    return next(one for one in house.effects(kind="pickup") if one.followup == name and one.data["turn"] == turn)


def work(house: House, name: str = "pickup_order", turn: int = 1) -> Effect:
    """Run the job, its pause being over."""
    with transaction(house.engine) as session:
        session.execute(update(Effect).where(Effect.kind == "pickup").values(not_before=real_now()))
    carry(effect(house, name, turn).id)
    return effect(house, name, turn)


def move(house: House, case: ReturnCase, slot: Slot) -> None:
    with transaction(house.engine) as session:
        choose.choose(session, house.world, shop_of(house, session), case.number, slot.code)


def ripen(house: House) -> None:
    """The doubt has lasted long enough."""
    with transaction(house.engine) as session:
        row = session.scalars(select(Effect).where(Effect.followup == "pickup_order")).one()
        row.data = {**row.data, "doubt": (real_now() - timedelta(seconds=house.settings.recovery.doubt_after + 1)).isoformat()}


def pass_by(house: House, span: timedelta = timedelta(minutes=6)) -> None:
    house.clock.advance(seconds=span.total_seconds())
    house.run()


def test_a_driver_is_ordered_for_the_chosen_hours_and_the_mail_says_when(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    assert mails(house)[-1] == "return_label"
    words = last_words(house)
    assert "Recogida en casa" in words
    assert "entre las 9 y las 14 h" in words
    assert peer.coming == [(f"{case.number}-1", "2026-11-06T08:00:00Z")]
    assert peer.pickups[0]["address"]["phone_number"] == "+34600000000"
    assert (stands(house, case).stage, stands(house, case).ref, case_of(house, case.number).pickup_on) == (Stage.ORDERED, "294247", "2026-11-06")
    peer.pickups[0]["status"] = "CREATED"
    pass_by(house)
    assert effect(house, "pickup_check").state == "done"


def test_fifty_confirmations_at_once_make_one_pickup(house: House, peer: SendcloudPeer) -> None:
    wish = wished(house)
    with ThreadPoolExecutor(10) as crowd:
        numbers = {case.number for case in crowd.map(lambda _: opened(house, wish), range(50))}
        house.clock.advance(minutes=1)
        list(crowd.map(lambda _: carry(effect(house).id), range(50)))
    assert (len(numbers), len(peer.pickups), len(house.effects(kind="pickup"))) == (1, 1, 2)


@pytest.mark.parametrize(
    ("fault", "made"),
    [(Fault("POST", CUT, PICKUPS, after=True), 1), (Fault("POST", CUT, PICKUPS), 0), (Fault("POST", BROKEN, PICKUPS, after=True), 1)],
)
def test_after_a_doubt_it_is_looked_for_and_ordered_only_if_it_is_not_there(house: House, peer: SendcloudPeer, fault: Fault, made: int) -> None:
    case = opened(house, wished(house))
    house.clock.advance(minutes=1)
    peer.faults.append(replace(fault))
    doubtful = work(house)
    assert (doubtful.state, "looks first" in doubtful.reason, len(peer.pickups)) == ("planned", True, made)
    waiting = work(house)
    assert waiting.state == ("done" if made else "planned")
    ripen(house) if not made else None
    assert (work(house).state, len(peer.pickups), stands(house, case).stage) == ("done", 1, Stage.ORDERED)


def test_a_worker_that_dies_while_the_carrier_answers_leaves_a_doubt_that_looking_ends(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    house.clock.advance(minutes=1)
    work(house)
    with transaction(house.engine) as session:  # as it stood when it died: ordered there, and nothing of that here
        row = session.get_one(ReturnCase, case.id)
        appointment.put(row, stands(house, case).at(Stage.WANTED, ref=""))
        late = {"state": "sending", "done_at": None, "lease_until": real_now() - timedelta(seconds=1)}
        session.execute(update(Effect).where(Effect.followup == "pickup_order").values(**late))
        session.execute(delete(Effect).where(Effect.followup == "pickup_check"))
    with transaction(house.engine) as session:
        assert effects.mend(session, 900, lambda owner: False) == [effect(house).id]
    assert (work(house).state, len(peer.pickups), stands(house, case).ref) == ("done", 1, "294247")


def test_who_is_called_off_in_the_doubt_is_called_off_at_the_carrier(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    house.clock.advance(minutes=1)
    peer.faults.append(Fault("POST", CUT, PICKUPS, after=True))
    work(house)
    with transaction(house.engine) as session:
        open_return.void(session, house.settings, shop_of(house, session), case.number, "se lo queda", actor="test")
    assert work(house).state == "done"
    house.run()
    assert (peer.coming, effect(house, "pickup_call_off").state, stands(house, case).stage) == ([], "done", Stage.OFF)


def test_who_may_come_to_the_door_of_an_erased_customer_is_looked_for_and_called_off(house: House, peer: SendcloudPeer) -> None:
    opened(house, wished(house))
    house.clock.advance(minutes=1)
    peer.faults.append(Fault("POST", CUT, PICKUPS, after=True))
    work(house)
    with transaction(house.engine) as session:
        erase_customer(session, house.shops["woocommerce"], Person(email="ana@cliente.example"), Lock(b"", 0))
    assert work(house).state == "done"
    house.run()
    assert (peer.coming, effect(house, "pickup_call_off").state) == ([], "done")


def test_a_carrier_that_says_no_asks_the_customer_for_another_day_and_a_person_to_look(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    peer.faults.append(Fault("POST", Reply(400, {"errors": [{"detail": "No pickups in that postcode"}]}), PICKUPS))
    assert "return_pickup_again" in mails(house)
    assert (effect(house).state, stands(house, case).stage, "No pickups in that postcode" in stands(house, case).why) == ("dead", Stage.REFUSED, True)
    assert [name for name, _ in alarm_names(house)] == ["pickup-trouble"]
    assert any("No hemos podido concertar la recogida" in str(mail.get_body(("plain",))) for mail in house.postman.mails)
    move(house, case, slots(house)[2])
    assert mails(house)[-1] == "return_pickup"
    assert "El lunes, 9 de noviembre, entre las 9 y las 14 h" in last_words(house)
    assert [reference for reference, _ in peer.coming] == [f"{case.number}-2"]


def test_a_carrier_that_says_no_later_is_heard_too(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    mails(house)
    pass_by(house)
    assert effect(house, "pickup_check").state == "planned", "it has not said yet"
    peer.pickups[0]["status"] = "FAILED"
    work(house, "pickup_check")
    assert (stands(house, case).stage, mails(house)[-1]) == (Stage.REFUSED, "return_pickup_again")


def test_keys_that_are_refused_rest_and_cost_no_try(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    house.clock.advance(minutes=1)
    peer.faults.append(Fault("POST", Reply(401), PICKUPS))
    assert work(house).reason.startswith("waits:")
    assert ("carrier-refuses-us", "Cerámica Alba, sendcloud") in alarm_names(house)
    assert (work(house).state, stands(house, case).stage) == ("done", Stage.ORDERED)


def test_moved_before_it_was_ordered_it_is_ordered_once_and_moved_after_that_the_first_is_called_off(house: House, peer: SendcloudPeer) -> None:
    case, first, second, third = opened(house, wished(house)), *slots(house)[:3]
    assert first.day == stands(house, case).slot.day
    move(house, case, second)
    mails(house)
    assert [reference for reference, _ in peer.coming] == [f"{case.number}-2"]
    move(house, case, third)
    move(house, case, third)
    pass_by(house)
    assert peer.coming == [(f"{case.number}-3", "2026-11-09T08:00:00Z")]
    assert (len(peer.pickups), stands(house, case).turn, len(stands(house, case).earlier)) == (2, 3, 2)


@pytest.mark.parametrize("ordered", [True, False])
def test_another_number_for_the_same_hours_reaches_the_carrier(house: House, peer: SendcloudPeer, ordered: bool) -> None:
    case = opened(house, wished(house))
    if ordered:
        pass_by(house)
    for _ in range(2):
        with transaction(house.engine) as session:
            choose.choose(session, house.world, shop_of(house, session), case.number, slots(house)[0].code, phone="+34600111222")
    pass_by(house)
    numbers = [told["address"]["phone_number"] for told in peer.pickups]
    assert (numbers[-1], len(numbers), len(peer.coming)) == ("+34600111222", 2 if ordered else 1, 1), "the first is called off"
    assert (stands(house, case).slot, stands(house, case).stage) == (slots(house)[0], Stage.ORDERED)


def test_a_number_that_comes_with_a_change_that_changes_nothing_else_is_no_less_heard(house: House, peer: SendcloudPeer) -> None:
    wish = wished(house)
    case = opened(house, wish)
    with transaction(house.engine) as session:
        seen = customer_change.stamp(case_of(house, case.number))
        customer_change.change(session, house.world, shop_of(house, session), case.number, wish, seen=seen, phone="+34600111222")
    assert stands(house, case).phone == "+34600111222"


def test_when_the_driver_has_his_list_nothing_moves_and_when_nobody_came_everything_does(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    mails(house)
    pass_by(house, timedelta(hours=3))  # Thursday afternoon: tomorrow's round is made
    with pytest.raises(TooLate):
        move(house, case, slots(house)[0])
    with transaction(house.engine) as session, pytest.raises(TooLate):
        choose.call_off(session, shop_of(house, session), case.number)
    pass_by(house, DAY)
    move(house, case, slots(house)[0])
    pass_by(house)
    assert [reference for reference, _ in peer.coming] == [f"{case.number}-1", f"{case.number}-2"], "whoever did not come is not called off"


def changed(house: House, case: ReturnCase, wish: Wish) -> None:
    seen = customer_change.stamp(case_of(house, case.number))
    with transaction(house.engine) as session:
        customer_change.change(session, house.world, shop_of(house, session), case.number, wish, seen=seen)


def test_a_change_of_the_return_moves_nobody_whom_the_pickups_page_would_not(house: House, peer: SendcloudPeer) -> None:
    case, held = opened(house, wished(house)), wished(house)
    mails(house)
    pass_by(house, timedelta(hours=3))
    for wish in (wished(house), replace(HOME, method="drop_off")):
        with pytest.raises(TooLate):
            changed(house, case, wish)
    changed(house, case, replace(held, note="El timbre no suena"))
    assert (len(peer.coming), stands(house, case).turn, case_of(house, case.number).wish["note"]) == (1, 1, "El timbre no suena")


def test_a_change_of_the_return_sends_for_no_more_drivers_either(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    with transaction(house.engine) as session:
        appointment.put(session.get_one(ReturnCase, case.id), replace(stands(house, case), turn=choose.MOST))
    with pytest.raises(TooLate):
        changed(house, case, wished(house, 1))


def test_a_customer_who_saw_a_pickup_that_is_none_any_more_is_shown_it_again(house: House) -> None:
    case = opened(house, wished(house))
    seen = customer_change.stamp(case_of(house, case.number))
    with transaction(house.engine) as session:
        appointment.put(session.get_one(ReturnCase, case.id), stands(house, case).at(Stage.REFUSED))
    assert customer_change.stamp(case_of(house, case.number)) != seen


def test_what_the_driver_has_is_the_customers_to_change_no_more(house: House) -> None:
    case, held = opened(house, wished(house)), wished(house)
    mails(house)
    with transaction(house.engine) as session:
        choose.taken_by_hand(session, shop_of(house, session), case.number, actor="jon")
    with pytest.raises(TooLate):
        changed(house, case, replace(held, note="El timbre no suena"))
    with transaction(house.engine) as session, pytest.raises(TooLate):
        customer_return.cancel(session, house.world, shop_of(house, session), case.number)


def test_a_customer_sends_for_so_many_drivers_and_no_more(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    with transaction(house.engine) as session:
        appointment.put(session.get_one(ReturnCase, case.id), replace(stands(house, case), turn=choose.MOST))
    with pytest.raises(TooLate):
        move(house, case, slots(house)[1])
    with transaction(house.engine) as session:
        choose.choose(session, house.world, shop_of(house, session), case.number, slots(house)[1].code, actor="account:1")
    assert stands(house, case).turn == choose.MOST + 1


def test_what_is_called_off_elsewhere_or_is_back_needs_nobody(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    mails(house)
    staff(house, return_goods.receive, case)
    look_after.look_all(house.world)
    house.run()
    assert (peer.coming, stands(house, case).stage, case_of(house, case.number).pickup_on) == ([], Stage.OFF, "")


def test_who_comes_on_a_later_day_than_the_parcel_left_is_called_off(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    mails(house)
    with transaction(house.engine) as session:
        return_goods.scanned(session, house.world, shop_of(house, session), case.number, now())
    look_after.look_all(house.world)
    pass_by(house)
    assert (stands(house, case).stage, peer.coming) == (Stage.OFF, []), "a person took the customer's proof, or the post office has it"


def test_a_shop_that_left_the_file_keeps_no_other_shops_drivers_waiting(house: House, caplog: pytest.LogCaptureFixture) -> None:
    case = opened(house, wished(house))
    mails(house)
    staff(house, return_goods.receive, case)
    house.world.settings.shops.clear()
    look_after.look_all(house.world)
    assert ("a pickup waits" in caplog.text, stands(house, case).stage) == (True, Stage.ORDERED)


def test_a_carrier_that_comes_all_the_same_is_a_persons_to_call(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    mails(house)
    peer.cancels = "never"
    with transaction(house.engine) as session:
        customer_return.cancel(session, house.world, shop_of(house, session), case.number)
    pass_by(house)
    assert (effect(house, "pickup_call_off").state, [name for name, _ in alarm_names(house)]) == ("dead", ["pickup-trouble"])


def test_who_came_in_vain_is_told_of_once_and_another_day_may_be_chosen(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    mails(house)
    number = "SC1000"
    house.clock.advance(hours=24)
    for _ in range(2):
        peer.statuses[number] = [(now() - timedelta(hours=1), "announced"), (now(), "collect-error")]
        with transaction(house.engine) as session:
            session.execute(update(LabelTracking).values(next_at=now()))
        sync_tracking.look_all(house.world)
        sync_tracking.sync(house.shops["woocommerce"])
    assert mails(house).count("return_pickup_again") == 1
    assert "no se ha podido recoger" in last_words(house)
    assert (stands(house, case).stage, case_of(house, case.number).scanned_at) == (Stage.MISSED, None)


def test_a_return_that_a_person_has_to_agree_to_is_fetched_after_that_or_not_at_all(house: House, peer: SendcloudPeer) -> None:
    rules(house, {"default": {**WAYS["default"], "decision": "ask"}})
    early, late = opened(house, wished(house)), opened(house, replace(wished(house, 1), lines=(replace(CUP.lines[0], ref="2"),)), key="form-2")
    pass_by(house)
    assert peer.pickups == []
    staff(house, return_desk.approve, early)
    pass_by(house, timedelta(hours=3))
    assert [reference for reference, _ in peer.coming] == [f"{early.number}-1"]
    staff(house, return_desk.approve, late)
    assert (stands(house, late).stage, "return_pickup_again" in mails(house)) == (Stage.REFUSED, True)


def test_an_erasure_takes_the_telephone_number_and_an_export_tells_it(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    mails(house)
    person = Person(email="ana@cliente.example")
    with transaction(house.engine) as session:
        told = gather(session, house.shops["woocommerce"], person, house.world.secret)
        assert told.document["return_case"][0]["pickup"]["phone"] == "+34600000000"
        erase_customer(session, house.shops["woocommerce"], person, Lock(b"", 0))
    assert (case_of(house, case.number).pickup, case_of(house, case.number).pickup_on) == ({}, "")
    pass_by(house)
    assert (len(peer.pickups), peer.coming) == (1, []), "nobody comes to a door that is forgotten"
    with reading(house.engine) as session:
        assert not [one.data for one in session.scalars(select(Effect)) if "600000000" in str(one.data)]


def test_what_nobody_can_say_a_person_settles(house: House, peer: SendcloudPeer) -> None:
    case = opened(house, wished(house))
    house.clock.advance(minutes=1)
    peer.faults += [Fault("POST", CUT, PICKUPS, after=True), Fault("GET", Reply(404, {"errors": []}), PICKUPS, times=99)]
    work(house)
    assert (work(house).state, [name for name, _ in alarm_names(house)]) == ("unknown", ["pickup-trouble"])
    with transaction(house.engine) as session:
        choose.done_by_hand(session, house.world, shop_of(house, session), case.number, actor="jon", reason="está en el panel")
    assert (effect(house).state, stands(house, case).stage, len(peer.pickups)) == ("done", Stage.ORDERED, 1)
