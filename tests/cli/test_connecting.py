"""`postventa shop connect` and `shop check` with a shop on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from postventa.cli import cli
from tests.conftest import TestClock
from tests.peers.shop import Reply
from tests.peers.woocommerce_site import KEY, SECRET, WordPressSite

KEYS = ("--consumer-key", KEY, "--consumer-secret", SECRET)


@pytest.fixture
def site() -> Iterator[WordPressSite]:
    with WordPressSite(host="127.0.0.1").open(None) as opened:
        yield opened


@pytest.fixture
def config(tmp_path: Path, clock: TestClock) -> Path:
    """Of an installation whose ledger is ready. `clock`: commands install their own, and it is put back."""
    file = tmp_path / "config.toml"
    file.write_text('[security]\nallow_private_hosts = ["127.0.0.1"]\n[database]\nurl = "sqlite:///ledger.db"\n', encoding="utf-8")
    assert run(file, "db", "upgrade").exit_code == 0
    return file


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config), *arguments])


def connect(config: Path, *arguments: str) -> dict[str, Any]:
    said = run(config, "shop", "connect", *arguments, "--json")
    document: dict[str, Any] = json.loads(said.stdout)
    return document


def test_a_shop_is_connected_as_it_describes_itself_and_checked(config: Path, site: WordPressSite) -> None:
    own = [("entregado", "Entregado"), ("regalo", "Regalo"), ("completed", "Completado")]
    site.statuses = Reply(document=[{"slug": slug, "name": name} for slug, name in own])
    made = connect(config, f"{site.url}/", *KEYS, "--accept-statuses")
    assert (made["connected"], made["name"], made["version"], made["tracking"]) == (True, "Zapatería Lola", "10.5.0", ["Advanced Shipment Tracking"])
    assert made["settings"]["timezone"] == "Europe/Madrid"
    assert made["settings"]["status_map"] == {"entregado": "delivered"}
    assert [status["sureness"] for status in made["statuses"]] == ["sure", "unknown"]
    checked = run(config, "shop", "check", "--json")
    document = json.loads(checked.stdout)
    assert (checked.exit_code, document["works"], document["shop"]) == (0, True, "Zapatería Lola")
    assert [finding["name"] for finding in document["findings"]] == ["site-found", "keys-work"]
    assert {"shop", "api", "works", "webhook_url", "native_mails"} <= set(document)
    assert document["statuses"] == [{"status": "regalo", "label": "Regalo", "step": None, "sureness": "unknown"}]


def test_keys_that_are_asked_for_stand_in_no_history(config: Path, site: WordPressSite) -> None:
    said = CliRunner().invoke(cli, ["--config", str(config), "shop", "connect", site.url, "--ask-keys", "--json"], input=f"{KEY}\n {SECRET} \n")
    assert json.loads(said.stdout)["connected"] is True
    assert SECRET not in said.output


def test_a_shop_is_connected_once(config: Path, site: WordPressSite) -> None:
    connect(config, site.url, *KEYS)
    said = run(config, "shop", "connect", site.url, *KEYS)
    assert said.exit_code == 1
    assert "connected to this address already" in said.stderr


def test_new_keys_take_the_place_of_those_that_were_refused(config: Path, site: WordPressSite) -> None:
    made = connect(config, site.url, *KEYS)
    fresh = ("--consumer-key", "ck_" + "c3" * 20, "--consumer-secret", "cs_" + "d4" * 20)
    site.keys = {fresh[1]: fresh[3]}
    assert json.loads(run(config, "shop", "check", "--json").stdout)["works"] is False
    assert "no shop is connected" not in run(config, "shop", "connect", site.url, *fresh, "--replace-keys").output
    checked = json.loads(run(config, "shop", "check", "--json").stdout)
    assert (checked["works"], checked["webhook_url"]) == (True, made["webhook_url"])


def test_new_keys_for_a_shop_that_nobody_connected_are_refused(config: Path, site: WordPressSite) -> None:
    said = run(config, "shop", "connect", site.url, *KEYS, "--replace-keys")
    assert (said.exit_code, "no shop is connected" in said.stderr) == (1, True)


def test_without_keys_the_address_is_looked_at_and_the_next_step_told(config: Path, site: WordPressSite) -> None:
    said = run(config, "shop", "connect", site.url)
    assert (said.exit_code, "We have found your shop" in said.stdout, "Add key" in said.stdout) == (0, True, True)
    assert json.loads(run(config, "shop", "list", "--json").stdout) == {"shops": []}


def test_what_stands_in_the_way_is_said_in_the_merchants_language(config: Path, site: WordPressSite) -> None:
    site.plain = True
    said = run(config, "shop", "connect", site.url, *KEYS, "--language", "es")
    assert said.exit_code == 1
    assert "FAIL  Tus enlaces permanentes son «Simples»" in said.stdout
    assert SECRET not in said.output


def test_half_a_pair_of_keys_is_refused(config: Path) -> None:
    said = run(config, "shop", "connect", "https://tienda.example", "--consumer-key", KEY)
    assert (said.exit_code, "belong together" in said.stderr) == (2, True)


def test_check_says_what_went_wrong_since(config: Path, site: WordPressSite) -> None:
    connect(config, site.url, *KEYS)
    site.gate = Reply(503, html="Briefly unavailable for scheduled maintenance.")
    said = run(config, "shop", "check")
    assert said.exit_code == 1
    assert "FAIL  Your shop is under maintenance." in said.stdout
