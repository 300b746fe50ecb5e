"""What a carrier tells by itself takes the road of its answers: in any order, once for each step, and asking never ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from jobs import read_inbox, sync_tracking
from jobs.erase_customer import Lock, erase_customer
from jobs.hear_carriers import NOT_ASKED, STRANGER, hear
from jobs.process_inbound import Delivery, unread
from jobs.rehearse import rehearse
from postventa import failpoints
from postventa.clock import now
from postventa.models import CarrierAccount, Inbound, LabelTracking, Parcel
from postventa.models.db import reading
from postventa.privacy.people import Person
from postventa.tracking.webhooks import standing
from tests.conftest import TestClock
from tests.jobs.carrier_house import DAY, HOUR, LEFT, alarm_names, ask, followed, scans, sell
from tests.jobs.test_follow_returns import sent_back
from tests.peers.sendcloud import SendcloudPeer, told
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import INBOXES, House
from webhooks.inbox import Inbox, Raw

pytestmark = pytest.mark.usefixtures("quickly")

MINUTE = timedelta(minutes=1)
ON_ROUTE, DRIVER, DELIVERED, STRANGE = (91, "Parcel en route"), (92, "Driver en route"), (11, "Delivered"), (4711, "Eaten by a dog")


def store(house: House, body: bytes, platform: str = "woocommerce") -> None:
    """As the door does."""
    inbox = INBOXES.setdefault(id(house.engine), Inbox(house.engine, lambda shops: None))
    inbox.store(Raw(house.shops[platform], "sendcloud", "sendcloud", "", {}, body, received_at=now()))


def tell(house: House, status: tuple[int, str], at: datetime, number: str = "PK1", platform: str = "woocommerce") -> Inbound:
    """Sendcloud calls, and a worker reads; the delivery's row."""
    store(house, told(number, *status, at + MINUTE, carrier_at=at), platform)
    with reading(house.engine) as session:
        waiting = unread(session, house.shops[platform], 10)
    for delivery in waiting:
        hear(delivery)
    house.run()
    return house.inbound()[-1]


def mails(house: House) -> dict[str, int]:
    return {name: count for (name, _), count in house.sent().items() if name in ("out_for_delivery", "delivered", "delivery_failed")}


def test_each_step_is_told_once_whoever_tells_it_and_in_whatever_order(house: House, peer: SendcloudPeer) -> None:
    sell(house)
    house.until(LEFT + DAY)
    morning = house.clock.now() - 4 * HOUR
    assert tell(house, DRIVER, morning).state == "done"
    assert tell(house, ON_ROUTE, LEFT + HOUR).order_ref == "4001"
    assert tell(house, DRIVER, morning).state == "done"
    (row,) = followed(house)
    assert (row.status, row.told_at, row.asked_at) == ("out_for_delivery", now(), None), "late news takes it nowhere back"
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route"), (morning + timedelta(seconds=20), "driver-on-route")]
    house.until(house.clock.now() + DAY)
    ask(house)
    assert tell(house, DELIVERED, house.clock.now() - HOUR).state == "done"
    house.until(house.clock.now() + MINUTE)
    assert mails(house) == {"out_for_delivery": 1, "delivered": 1}
    assert [status for _, status in scans(house)] == ["in_transit", "out_for_delivery", "delivered"], "told and asked about: one scan"
    assert followed(house)[0].ended == "delivered"
    with reading(house.engine) as session:
        parcel = session.scalars(select(Parcel).where(Parcel.tracking_number == "PK1")).one()
        assert (parcel.out_for_delivery_at, session.scalar(select(CarrierAccount.told_at))) == (morning, now() - MINUTE)


def test_a_parcel_that_is_told_of_is_asked_about_more_rarely_and_never_left_alone(sqlite_house: House, peer: SendcloudPeer) -> None:
    for ref in (4001, 4002):
        sell(sqlite_house, ref, f"PK{ref}")
    peer.statuses["PK4001"] = peer.statuses["PK4002"] = [(LEFT + HOUR, "shipment-on-route")]
    sqlite_house.until(LEFT + 2 * HOUR)
    ask(sqlite_house)
    tell(sqlite_house, ON_ROUTE, LEFT + HOUR, "PK4001")
    quiet, usual = followed(sqlite_house)
    here = sqlite_house.clock.now()
    assert (usual.next_at - here < 2 * HOUR + MINUTE, 8 * HOUR <= quiet.next_at - here < 8 * HOUR + MINUTE) == (True, True)
    sqlite_house.until(quiet.next_at)
    peer.statuses["PK4001"] = [*peer.statuses["PK4001"], (sqlite_house.clock.now() - HOUR, "sorted")]
    ask(sqlite_house)
    again = followed(sqlite_house)[0]
    assert again.next_at - sqlite_house.clock.now() < 2 * HOUR + MINUTE, "asking found what no call had told: it is asked about as ever"


def test_calls_that_cease_are_seen_and_are_well_again_with_the_next(sqlite_house: House, peer: SendcloudPeer) -> None:
    house, shop = sqlite_house, sqlite_house.shops["woocommerce"]

    def state() -> str:
        with reading(house.engine) as session:
            return standing(session, shop, "sendcloud").state

    assert state() == "never"
    sell(house)
    house.until(LEFT + 2 * HOUR)
    tell(house, ON_ROUTE, LEFT + HOUR)
    assert state() == "well"
    house.until(LEFT + DAY)
    sync_tracking.look_all(house.world)
    assert (state(), alarm_names(house)) == ("well", []), "a parcel that does not move says nothing"
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route"), (house.clock.now() - HOUR, "sorted")]
    ask(house)
    sync_tracking.look_all(house.world)
    assert (state(), alarm_names(house)) == ("ceased", [("carrier-webhooks-ceased", "Cerámica Alba, sendcloud")])
    tell(house, DRIVER, house.clock.now() - MINUTE)
    sync_tracking.look_all(house.world)
    assert (state(), alarm_names(house)) == ("well", [])


def test_a_stranger_is_written_down_without_a_word_about_anybody(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    row = tell(sqlite_house, DELIVERED, LEFT + HOUR, "PK-OF-SOMEBODY-ELSE")
    assert (row.state, row.reason, row.body, row.order_ref) == ("ignored", STRANGER, None, "")
    row = tell(sqlite_house, DELIVERED, LEFT + HOUR, "PK1", "shopify")
    assert (row.state, mails(sqlite_house)) == ("ignored", {}), "another shop's number is a stranger, too"
    assert alarm_names(sqlite_house) == []


def test_a_parcel_of_which_nobody_asked_yet_is_taken_in(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    assert followed(sqlite_house) == []
    assert tell(sqlite_house, ON_ROUTE, LEFT + HOUR).state == "done"
    assert [row.status for row in followed(sqlite_house)] == ["in_transit"]


def test_a_word_that_nobody_knows_is_shown_to_a_person_and_told_to_nobody(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    before = len(sqlite_house.postman.mails)
    tell(sqlite_house, STRANGE, LEFT + HOUR)
    assert alarm_names(sqlite_house) == [("carrier-status-unknown", "eaten-by-a-dog")]
    assert (scans(sqlite_house), len(sqlite_house.postman.mails)) == ([("eaten-by-a-dog", "unknown")], before)


def test_what_cannot_be_read_is_poison_and_what_fails_is_tried_again(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house, shop = sqlite_house, sqlite_house.shops["woocommerce"]
    sell(house)
    store(house, b'{"action": "parcel_eaten"}')
    store(house, told("PK1", *DELIVERED, LEFT + HOUR))
    with monkeypatch.context() as broken:
        broken.setattr(failpoints, "hit", lambda name, *_: 1 / 0 if name == "read.body" else None)
        read_inbox.read_inbox(shop)
    first, second = house.inbound()[-2:]
    assert {first.state, second.state} == {"new"}
    assert "ZeroDivisionError" in second.error
    house.clock.advance(seconds=1)
    with reading(house.engine) as session:
        waiting = list(session.scalars(select(Inbound).where(Inbound.state == "new")))
    for row in waiting:
        hear(_delivery(house, row.id))
    assert [row.state for row in house.inbound()[-2:]] == ["poison", "done"]


def _delivery(house: House, number: int) -> Delivery:
    with reading(house.engine) as session:
        row = session.get_one(Inbound, number)
        return Delivery(row.id, row.shop_id, row.topic, row.body, row.received_at, row.source, row.attempts, row.platform)


def test_shop_and_carrier_are_read_in_one_turn(sqlite_house: House, peer: SendcloudPeer) -> None:
    house = sqlite_house
    order = sell(house)
    sync_tracking.look_all(house.world)
    order.tell(after=HOUR, status="entregado")
    store(house, told("PK1", *DRIVER, LEFT + HOUR))
    inbox = INBOXES[id(house.engine)]
    for sent in order.sent:
        house.clock.set(sent.at)
        inbox.store(Raw(house.shops["woocommerce"], "woocommerce", sent.topic, sent.delivery_id, {}, sent.body, received_at=now()))
    read_inbox.read_inbox(house.shops["woocommerce"])
    assert [(row.platform, row.state) for row in house.inbound()[-2:]] == [("sendcloud", "done"), ("woocommerce", "done")]
    with reading(house.engine) as session:
        parcel = session.scalars(select(Parcel).where(Parcel.tracking_number == "PK1")).one()
        assert parcel.out_for_delivery_at == LEFT + HOUR


def test_a_rehearsal_says_what_it_would_do_and_does_nothing(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    store(sqlite_house, told("PK1", *DRIVER, LEFT + HOUR))
    store(sqlite_house, told("PK9", *DRIVER, LEFT + HOUR))
    numbers = [row.id for row in sqlite_house.inbound()[-2:]]
    sqlite_house.until(LEFT + HOUR)
    known, stranger = rehearse(sqlite_house.world, numbers)
    assert (known.would, known.order, known.error) == ("done", "4001", "")
    assert any(effect["followup"] == "out_for_delivery" for effect in known.effects)
    assert (stranger.would, stranger.changes) == ("ignored", [])
    assert ({row.state for row in sqlite_house.inbound()[-2:]}, followed(sqlite_house)) == ({"new"}, [])


def test_who_is_not_asked_tells_nothing_and_an_erased_order_learns_nothing(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    tell(sqlite_house, ON_ROUTE, LEFT + HOUR)
    with reading(sqlite_house.engine) as session, session.begin():
        erase_customer(session, sqlite_house.shops["woocommerce"], Person(email="4001@cliente.example"), Lock(b"", 0))
    row = sqlite_house.inbound()[-1]
    assert (row.body, row.order_ref) == (None, "4001"), "what it told is forgotten with the order"
    row = tell(sqlite_house, DELIVERED, LEFT + 2 * HOUR)
    assert ([status for _, status in scans(sqlite_house)], row.state, row.body) == (["in_transit"], "ignored", None)
    sqlite_house.settings.shops[0].carriers.sendcloud.__dict__["track"] = False
    row = tell(sqlite_house, DELIVERED, LEFT + 3 * HOUR)
    assert (row.state, row.reason) == ("ignored", NOT_ASKED)


def test_the_first_scan_of_a_returns_label_counts_and_late_news_takes_it_nowhere_back(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: SendcloudPeer
) -> None:
    shop = WooCommercePeer()
    with shop.open():
        house = sent_back(sqlite_engine, clock, tmp_path, shop, peer)
        house.clock.advance(seconds=2 * 86400)
        at = house.clock.now()
        assert tell(house, DELIVERED, at - HOUR, "SC1000").state == "done"
        assert tell(house, ON_ROUTE, at - 20 * HOUR, "SC1000").order_ref == "4001"
        house.run()
        with reading(house.engine) as session:
            row = session.scalars(select(LabelTracking)).one()
        assert (row.status, row.ended, row.told_at, row.asked_at) == ("delivered", "delivered", now(), None)
        assert (row.scanned_at, house.returns()[0].scanned_at, house.returns()[0].received_at) == (at - 20 * HOUR, at - 20 * HOUR, None)
        sync_tracking.look_all(house.world)
        assert len([call for call in peer.calls if "/tracking/" in call.path]) == 0
