"""A shop's own promise, from the order to the parcel: said once, moved by nothing, told in the mails, held against the day on which it came."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from connectors.shops import SHOPS
from jobs.process_inbound import absorb, context_of
from postventa.config import Delivery
from postventa.models import EventRow, Parcel
from postventa.models.db import reading, transaction
from postventa.shops import find
from postventa.tracking.figures import figures
from postventa.tracking.journeys import arrived
from tests.conftest import TestClock
from tests.emails.reading import read
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import DAY, HOUR, MINUTE, NOON, Sent, ShopifyOrder, WooOrder, stamp, tracked
from tests.pipeline.test_journeys import live

WISHES = {"days": {"ES": 2}}
BY = "2026-11-05"
"""Two working days after a Tuesday noon."""
SPOKEN = "jueves, 5 de noviembre"


def kept(house: House) -> list[str]:
    with reading(house.engine) as session:
        return [str(row.data["by"]) for row in session.scalars(select(EventRow).where(EventRow.kind == "DeliveryPromised"))]


def days(house: House) -> dict[str, str]:
    with reading(house.engine) as session:
        return {row.ref: row.promised_on for row in session.scalars(select(Parcel))}


def mail(house: House, followup: str) -> tuple[str, str]:
    """Both parts of the last one of that kind."""
    house.until(house.clock.now() + 11 * MINUTE)  # parcels of ten minutes share a mail
    found = [one for one in house.postman.mails if one["X-Postventa-Followup"] == followup][-1]
    html, text = found.get_body(("html",)), found.get_body(("plain",))
    assert html is not None
    assert text is not None
    return html.get_content(), text.get_content()


def order() -> WooOrder:
    return WooOrder().tell("order.created")


def test_the_day_is_said_in_the_mails_and_stands_whatever_is_set_afterwards(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(delivery=WISHES))
    bought = order()
    live(house, "woocommerce", bought.sent)
    html, text = mail(house, "order_received")
    assert f"Te llegará como muy tarde el {SPOKEN}." in text
    assert SPOKEN in read(html).text
    (told,) = read(html).data[0]
    assert told["orderDelivery"]["expectedArrivalUntil"] == "2026-11-05T23:59:59+01:00"
    house.settings.shops[0].__dict__["delivery"] = Delivery(days={"ES": 9})
    bought.tell(after=HOUR, status="enviado", meta_data=tracked(("PK1", NOON + HOUR)))
    live(house, "woocommerce", bought.sent[-1:])
    assert (kept(house), set(days(house).values())) == ([BY], {BY})
    html, text = mail(house, "shipped")
    assert f"Te llegará como muy tarde el {SPOKEN}." in text
    parcels = [one for one in read(html).data[0] if one["@type"] == "ParcelDelivery"]
    assert [one["expectedArrivalUntil"] for one in parcels] == ["2026-11-05T23:59:59+01:00"]


def test_a_day_that_is_over_is_not_named_in_the_mail_that_comes_too_late(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(sqlite_engine, clock, tmp_path, alba(delivery=WISHES))
    bought = order().tell(after=3 * DAY, status="enviado", meta_data=tracked(("PK1", NOON + 3 * DAY)))
    live(house, "woocommerce", bought.sent)
    assert "como muy tarde" not in mail(house, "shipped")[1]
    assert set(days(house).values()) == {BY}


def test_a_transfer_is_promised_its_day_once_it_is_paid(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(sqlite_engine, clock, tmp_path, alba(delivery=WISHES))
    bought = WooOrder().tell("order.created", status="on-hold", date_paid_gmt=None)
    live(house, "woocommerce", bought.sent)
    assert kept(house) == []
    assert "como muy tarde" not in mail(house, "order_received")[1]
    paid = bought.at + 3 * DAY
    bought.tell(after=3 * DAY, status="processing", date_paid_gmt=stamp(paid))
    live(house, "woocommerce", bought.sent[-1:])
    assert kept(house) == ["2026-11-10"], "two working days after Friday"


@pytest.mark.parametrize(("after", "promised"), [(HOUR, [BY]), (3 * DAY, [])])
def test_a_shopify_order_whose_money_comes_late_was_promised_nothing(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, after: timedelta, promised: list[str]
) -> None:
    clock.set(NOON)
    house = House(sqlite_engine, clock, tmp_path, lola(delivery=WISHES))
    bought = ShopifyOrder().tell("orders/create", financial_status="pending")
    live(house, "shopify", bought.sent)
    assert kept(house) == []
    bought.tell("orders/paid", after=after, financial_status="paid")
    live(house, "shopify", bought.sent[-1:])
    assert kept(house) == promised


@pytest.mark.parametrize("case", ["fetched in the shop", "read with the shop's past", "nothing is set"])
def test_an_order_that_is_promised_nothing_reads_of_nothing(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, case: str) -> None:
    clock.set(NOON)
    house = House(sqlite_engine, clock, tmp_path, alba(delivery={} if case == "nothing is set" else WISHES))
    pickup: dict[str, Any] = {"shipping_lines": [{"method_title": "Recogida", "method_id": "local_pickup", "total": "0.00", "total_tax": "0.00"}]}
    bought = WooOrder().tell("order.created", **(pickup if case == "fetched in the shop" else {}))
    if case == "read with the shop's past":
        past(house, bought.sent)
    else:
        live(house, "woocommerce", bought.sent)
        assert "como muy tarde" not in mail(house, "order_received")[1]
    assert kept(house) == []


def past(house: House, sent: list[Sent]) -> None:
    """Read them as an import does."""
    with transaction(house.engine) as session:
        shop = find(session, house.shops["woocommerce"], house.settings, house.world.secret)
        for one in sent:
            read_so = SHOPS["woocommerce"].normalise(one.topic, one.body, context_of(shop, one.at))
            absorb(session, house.world, shop, read_so, None, imported=True)


def test_what_shopify_says_of_a_parcel_stands_above_what_the_shop_says_of_all(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(sqlite_engine, clock, tmp_path, lola(delivery=WISHES))
    bought = ShopifyOrder()
    bought.tell("orders/create").fulfil(901, 11, after=HOUR).fulfil(902, 12, after=HOUR).scan(901, "in_transit", after=HOUR, by=5 * DAY)
    live(house, "shopify", bought.sent)
    assert days(house) == {"901": "2026-11-08", "902": BY}


def test_figures_hold_it_against_the_day_on_which_it_came(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(sqlite_engine, clock, tmp_path, alba(delivery=WISHES))
    for number, took in ((4001, 1), (4002, 6)):
        bought = WooOrder(number, house.clock.now()).tell("order.created")
        bought.tell(after=HOUR, status="enviado", meta_data=tracked((f"PK{number}", bought.at + HOUR))).tell(after=took * DAY, status="entregado")
        live(house, "woocommerce", bought.sent)
    with reading(sqlite_engine) as session:
        shop = find(session, house.shops["woocommerce"], house.settings, house.world.secret)
        whole = figures(arrived(session, shop, NOON - timedelta(days=1)))[0]
    assert (whole.parcels, whole.promised, whole.judged, whole.on_time) == (2, 2, 2, 1)
    assert set(kept(house)) == {BY, date(2026, 11, 6).isoformat()}
