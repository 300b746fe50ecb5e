"""`postventa return`: a shop's rules, what they would say, and the steps of a return without a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from postventa.cli import cli
from postventa.clock import real_now
from postventa.config import load
from postventa.doctor.shops import rules
from tests.cli.installation import installed
from tests.conftest import TestClock
from tests.pipeline.stories import DAY, WooOrder

RULES = """
[default]
bonus = 10
[[rules]]
name = "Cuencos"
when = { product = ["SKU-2"] }
then = { decision = "ask" }
"""


@pytest.fixture
def config(tmp_path: Path, clock: TestClock) -> Path:
    """An installation with one order of Ana's that was delivered two days ago: commands live by the machine's clock."""
    order = WooOrder(4001, real_now() - 3 * DAY).tell("order.created").tell(after=DAY, status="entregado")
    return installed(tmp_path, clock, order, 'status_map = { entregado = "delivered" }')


def run(config: Path, *arguments: str, status: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["--config", str(config), "return", *arguments])
    assert done.exit_code == status, (done.output, done.exception)
    return done


def told(config: Path, *arguments: str) -> dict[str, object]:
    document: dict[str, object] = json.loads(run(config, *arguments, "--json").stdout)
    return document


def test_rules_are_checked_stored_tried_and_put_back(config: Path) -> None:
    file = config.with_name("returns.toml")
    file.write_text(RULES, encoding="utf-8")
    assert told(config, "policy", "check", str(file))["rules"] == 1
    before = told(config, "try", "4001", "--item", "SKU-2", "--reason", "unwanted")
    run(config, "policy", "set", str(file), "--note", "Cuencos frágiles")
    after = told(config, "try", "4001", "--item", "SKU-2", "--reason", "unwanted", "--resolution", "store_credit")
    assert (before["verdict"], after["verdict"], after["policy_version"]) == ("approve", "ask", 1)
    assert after["sums"] == {"goods": "25.00", "shipping": "0.00", "fee": "0.00", "refund": "25.00", "bonus": "2.50", "currency": "EUR"}
    words = run(config, "try", "4001", "--item", "2").output
    assert "Verdict: " in words
    assert "Cuencos" in words
    run(config, "policy", "rollback", "1")
    shown = told(config, "policy", "show")
    assert (shown["version"], len(list(shown["versions"]))) == (2, 2)  # type: ignore[call-overload]
    assert "the default" not in run(config, "policy", "show").output


def test_rules_that_cannot_be_used_change_nothing_and_say_where(config: Path) -> None:
    file = config.with_name("returns.toml")
    file.write_text("[default]\nwindow = 3", encoding="utf-8")
    for command in ("check", "set"):
        assert "default.window: at least 14 days" in run(config, "policy", command, str(file), status=1).output
    assert told(config, "policy", "show")["source"] == "default"


def test_the_doctor_reads_the_files_rules(config: Path) -> None:
    (shop,) = load(config).shops
    bad = shop.model_copy(update={"return_policy": "[default]\nwindow = 3"})
    assert [check.state for check in rules(bad)] == ["fail"]
    assert list(rules(shop)) == []


def test_steps_that_cannot_be_taken_are_one_sentence(config: Path) -> None:
    assert "has no return R-0" in run(config, "receive", "R-0", status=1).output
    number = str(told(config, "create", "--order", "4001", "--item", "SKU-1")["number"])
    assert "there is nothing to decide" in run(config, "approve", number, status=1).output
    run(config, "receive", number)
    run(config, "inspect", number, "--grade", "1=1:as_new", "--restock")
    assert "cannot be graded" in run(config, "inspect", number, "--grade", "1=1:as_new", status=1).output
    assert "opened in the shop: settle it there" in run(config, "release", number, status=1).output
