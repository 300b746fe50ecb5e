"""What a shop tells and what a carrier tells, in any order and any number of times, is one state and one mail for each step."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select

from connectors.carriers.base import Scan, Status, Tracked
from jobs.learn_scans import learn
from postventa.clock import now
from postventa.models import Base, Parcel, ScanRow, Tracking
from postventa.models.db import reading, transaction
from postventa.shops import find
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import DAY, HOUR, NOON, Sent, ShopifyOrder
from tests.pipeline.test_any_order import state

NUMBER = 901
SCANS = (
    Scan(NOON + 2 * HOUR, "shipment-on-route", "", Status.IN_TRANSIT),
    Scan(NOON + 8 * HOUR, "driver-on-route", "", Status.OUT_FOR_DELIVERY),
    Scan(NOON + 9 * HOUR, "delivery-failed", "", Status.ATTEMPTED_DELIVERY),
    Scan(NOON + 10 * HOUR, "eaten-by-a-dog"),
    Scan(NOON + 11 * HOUR, "delivered", "", Status.DELIVERED),
)
ENOUGH = NOON + 12 * HOUR


def deliveries() -> list[Sent]:
    """The shop tells of the same steps, some minutes later or earlier than the carrier."""
    order = ShopifyOrder().tell("orders/create").fulfil(NUMBER, 11, after=HOUR)
    order.fulfil(902, 12, after=timedelta(minutes=1)).scan(902, "delivered", after=HOUR)
    order.scan(NUMBER, "out_for_delivery", after=6 * HOUR).scan(NUMBER, "attempted_delivery", after=HOUR).scan(NUMBER, "delivered", after=HOUR)
    return order.sent


def start(engine: Engine, clock: TestClock, folder: Path) -> House:
    with transaction(engine) as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
    clock.set(ENOUGH)
    return House(engine, clock, folder, alba(), lola())


def scanned(house: House, count: int) -> None:
    """The carrier is asked, and tells its first scans; of a negative number it tells one by itself."""
    said = Tracked(SCANS[:count]) if count >= 0 else Tracked((SCANS[count],), whole=False)
    with transaction(house.engine) as session:
        parcel = session.scalars(select(Parcel).where(Parcel.ref == str(NUMBER))).one()
        known = session.scalar(select(Tracking.id).where(Tracking.parcel_id == parcel.id))
        values = {"shop_id": parcel.shop_id, "order_id": parcel.order_id, "parcel_id": parcel.id, "carrier": "sendcloud", "next_at": now()}
        known = known or session.scalar(insert(Tracking).values(**values).returning(Tracking.id))
        learn(session, house.world, find(session, parcel.shop_id, house.settings, house.world.secret), known or 0, said)
    house.run()


def play(engine: Engine, clock: TestClock, folder: Path, steps: list[Sent | int]) -> tuple[dict[str, list[Any]], Any, list[tuple[str, str]]]:
    house = start(engine, clock, folder)
    for step in steps:
        if isinstance(step, int):
            scanned(house, step)
        else:
            house.deliver("shopify", step)
            house.run()
    house.until(ENOUGH + 2 * DAY)
    with reading(house.engine) as session:
        kept = sorted((row.word, row.status) for row in session.scalars(select(ScanRow)))
    return state(house), house.sent(), kept


_STRAIGHT: list[Any] = []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_carrier_and_shop_in_any_order_end_in_the_same_state(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, data: st.DataObject) -> None:
    first, *rest = told = deliveries()
    second, rest = rest[0], rest[1:]
    if not _STRAIGHT:
        _STRAIGHT.append(play(sqlite_engine, clock, tmp_path, [*told, len(SCANS)]))
    steps: list[Sent | int] = [*rest, *data.draw(st.lists(st.integers(-len(SCANS), len(SCANS)), max_size=5)), len(SCANS)]
    shuffled = data.draw(st.permutations(steps))
    found = play(sqlite_engine, clock, tmp_path, [first, second, *shuffled])
    assert found[0] == _STRAIGHT[0][0]
    assert found[2] == _STRAIGHT[0][2]
    assert found[1] == _STRAIGHT[0][1]
    assert max(found[1].values()) == 1, "no step is told twice"
