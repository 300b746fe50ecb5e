"""A shop with a contract at UPS: its parcels take the road of all others, and while the process with karrio is away nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from jobs import carrier_accounts, sync_tracking
from jobs.create_return_label import create_return_label
from postventa.clock import real_now
from postventa.models import CarrierAccount, Effect
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.connectors.carriers.karrio_process import karrio_process
from tests.jobs.carrier_house import DAY, LEFT, ask, followed, rested, scans, sell, tell
from tests.jobs.test_import_history import house_of
from tests.peers.contracts import ContractsPeer, ups_parcel
from tests.peers.shop import CUT, Fault
from tests.pipeline.house import House, alba


@pytest.fixture
def peer() -> Iterator[ContractsPeer]:
    peer = ContractsPeer()
    with peer.open():
        yield peer


def house(engine: Engine, clock: TestClock, folder: Path, peer: ContractsPeer, *carriers: str, **changes: Any) -> House:
    return house_of(engine, clock, folder, alba(carriers={name: peer.account(name) for name in carriers}, **changes))


def test_parcels_are_followed_as_soon_as_karrio_runs(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: ContractsPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier_accounts, "EVERY", timedelta(milliseconds=1))
    monkeypatch.setattr(sync_tracking, "whom", lambda asked, _said: asked[0])  # the plugin's parcels say Correos
    shop = house(sqlite_engine, clock, tmp_path, peer, "ups")
    settings = shop.world.settings
    sell(shop)
    assert not settings.carriers_wanted.exists(), "nobody asked for karrio yet"
    ask(shop)
    assert settings.carriers_wanted.exists(), "now the supervisor starts it"
    with reading(sqlite_engine) as session:
        resting = session.scalars(select(CarrierAccount)).one()
    assert ("does not run" in resting.trouble, resting.paused_until is not None) == (True, True)
    left = LEFT.astimezone().strftime("%Y%m%d")
    peer.parcels["PK1"] = ups_parcel("PK1", (left, "143000", "I", "DP"))
    with karrio_process(settings.carriers_socket):
        rested(shop)
        shop.until(max(row.next_at for row in followed(shop)))
        ask(shop)
    assert scans(shop) == [("DP", "in_transit")]
    with reading(sqlite_engine) as session:
        assert session.scalars(select(CarrierAccount)).one().paused_until is None


@pytest.mark.parametrize("carriers", [("ups",), ("ups", "dpd")])
def test_a_parcel_of_a_stranger_is_nobodys(
    sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: ContractsPeer, carriers: tuple[str, ...]
) -> None:
    shop = house(sqlite_engine, clock, tmp_path, peer, *carriers)
    sell(shop)
    ask(shop)
    assert followed(shop) == []


def test_a_label_waits_for_karrio_and_one_in_doubt_for_a_person(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, peer: ContractsPeer) -> None:
    shop = house(sqlite_engine, clock, tmp_path, peer, "gls_group", carrier="gls_group")
    tell(shop, sell(shop).tell(after=DAY, status="entregado").tell(after=DAY, status="devolucion"))
    clock.advance(minutes=1)
    shop.run()
    (waits,) = shop.effects(kind="label")
    assert (waits.state, "does not run" in waits.reason, peer.shipped) == ("planned", True, [])
    with karrio_process(shop.world.settings.carriers_socket):
        peer.faults.append(Fault("POST", CUT, holds="/rs/shipments", after=True))
        make(shop, waits.id)
        (doubted,) = shop.effects(kind="label")
        assert (doubted.state, "cannot be reached" in doubted.reason, len(peer.shipped)) == ("planned", True, 1)
        make(shop, waits.id)
        (asks,) = shop.effects(kind="label")
        assert (asks.state, "please look" in asks.reason, "own panel" in asks.reason) == ("unknown", True, True)
        assert len(peer.shipped) == 1, "nobody buys a second one"


def make(shop: House, effect_id: int) -> None:
    with transaction(shop.engine) as session:
        session.get_one(Effect, effect_id).not_before = real_now()
    create_return_label(effect_id)
