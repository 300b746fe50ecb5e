"""`postventa tracking`: what is known of parcels on their way, for people and for programs; an account that is tried before it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from jobs import learn_lanes, sync_tracking, world
from postventa import migrations, shops, vault
from postventa.cli import cli
from postventa.clock import now
from postventa.config import Settings, load
from postventa.models import AuditEntry, Order, Parcel, Shop
from postventa.models.db import connect, reading, transaction
from postventa.runtime import carriers_helper
from postventa.secrets import load_secret
from tests.peers.contracts import KEYS, ContractsPeer
from tests.peers.sendcloud import PUBLIC, SECRET, SendcloudPeer
from tests.pipeline.house import alba


@pytest.fixture
def peer() -> Iterator[SendcloudPeer]:
    peer = SendcloudPeer()
    with peer.open():
        yield peer


@pytest.fixture
def settings(tmp_path: Path, peer: SendcloudPeer) -> Settings:
    """A shop that was connected by hand, and its parcels: twenty-four that came and one on its way."""
    config = tmp_path / "config.toml"
    config.write_text('[security]\nallow_private_hosts = ["127.0.0.1"]\n[redis]\nurl = "redis://127.0.0.1:1/0"\n', encoding="utf-8")
    made = load(config, {})
    migrations.upgrade(made)
    engine = connect(made.database_url)
    with transaction(engine) as session:
        row = shops.add(session, load_secret(made), alba(carriers={"sendcloud": {"url": peer.url}}))
        left = now() - timedelta(days=30)
        for number in range(25):
            place = {"country": "ES", "postcode": "41010"}
            order = Order(shop_id=row.id, ref=f"{number}", number=f"{number}", seen_at=now(), timezone="Europe/Madrid", shipping_address=place)
            session.add(order)
            session.flush()
            came = {"dispatched_at": left, "delivered_at": left + timedelta(days=2)} if number else {"dispatched_at": now() - timedelta(hours=9)}
            session.add(Parcel(shop_id=row.id, order_id=order.id, ref="p", carrier="SEUR", tracking_number=f"PK{number}", **came))
    world.install(world.World(made))
    peer.statuses["PK0"], peer.expected["PK0"] = [(now() - timedelta(hours=8), "shipment-on-route")], "2026-12-24"
    engine.dispose()
    return made


def told(settings: Settings, name: str, *arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(cli, ["--config", str(settings.source), "tracking", name, "--json", *arguments])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, object]] = json.loads(result.stdout)[name]
    return rows


def give(settings: Settings, secret: str) -> Result:
    keys = ("--public-key", PUBLIC, "--secret-key", secret, "--return-option", "correos:return/standard")
    return CliRunner().invoke(cli, ["--config", str(settings.source), "tracking", "account", "sendcloud", *keys])


def test_an_account_is_tried_kept_sealed_and_then_asked(settings: Settings, peer: SendcloudPeer) -> None:
    assert "does not accept our keys" in str(give(settings, "falsch").exception)
    assert told(settings, "parcels") == []
    assert give(settings, SECRET).exit_code == 0
    engine = connect(settings.database_url)
    with reading(engine) as session:
        row = session.scalars(select(Shop)).one()
        assert SECRET not in str(row.settings)
        kept = vault.unseal(load_secret(settings), row.secrets or b"", f"shop:{row.key}:secrets")["carriers"]["sendcloud"]
        assert (kept["secret_key"], kept["return_option"], kept["url"]) == (SECRET, "correos:return/standard", peer.url)
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "shop.carrier"))
        assert (entry.after, SECRET in str(entry.__dict__)) == ({"carrier": "sendcloud"}, False)
    engine.dispose()
    sync_tracking.look_all(world.current())
    sync_tracking.sync(row.id)
    (parcel,) = told(settings, "parcels")
    assert (parcel["number"], parcel["status"], parcel["expected_on"], parcel["ended"]) == ("PK0", "in_transit", "2026-12-24", "")
    assert told(settings, "parcels", "--all") == [parcel]


def test_with_a_new_key_what_the_old_one_signed_is_taken_for_two_days_more(
    settings: Settings, peer: SendcloudPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.carrier_accounts.try_account", lambda *_: None)

    def kept() -> dict[str, object]:
        engine = connect(settings.database_url)
        with reading(engine) as session:
            row = session.scalars(select(Shop)).one()
            account = vault.unseal(load_secret(settings), row.secrets or b"", f"shop:{row.key}:secrets")["carriers"]["sendcloud"]
        engine.dispose()
        return dict(account)

    assert "/webhooks/sendcloud/" in give(settings, "0123456789abcdef-eins").output
    before = kept()["webhook_secrets"]
    give(settings, "0123456789abcdef-zwei")
    assert kept()["webhook_secrets"] == ["0123456789abcdef-zwei", "0123456789abcdef-eins"]
    assert kept()["previous_secret_until"]
    give(settings, "0123456789abcdef-drei")
    assert kept()["webhook_secrets"] == ["0123456789abcdef-drei", "0123456789abcdef-zwei"]
    assert before in ([], ["0123456789abcdef-eins", SECRET])


def test_an_account_behind_karrio_is_tried_by_a_process_of_the_commands_own(settings: Settings, peer: SendcloudPeer) -> None:
    contracts = ContractsPeer()
    with contracts.open(), carriers_helper.at_hand(settings):  # the commands find it running; each would start one
        keys = [f"--set={name}={value}" for name, value in contracts.account("ups").items()]
        without_secret = [key for key in keys if "client_secret" not in key]
        assert "does not accept our keys" in str(account(settings, "ups", *without_secret, typed="falsch\n").exception)
        assert "weight" in account(settings, "ups", *keys, "--set=weight=3").output, "there is no such setting"
        said = account(settings, "ups", *keys)
        assert said.exit_code == 0, said.output
    assert not carriers_helper.answers(settings.carriers_socket), "it ends with whoever started it"
    engine = connect(settings.database_url)
    with reading(engine) as session:
        row = session.scalars(select(Shop)).one()
        kept = vault.unseal(load_secret(settings), row.secrets or b"", f"shop:{row.key}:secrets")["carriers"]
        assert (kept["ups"]["client_secret"], kept["sendcloud"]["url"]) == (KEYS["ups"]["client_secret"], peer.url), "other accounts stay"
    engine.dispose()


def account(settings: Settings, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["--config", str(settings.source), "tracking", "account", *arguments], input=typed)


def test_lanes_and_figures_are_told(settings: Settings) -> None:
    engine = connect(settings.database_url)
    with reading(engine) as session:
        shop_id = session.scalars(select(Shop.id)).one()
    engine.dispose()
    learn_lanes.learn_lanes(shop_id)
    narrow = [row for row in told(settings, "lanes") if row["weekday"] != "any"]
    assert [(row["carrier"], row["from"], row["to"], row["parcels"]) for row in narrow] == [("seur", "ES", "ES 41", 24)]
    whole, seur = told(settings, "figures")
    assert (whole["carrier"], whole["parcels"], whole["share"], seur["carrier"]) == ("all", 24, 1.0, "seur")
    assert "seur" in CliRunner().invoke(cli, ["--config", str(settings.source), "tracking", "figures"]).output
