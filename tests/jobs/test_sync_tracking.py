"""Carriers are asked where parcels are: often when it matters, at their pace, and what they tell is what a shop could have told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from jobs import sync_tracking
from jobs.erase_customer import Lock, erase_customer
from postventa.clock import real_now
from postventa.models import CarrierAccount, Effect, Order, Parcel, Tracking
from postventa.models.db import reading, transaction
from postventa.privacy.people import Person
from tests.jobs.carrier_house import DAY, HOUR, LEFT, NOON, alarm_names, ask, days, followed, rested, scans, sell, tell
from tests.peers.sendcloud import SendcloudPeer
from tests.peers.shop import BROKEN, LOGIN_PAGE, REVOKED, Fault, Reply
from tests.pipeline.house import House
from tests.pipeline.stories import ShopifyOrder

pytestmark = pytest.mark.usefixtures("quickly")

MORNING = LEFT + DAY - 4 * HOUR
"""Nine o'clock of the day after."""
JOURNEY = [(LEFT + HOUR, "shipment-on-route"), (MORNING, "driver-on-route"), (MORNING + 3 * HOUR, "delivered")]


def happened(peer: SendcloudPeer, house: House, number: str = "PK1") -> None:
    """The carrier tells what has happened by now."""
    peer.statuses[number] = [(at, word) for at, word in JOURNEY if at <= house.clock.now()]


def test_a_parcel_is_followed_to_the_door_and_each_step_is_told_once(house: House, peer: SendcloudPeer) -> None:
    sell(house)
    for moment in (LEFT + 2 * HOUR, MORNING + HOUR, MORNING + 4 * HOUR, MORNING + 2 * DAY):
        house.until(moment)
        happened(peer, house)
        ask(house)
    sent = house.sent()
    assert {name: count for (name, _), count in sent.items() if name in ("shipped", "out_for_delivery", "delivered")} == {
        "shipped": 1, "out_for_delivery": 1, "delivered": 1,
    }  # fmt: skip
    assert [status for _, status in scans(house)] == ["in_transit", "out_for_delivery", "delivered"]
    (row,) = followed(house)
    assert (row.ended, row.status, row.failures, row.claimed_until) == ("delivered", "delivered", 0, None)
    asked = len(peer.calls)
    house.until(MORNING + 5 * DAY)
    ask(house)
    assert len(peer.calls) == asked, "nobody asks about a parcel that arrived"


def test_it_is_asked_every_quarter_of_an_hour_on_the_day_and_seldom_before(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    peer.statuses["PK1"], peer.expected["PK1"] = JOURNEY[:1], f"{MORNING + DAY:%Y-%m-%d}"
    sqlite_house.until(LEFT + 2 * HOUR)
    days(sqlite_house, MORNING + 8 * HOUR)
    before = len(peer.calls)
    assert 12 <= before <= 14, "every two hours"
    peer.statuses["PK1"] = [*JOURNEY[:1], (MORNING + DAY, "driver-on-route")]
    days(sqlite_house, MORNING + DAY)
    before = len(peer.calls)
    days(sqlite_house, MORNING + DAY + 2 * HOUR)
    assert 7 <= len(peer.calls) - before <= 9


def test_a_carrier_that_does_not_answer_is_left_alone_and_nothing_is_lost(house: House, peer: SendcloudPeer) -> None:
    sell(house)
    sell(house, 4002, "PK2")
    for number in ("PK1", "PK2"):
        happened(peer, house, number)
    peer.trouble = BROKEN
    ask(house)
    ask(house)
    assert len(peer.calls) == 1, "one question told us, and the others wait"
    peer.trouble = None
    house.until(house.clock.now() + 20 * timedelta(minutes=1))
    rested(house)
    ask(house)
    assert {row.trouble for row in followed(house)} == {""}
    with reading(house.engine) as session:
        assert session.scalar(select(CarrierAccount.failures)) == 0
    assert len(peer.calls) == 3


def test_one_parcel_that_breaks_its_answers_does_not_stand_in_the_others_way(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    sell(sqlite_house, 4002, "PK2")
    happened(peer, sqlite_house, "PK2")
    peer.faults.append(Fault("GET", LOGIN_PAGE, holds="PK1", times=99))
    for _ in range(4):
        ask(sqlite_house)
        rested(sqlite_house)
    broken, other = followed(sqlite_house)
    assert (broken.failures, "not JSON" in broken.trouble, other.asked_at is not None, other.failures) == (1, True, True, 0)


def test_keys_that_are_refused_are_an_alarm_until_they_are_taken_again(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    peer.trouble = REVOKED
    ask(sqlite_house)
    assert ("carrier-refuses-us", "Cerámica Alba, sendcloud") in alarm_names(sqlite_house)
    peer.trouble = None
    sqlite_house.until(NOON + DAY)
    rested(sqlite_house)
    ask(sqlite_house)
    assert alarm_names(sqlite_house) == []


def test_it_asks_for_patience_and_gets_it(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    peer.trouble = Reply(429, None, (("Retry-After", "1800"),))
    ask(sqlite_house)
    (row,) = followed(sqlite_house)
    assert row.next_at - sqlite_house.clock.now() >= timedelta(seconds=1800)


def test_a_word_that_nobody_knows_is_kept_and_shown_once_and_told_to_nobody(sqlite_house: House, peer: SendcloudPeer) -> None:
    for ref in (4001, 4002):
        sell(sqlite_house, ref, f"PK{ref}")
        peer.statuses[f"PK{ref}"] = [(LEFT, "shipment-on-route"), (LEFT + timedelta(minutes=5), "eaten-by-a-dog")]
    sqlite_house.until(LEFT + HOUR)
    mails = len(sqlite_house.postman.mails)
    ask(sqlite_house)
    assert alarm_names(sqlite_house) == [("carrier-status-unknown", "eaten-by-a-dog")]
    assert ("eaten-by-a-dog", "unknown") in scans(sqlite_house)
    assert {row.status for row in followed(sqlite_house)} == {"in_transit"}
    assert len(sqlite_house.postman.mails) == mails


def test_a_parcel_that_comes_back_is_for_a_person(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    peer.statuses["PK1"] = [(LEFT + DAY, "refused-by-recipient")]
    sqlite_house.until(LEFT + 2 * DAY)
    ask(sqlite_house)
    assert alarm_names(sqlite_house) == [("parcel-comes-back", "Cerámica Alba, 4001")]
    assert followed(sqlite_house)[0].ended == "returned"


def test_the_past_and_what_the_shop_said_to_be_delivered_are_not_asked_about(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    with transaction(sqlite_house.engine) as session:
        session.execute(update(Order).values(imported=True))
    tell(sqlite_house, sell(sqlite_house, 4002, "PK2").tell(after=HOUR, status="entregado"))
    ask(sqlite_house)
    assert (followed(sqlite_house), peer.calls) == ([], [])


def test_a_silent_parcel_is_given_up_after_a_month_and_an_erased_one_at_once(sqlite_house: House, peer: SendcloudPeer) -> None:
    for ref in (4001, 4002):
        sell(sqlite_house, ref, f"PK{ref}")
    peer.statuses["PK4002"] = JOURNEY[:1]
    sqlite_house.until(LEFT + 2 * HOUR)
    ask(sqlite_house)
    with transaction(sqlite_house.engine) as session:
        erase_customer(session, sqlite_house.shops["woocommerce"], Person(email="4002@cliente.example"), Lock(b"", 0))
    sqlite_house.until(LEFT + 31 * DAY)
    ask(sqlite_house)
    assert [(row.ended, row.status) for row in followed(sqlite_house)] == [("silent", ""), ("erased", "in_transit")]
    assert len(peer.calls) == 3


def test_one_job_takes_on_so_many_and_the_rest_keep_their_turn(sqlite_house: House, peer: SendcloudPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_tracking, "PIECE", 2)
    for ref in range(4001, 4006):
        sell(sqlite_house, ref, f"PK{ref}")
    sqlite_house.until(LEFT + HOUR)
    for asked in (2, 4, 5, 5):
        ask(sqlite_house)
        assert len(peer.calls) == asked
    assert len({call.path for call in peer.calls}) == 5


def test_what_a_carrier_told_is_shown_in_shopify_and_what_the_shop_told_is_not(sqlite_house: House, peer: SendcloudPeer) -> None:
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR)
    tell(sqlite_house, order)
    sqlite_house.until(NOON + 4 * HOUR)
    peer.statuses["PK901"] = [(NOON + 2 * HOUR, "driver-on-route"), (NOON + 3 * HOUR, "delivered")]
    order.scan(901, "out_for_delivery", after=HOUR)
    for sent in order.sent:
        sqlite_house.deliver("shopify", sent)
    sync_tracking.look_all(sqlite_house.world)
    sync_tracking.sync(sqlite_house.shops["shopify"])
    with reading(sqlite_house.engine) as session:
        wanted = [
            json.loads(json.dumps(row.data["wanted"]))["status"] for row in session.scalars(select(Effect).where(Effect.followup == "write_scan"))
        ]
        parcel = session.scalars(select(Parcel).where(Parcel.ref == "901")).one()
    assert wanted == ["delivered"]
    assert (parcel.out_for_delivery_at, parcel.delivered_at) == (NOON + 2 * HOUR, NOON + 3 * HOUR), "the earliest telling stands"


def test_a_shop_without_an_account_costs_nothing_and_follows_its_own_events(sqlite_house: House, peer: SendcloudPeer) -> None:
    sqlite_house.settings.shops[0].carriers.sendcloud.__dict__["track"] = False
    tell(sqlite_house, sell(sqlite_house).tell(after=DAY, status="entregado"))
    ask(sqlite_house)
    assert (followed(sqlite_house), peer.calls) == ([], [])
    sqlite_house.until(NOON + 2 * DAY)
    assert ("delivered", "") in sqlite_house.sent()


def test_a_worker_that_died_in_the_middle_leaves_the_parcel_to_the_next(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    sync_tracking.look_all(sqlite_house.world)
    with transaction(sqlite_house.engine) as session:
        session.execute(update(Tracking).values(claimed_until=real_now() + timedelta(minutes=1)))
    ask(sqlite_house)
    assert peer.calls == []
    with transaction(sqlite_house.engine) as session:
        session.execute(update(Tracking).values(claimed_until=real_now() - timedelta(seconds=1)))
    ask(sqlite_house)
    assert len(peer.calls) == 1


def test_a_parcel_that_makes_us_fail_is_in_nobodys_way(sqlite_house: House, peer: SendcloudPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(sqlite_house)
    sell(sqlite_house, 4002, "PK2")
    with monkeypatch.context() as broken:
        broken.setattr(sync_tracking, "learn", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ask(sqlite_house)
    ask(sqlite_house)
    ask(sqlite_house)
    assert [call.path[-3:] for call in peer.calls] == ["PK1", "PK2"]
    assert [row.asked_at is None for row in followed(sqlite_house)] == [True, False]
