"""Return labels of a carrier are followed: the first scan pays where the rules say so, and what a carrier cannot know is left to people."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from jobs import give_back_labels, sync_tracking
from jobs.erase_customer import Lock, erase_customer
from postventa.clock import now
from postventa.models import LabelRow, LabelTracking, ReturnCase
from postventa.models.db import reading, transaction
from postventa.privacy.people import Person
from tests.conftest import TestClock
from tests.jobs.carrier_house import alarm_names, rested
from tests.peers.sendcloud import SendcloudPeer
from tests.peers.shop import BROKEN
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.house import House
from tests.pipeline.stories import DAY, HOUR
from tests.returns.scene import ALL_WAYS, CUP, build, opened, rules

pytestmark = pytest.mark.usefixtures("quickly")

ANNOUNCED, MOVES, ARRIVED = "announced", "shipment-on-route", "delivered"


def sent_back(engine: Engine, clock: TestClock, folder: Path, shop: WooCommercePeer, peer: SendcloudPeer) -> House:
    """Ana returns a cup with a label that Sendcloud sold; the first scan pays."""
    house = build(engine, clock, folder, shop, carriers={"sendcloud": peer.account()}, carrier="sendcloud")
    rules(house, {"default": {**ALL_WAYS["default"], "refund_when": "at_first_scan"}})
    opened(house, replace(CUP, method="printed_label"))
    pass_by(house, timedelta(minutes=1))
    return house


@pytest.fixture
def house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer, peer: SendcloudPeer) -> House:
    return sent_back(sqlite_engine, clock, tmp_path, shop, peer)


def pass_by(house: House, span: timedelta) -> None:
    house.clock.advance(seconds=span.total_seconds())
    house.run()


def ask(house: House) -> LabelTracking:
    """What the clock and a worker do, as soon as it is due."""
    with transaction(house.engine) as session:
        session.execute(update(LabelTracking).values(next_at=now()))
    sync_tracking.look_all(house.world)
    sync_tracking.sync(house.shops["woocommerce"])
    house.run()
    with reading(house.engine) as session:
        return session.scalars(select(LabelTracking)).one()


def case(house: House) -> ReturnCase:
    return house.returns()[0]


def scan(house: House, peer: SendcloudPeer, *words: str) -> None:
    """The carrier tells these words, an hour apart, up to now."""
    peer.statuses["SC1000"] = [(house.clock.now() - (len(words) - place - 1) * HOUR, word) for place, word in enumerate(words)]


def test_the_first_scan_pays_once_and_the_announcement_pays_nothing(
    engine: Engine, clock: TestClock, tmp_path: Path, shop: WooCommercePeer, peer: SendcloudPeer
) -> None:
    house = sent_back(engine, clock, tmp_path, shop, peer)
    scan(house, peer, ANNOUNCED)
    assert (ask(house).scanned_at, case(house).scanned_at, shop.books.paid) == (None, None, [])
    pass_by(house, DAY)
    scan(house, peer, ANNOUNCED, MOVES)
    first = house.clock.now()
    row = ask(house)
    pass_by(house, HOUR)
    assert ask(house).scanned_at == row.scanned_at
    pass_by(house, HOUR)
    assert (row.scanned_at, case(house).scanned_at, row.status) == (first, first, "in_transit")
    assert (shop.books.paid, case(house).state) == ([Decimal("10.00")], "approved")
    with reading(house.engine) as session:
        assert session.scalar(select(LabelRow.state)) == "scanned"


def test_a_delivery_at_the_warehouse_is_known_and_receives_nothing(house: House, peer: SendcloudPeer) -> None:
    pass_by(house, DAY)
    scan(house, peer, MOVES, ARRIVED)
    row = ask(house)
    assert (row.delivered_at, row.ended) == (house.clock.now(), "delivered")
    assert (case(house).received_at, case(house).state) == (None, "approved")
    asked = len(peer.calls)
    pass_by(house, DAY)
    ask(house)
    assert len(peer.calls) == asked


def test_a_number_that_had_another_parcel_before_pays_nothing(house: House, shop: WooCommercePeer, peer: SendcloudPeer) -> None:
    peer.statuses["SC1000"] = [(house.clock.now() - 40 * DAY, MOVES), (house.clock.now() - 38 * DAY, ARRIVED)]
    row = ask(house)
    assert (row.scanned_at, row.delivered_at, row.ended, shop.books.paid) == (None, None, "", [])


def test_one_that_goes_back_to_the_customer_is_for_a_person(house: House, peer: SendcloudPeer) -> None:
    pass_by(house, DAY)
    scan(house, peer, MOVES, "undeliverable")
    assert ask(house).ended == "returned"
    assert ("parcel-comes-back", f"Cerámica Alba, {case(house).number}") in alarm_names(house)


def test_a_label_is_asked_about_as_long_as_it_can_be_used_and_no_longer(house: House, peer: SendcloudPeer) -> None:
    with transaction(house.engine) as session:
        session.execute(update(LabelRow).values(expires_at=now() + 40 * DAY))
    assert ask(house).next_at - house.clock.now() >= 2 * HOUR
    pass_by(house, 31 * DAY)
    assert ask(house).ended == ""
    pass_by(house, 10 * DAY)
    assert ask(house).ended == "silent"


def test_a_carrier_in_trouble_rests_and_the_label_keeps_its_turn(house: House, peer: SendcloudPeer) -> None:
    scan(house, peer, MOVES)
    peer.trouble = BROKEN
    assert ask(house).failures == 1
    peer.trouble = None
    rested(house)
    row = ask(house)
    assert (row.failures, row.trouble, row.claimed_until, row.scanned_at is not None) == (0, "", None, True)


def test_what_was_called_off_or_erased_is_asked_about_no_more(house: House, peer: SendcloudPeer) -> None:
    assert ask(house).ended == ""
    with transaction(house.engine) as session:
        session.execute(update(LabelRow).values(state="voided"))
    assert ask(house).ended == "void"
    with transaction(house.engine) as session:
        session.execute(update(LabelTracking).values(ended="", ended_at=None))
        erase_customer(session, house.shops["woocommerce"], Person(email="ana@cliente.example"), Lock(b"", 0))
    asked = len(peer.calls)
    assert (ask(house).ended, len(peer.calls)) == ("erased", asked)


def test_a_label_that_expires_and_turns_out_to_travel_counts_as_scanned(house: House, shop: WooCommercePeer, peer: SendcloudPeer) -> None:
    scan(house, peer, MOVES)
    with transaction(house.engine) as session:
        session.execute(update(LabelRow).values(expires_at=now() - HOUR))
        label = session.scalars(select(LabelRow.id)).one()
    give_back_labels.give_back(label)
    house.run()
    assert (case(house).scanned_at, shop.books.paid) == (house.clock.now(), [Decimal("10.00")])
