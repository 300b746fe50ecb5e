"""Late parcels are found by the clock: told once, by day, and only where silence means something."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from connectors.shops.base import Reading
from jobs import sync_tracking
from jobs.find_delays import find_delays, shop_tells
from jobs.learn_lanes import learn_lanes
from jobs.process_inbound import absorb
from postventa.config import Delivery
from postventa.events import DeliveryEstimated
from postventa.models import EventRow, LaneRow, Order, Parcel
from postventa.models.db import reading, transaction
from postventa.shops import find
from postventa.tracking.figures import figures
from postventa.tracking.journeys import arrived
from postventa.tracking.lane import Lane
from postventa.tracking.learnt import lane_of
from tests.jobs.carrier_house import DAY, HOUR, LEFT, NOON, ask, sell, tell
from tests.peers.sendcloud import SendcloudPeer
from tests.pipeline.house import House

pytestmark = pytest.mark.usefixtures("quickly")

WEEK = 7 * DAY


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_tracking, "LATELY", timedelta(days=30))  # else days go by in one step, and only a full hour would take them in


def look(house: House) -> None:
    find_delays(house.shops["woocommerce"])
    house.until(house.clock.now() + timedelta(minutes=1))


def later(house: House, moment: datetime) -> None:
    """It is that moment, and the carrier is asked."""
    house.until(moment)
    ask(house)
    house.until(moment + timedelta(minutes=1))


def told(house: House) -> int:
    return sum(count for (name, _), count in house.sent().items() if name == "delayed")


def sold_before(house: House, count: int, took: int = 1, arrived: bool = True, first: int = 1, weeks: int = 4) -> None:
    """Parcels of the last weeks, each sent on a Tuesday and there `took` days later."""
    ids = range(first, first + count)
    left = LEFT - weeks * WEEK
    with transaction(house.engine) as session:
        shop = house.shops["woocommerce"]
        place = {"country": "ES", "postcode": "41010"}
        order = {"shop_id": shop, "seen_at": NOON, "timezone": "Europe/Madrid", "shipping_method": "Correos", "shipping_address": place}
        session.execute(insert(Order), [{**order, "id": 10_000 + n, "ref": f"old{n}"} for n in ids])
        parcel = {"shop_id": shop, "ref": "p", "carrier": "Correos", "dispatched_at": left, "delivered_at": left + took * DAY if arrived else None}
        session.execute(insert(Parcel), [{**parcel, "id": 10_000 + n, "order_id": 10_000 + n} for n in ids])


def test_a_parcel_that_its_carrier_knows_and_that_takes_too_long_is_told_once_and_never_after_it_came(house: House, peer: SendcloudPeer) -> None:
    sell(house)
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route")]
    later(house, LEFT + 5 * DAY)
    look(house)
    assert told(house) == 0, "Sunday: three business days"
    later(house, LEFT + 8 * DAY)
    for _ in range(3):
        look(house)
    assert told(house) == 1
    later(house, LEFT + 12 * DAY)
    look(house)
    assert told(house) == 1, "a few days later it is no news"
    peer.statuses["PK1"].append((LEFT + 12 * DAY, "delivered"))
    later(house, LEFT + 20 * DAY)
    look(house)
    assert told(house) == 1
    with reading(house.engine) as session:
        assert session.scalar(select(EventRow.key).where(EventRow.kind == "ShipmentDelayed")) is not None


def test_at_night_nobody_is_told(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route")]
    later(sqlite_house, LEFT + 8 * DAY + 12 * HOUR)
    look(sqlite_house)
    assert told(sqlite_house) == 0
    later(sqlite_house, LEFT + 9 * DAY)
    look(sqlite_house)
    assert told(sqlite_house) == 1


def test_what_the_carrier_reports_late_itself_is_told_at_once_and_not_once_more_by_us(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route"), (LEFT + 6 * DAY, "delayed")]
    later(sqlite_house, LEFT + 6 * DAY + HOUR)
    assert told(sqlite_house) == 1
    later(sqlite_house, LEFT + 9 * DAY)
    look(sqlite_house)
    assert told(sqlite_house) == 1


def test_a_carrier_that_moves_its_day_on_and_on_hides_no_broken_promise(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route")]
    for day, given, count in ((1, 3, 0), (4, 10, 0), (6, 20, 0), (7, 20, 1), (12, 30, 1)):
        peer.expected["PK1"] = f"{LEFT + given * DAY:%Y-%m-%d}"
        later(sqlite_house, LEFT + day * DAY)
        look(sqlite_house)
        assert told(sqlite_house) == count, day


def test_a_day_that_the_shop_promised_is_held_against_a_carrier_that_gives_none(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route")]
    with transaction(sqlite_house.engine) as session:
        shop = find(session, sqlite_house.shops["woocommerce"], sqlite_house.settings, sqlite_house.world.secret)
        ref = session.scalars(select(Parcel.ref).where(Parcel.tracking_number == "PK1")).one()
        absorb(session, sqlite_house.world, shop, Reading((DeliveryEstimated("4001", LEFT, ref, LEFT + 10 * DAY),)), None)
    for day, count in ((8, 0), (14, 1)):
        later(sqlite_house, LEFT + day * DAY)
        look(sqlite_house)
        assert told(sqlite_house) == count, day


def test_what_the_shop_promises_of_all_is_held_against_it_and_the_mail_says_the_old_day_and_the_new_one(
    sqlite_house: House, peer: SendcloudPeer
) -> None:
    sqlite_house.settings.shops[0].__dict__["delivery"] = Delivery(days={"ES": 3})
    sell(sqlite_house)
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route")]
    peer.expected["PK1"] = f"{LEFT + 10 * DAY:%Y-%m-%d}"
    for day, count in ((4, 0), (7, 1)):
        later(sqlite_house, LEFT + day * DAY)
        look(sqlite_house)
        assert told(sqlite_house) == count, day
    mail = next(one for one in sqlite_house.postman.mails if one["X-Postventa-Followup"] == "delayed")
    text = mail.get_body(("plain",))
    assert text is not None
    said = "Te lo habíamos prometido para el viernes, 6 de noviembre. Ahora lo esperamos el viernes, 13 de noviembre."
    assert said in text.get_content()


def test_a_carrier_that_cannot_be_asked_proves_nothing(sqlite_house: House, peer: SendcloudPeer) -> None:
    sell(sqlite_house)
    ask(sqlite_house)
    sqlite_house.until(LEFT + 10 * DAY)
    look(sqlite_house)
    assert told(sqlite_house) == 0, "it never said anything of this parcel"


@pytest.mark.parametrize("arrived", [True, False])
def test_a_shop_without_carriers_is_believed_only_if_it_tells_of_its_deliveries(sqlite_house: House, arrived: bool) -> None:
    sqlite_house.settings.shops[0].carriers.sendcloud.__dict__["track"] = False
    sold_before(sqlite_house, 24)
    sold_before(sqlite_house, 6, arrived=arrived, first=50)
    sell(sqlite_house)
    sqlite_house.until(LEFT + 8 * DAY)
    look(sqlite_house)
    assert told(sqlite_house) == int(arrived)


def test_the_past_is_never_told_of(sqlite_house: House) -> None:
    sold_before(sqlite_house, 24)
    sell(sqlite_house)
    with transaction(sqlite_house.engine) as session:
        session.execute(update(Order).where(Order.ref == "4001").values(imported=True))
    sqlite_house.until(LEFT + 8 * DAY)
    look(sqlite_house)
    assert told(sqlite_house) == 0


def test_what_the_shop_says_of_the_whole_order_holds_for_its_parcel(sqlite_house: House) -> None:
    sold_before(sqlite_house, 24)
    tell(sqlite_house, sell(sqlite_house).tell(after=DAY, status="entregado"))
    sqlite_house.until(LEFT + 8 * DAY)
    look(sqlite_house)
    assert told(sqlite_house) == 0


def test_lanes_are_learnt_from_the_shops_own_parcels_and_forgotten_with_them(house: House) -> None:
    sold_before(house, 18, took=1)
    sold_before(house, 6, took=7, first=40)
    sell(house)
    learn_lanes(house.shops["woocommerce"])
    with reading(house.engine) as session:
        shop = find(session, house.shops["woocommerce"], house.settings, house.world.secret)
        order = session.scalars(select(Order).where(Order.ref == "4001")).one()
        parcel = session.scalars(select(Parcel).where(Parcel.tracking_number == "PK1")).one()
        assert lane_of(session, shop, order, parcel) == Lane(1, 5, 24)
        assert shop_tells(session, shop)
        whole, correos = figures(arrived(session, shop, NOON - 60 * DAY))
        assert (whole.parcels, whole.judged, whole.on_time, whole.promised, whole.p50, whole.p90) == (24, 24, 18, 0, 1, 5)
        assert (correos.carrier, correos.destination, correos.share) == ("correos", "ES", 0.75)
    house.clock.set(NOON + 300 * DAY)
    learn_lanes(house.shops["woocommerce"])
    with reading(house.engine) as session:
        assert session.scalars(select(LaneRow)).all() == []
        assert lane_of(session, shop, order, parcel) == Lane(1, 3), "the table answers"


def test_a_slow_way_is_given_its_time(sqlite_house: House, peer: SendcloudPeer) -> None:
    sold_before(sqlite_house, 24, took=9)
    learn_lanes(sqlite_house.shops["woocommerce"])
    sell(sqlite_house)
    peer.statuses["PK1"] = [(LEFT + HOUR, "shipment-on-route")]
    for day, count in ((8, 0), (10, 0), (13, 1)):
        later(sqlite_house, LEFT + day * DAY)
        look(sqlite_house)
        assert told(sqlite_house) == count, day
