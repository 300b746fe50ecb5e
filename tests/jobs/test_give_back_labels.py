"""Labels that nobody used go back to their carrier, and the label ledger says what became of each."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from jobs import give_back_labels, open_return
from jobs.create_return_label import create_return_label
from jobs.erase_customer import REASON, Lock, erase_customer
from postventa.clock import now, real_now
from postventa.models import LabelRow, ReturnCase
from postventa.models.db import reading, transaction
from postventa.privacy.people import Person
from postventa.shops import find
from tests.conftest import TestClock
from tests.jobs.carrier_house import DAY, HOUR, alarm_names, carrier_house, sell, tell
from tests.peers.sendcloud import SendcloudPeer
from tests.peers.shop import BROKEN, CUT, REVOKED, Fault
from tests.pipeline.house import House

pytestmark = pytest.mark.usefixtures("quickly")


@pytest.fixture
def house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: SendcloudPeer) -> House:
    return with_a_label(sqlite_engine, clock, tmp_path, peer)


def with_a_label(engine: Engine, clock: TestClock, folder: Path, peer: SendcloudPeer) -> House:
    """Ana sends something back with a label that Sendcloud sold."""
    made = carrier_house(engine, clock, folder, peer, carrier="sendcloud")
    tell(made, sell(made).tell(after=DAY, status="entregado").tell(after=DAY, status="devolucion"))
    clock.advance(minutes=1)
    made.run()
    return made


def label(house: House) -> LabelRow:
    with reading(house.engine) as session:
        return session.scalars(select(LabelRow)).one()


def look(house: House, *, later: bool = False) -> LabelRow:
    """What the clock and a worker do; `later`: an hour after the last try."""
    if later:
        with transaction(house.engine) as session:
            session.execute(update(LabelRow).values(give_back_at=real_now() - timedelta(seconds=1)))
    give_back_labels.look_all(house.world)
    give_back_labels.give_back(label(house).id)
    return label(house)


def expire(house: House) -> None:
    with transaction(house.engine) as session:
        session.execute(update(LabelRow).values(expires_at=now() - HOUR))


def call_off(house: House) -> None:
    with transaction(house.engine) as session:
        shop = find(session, house.shops["woocommerce"], house.settings, house.world.secret)
        open_return.void(session, house.settings, shop, house.returns()[0].number, "se lo queda", actor="test")


def test_a_label_is_bought_with_the_shops_own_keys_once_although_the_answer_was_lost(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: SendcloudPeer
) -> None:
    peer.faults.append(Fault("POST", CUT, after=True))
    house = with_a_label(sqlite_engine, clock, tmp_path, peer)
    (effect,) = house.effects(kind="label")
    assert "in doubt" in effect.reason
    with transaction(house.engine) as session:
        session.get_one(type(effect), effect.id).not_before = real_now()
    create_return_label(effect.id)
    assert (len(peer.returns), label(house).carrier_ref, label(house).tracking_number) == (1, "1000", "SC1000")


def test_a_label_waits_for_keys_that_are_taken_again(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: SendcloudPeer) -> None:
    peer.trouble = REVOKED
    house = with_a_label(sqlite_engine, clock, tmp_path, peer)
    (effect,) = house.effects(kind="label")
    assert (effect.state, effect.reason[:6], effect.not_before > real_now() + timedelta(minutes=59)) == ("planned", "waits:", True)
    assert [name for name, _ in alarm_names(house)] == ["carrier-refuses-us"]
    peer.trouble = None
    with transaction(house.engine) as session:
        session.get_one(type(effect), effect.id).not_before = real_now()
    create_return_label(effect.id)
    assert (label(house).state, alarm_names(house)) == ("made", [])


def test_a_label_that_expires_unused_goes_back(engine: Engine, clock: TestClock, tmp_path: Path, peer: SendcloudPeer) -> None:
    house = with_a_label(engine, clock, tmp_path, peer)
    assert (look(house).state, len(peer.live)) == ("mailed", 1)
    expire(house)
    row = look(house)
    assert (row.state, row.void_reason, row.given_back_at is not None, peer.live) == ("voided", give_back_labels.EXPIRED, True, [])
    asked = len(peer.calls)
    look(house, later=True)
    assert len(peer.calls) == asked


def test_one_that_travels_is_kept(house: House, peer: SendcloudPeer) -> None:
    expire(house)
    peer.statuses["SC1000"] = [(house.clock.now(), "shipment-on-route")]
    row = look(house)
    assert (row.state, row.give_back_trouble, len(peer.live)) == ("scanned", "kept: it travels", 1)


def test_one_whose_goods_are_back_is_kept_without_asking(house: House, peer: SendcloudPeer) -> None:
    expire(house)
    with transaction(house.engine) as session:
        session.execute(update(ReturnCase).values(state="received"))
    asked = len(peer.calls)
    assert (look(house).state, len(peer.calls)) == ("scanned", asked)


def test_one_whose_return_is_called_off_goes_back_at_once(house: House, peer: SendcloudPeer) -> None:
    call_off(house)
    row = look(house)
    assert (row.state, row.void_reason, row.given_back_at is not None, peer.live) == ("voided", "se lo queda", True, [])


def test_one_whose_customer_is_erased_goes_back_at_once(house: House, peer: SendcloudPeer) -> None:
    person = Person(email="4001@cliente.example")
    with transaction(house.engine) as session:
        assert erase_customer(session, house.shops["woocommerce"], person, Lock(b"", 0)).at_carriers == "; labels that go back to their carriers: 1"
    row = look(house)
    assert (row.state, row.void_reason, row.pdf, row.given_back_at is not None, peer.live) == ("voided", REASON, None, True, [])


def test_one_that_its_carrier_keeps_is_named_when_its_customer_is_erased(house: House, peer: SendcloudPeer) -> None:
    expire(house)
    peer.keeps = True
    look(house)
    person = Person(email="4001@cliente.example")
    with transaction(house.engine) as session:
        told = erase_customer(session, house.shops["woocommerce"], person, Lock(b"", 0))
    assert (told.counts["labels"], told.counts["named"]) == (0, 1)
    assert [name for name, _ in alarm_names(house)] == ["label-not-given-back", "label-of-the-erased"]


def test_a_carrier_that_keeps_it_is_for_a_person(house: House, peer: SendcloudPeer) -> None:
    expire(house)
    peer.keeps = True
    row = look(house)
    assert (row.state, row.given_back_at) == ("expired", None)
    assert [name for name, _ in alarm_names(house)] == ["label-not-given-back"]
    asked = len(peer.calls)
    look(house, later=True)
    assert len(peer.calls) == asked, "it said no once and for all"


def test_a_carrier_that_does_not_answer_is_asked_again_for_three_days(house: House, peer: SendcloudPeer) -> None:
    expire(house)
    peer.trouble = BROKEN
    assert (look(house).state, alarm_names(house)) == ("mailed", [])
    asked = len(peer.calls)
    look(house)
    assert len(peer.calls) == asked, "not within the hour"
    peer.trouble = None
    assert look(house, later=True).state == "voided"


def test_in_the_end_somebody_has_to_look(house: House, peer: SendcloudPeer) -> None:
    call_off(house)
    peer.trouble = BROKEN
    look(house)
    house.clock.advance(days=4)
    assert look(house, later=True).give_back_trouble.startswith("kept: ")
    assert [name for name, _ in alarm_names(house)] == ["label-not-given-back"]
