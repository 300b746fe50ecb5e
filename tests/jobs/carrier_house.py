"""Mara's shop with an account at Sendcloud, and the peer that plays it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from jobs import sync_tracking
from postventa import alarms
from postventa.clock import real_now
from postventa.models import CarrierAccount, ScanRow, Tracking
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.jobs.test_import_history import house_of
from tests.peers.sendcloud import SendcloudPeer
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import DAY, HOUR, NOON, ShopifyOrder, WooOrder, tracked

LEFT = NOON + HOUR
"""When the parcel of `sell` leaves: a Tuesday, 13:00 in Seville."""


def carrier_house(engine: Engine, clock: TestClock, folder: Path, peer: SendcloudPeer, **changes: Any) -> House:
    accounts = {"carriers": {"sendcloud": peer.account()}}
    return house_of(engine, clock, folder, alba(**accounts, **changes), lola(**accounts, access_token="shpat_lola"))


def sell(house: House, ref: int = 4001, number: str = "PK1") -> WooOrder:
    """An order of Ana's, sent an hour later under that number."""
    order = WooOrder(ref, NOON, f"{ref}@cliente.example").tell("order.created").tell(after=HOUR, status="enviado", meta_data=tracked((number, LEFT)))
    tell(house, order)
    return order


def tell(house: House, order: WooOrder | ShopifyOrder) -> None:
    """Deliver what it told since the last time, at its hour."""
    platform = "woocommerce" if isinstance(order, WooOrder) else "shopify"
    for sent in order.sent:
        house.clock.set(max(sent.at, house.clock.now()))
        house.deliver(platform, sent)
        house.run()
    order.sent.clear()


def ask(house: House, platform: str = "woocommerce") -> None:
    """What the clock and a worker do: find what is due, and ask."""
    sync_tracking.look_all(house.world)
    sync_tracking.sync(house.shops[platform])
    house.run()


def days(house: House, until: datetime, platform: str = "woocommerce") -> None:
    """Let time pass, and ask whenever something is due."""
    sync_tracking.look_all(house.world)
    while due := [row.next_at for row in followed(house) if row.ended_at is None and row.next_at <= until]:
        house.until(min(due))
        sync_tracking.sync(house.shops[platform])
    house.until(until)


def followed(house: House) -> list[Tracking]:
    with reading(house.engine) as session:
        return list(session.scalars(select(Tracking).order_by(Tracking.id)))


def scans(house: House) -> list[tuple[str, str]]:
    with reading(house.engine) as session:
        return [(row.word, row.status) for row in session.scalars(select(ScanRow).order_by(ScanRow.at, ScanRow.id))]


def alarm_names(house: House) -> list[tuple[str, str]]:
    with reading(house.engine) as session:
        return [(alarm.name, alarm.subject) for alarm in alarms.open_alarms(session)]


def rested(house: House) -> None:
    """The account's pause is over."""
    with transaction(house.engine) as session:
        for row in session.scalars(select(CarrierAccount)):
            row.paused_until = real_now() - timedelta(seconds=1) if row.paused_until else None


__all__ = ["DAY", "HOUR", "LEFT", "NOON"]
