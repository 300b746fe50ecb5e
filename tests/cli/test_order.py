"""`postventa order`: an order is found, and money and codes are asked for, as a script does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from postventa.cli import cli
from postventa.config import load
from postventa.models import AuditEntry, Effect
from postventa.models.db import connect, reading
from tests.cli.installation import KEYS, installed
from tests.conftest import TestClock
from tests.pipeline.stories import WooOrder
from tests.web.orders.desk import LINES, SHIPPING, TOTAL


@pytest.fixture
def config(tmp_path: Path, clock: TestClock) -> Path:
    """An installation with one order of Ana's."""
    sums: dict[str, Any] = {"total": f"{TOTAL}", "shipping_total": "4.09", "shipping_tax": "0.86"}
    return installed(tmp_path, clock, WooOrder(4001).tell("order.created", line_items=LINES, shipping_lines=[SHIPPING], **sums), KEYS)


def run(config: Path, *arguments: str, status: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["--config", str(config), "order", *arguments])
    assert done.exit_code == status, (done.output, done.exception)
    return done


def told(config: Path, *arguments: str) -> Any:
    return json.loads(run(config, *arguments, "--json").output)


def written(config: Path) -> tuple[list[str], list[str]]:
    """(states of what is to be written into the shop, actions of the audit log)."""
    engine = connect(load(config).database_url)
    with reading(engine) as session:
        states = list(session.scalars(select(Effect.state).where(Effect.kind == "write")))
        actions = list(session.scalars(select(AuditEntry.action)))
    engine.dispose()
    return states, actions


def test_a_dry_run_says_the_sum_and_does_nothing(config: Path) -> None:
    found = told(config, "refund", "4001", "--item", "2", "--item", "1=2", "--shipping", "2", "--withhold", "1.50", "--dry-run")
    assert (found["amount"], found["left"], found["dry_run"]) == ("30.45", "26.20", True)
    assert [(line["line"], line["pieces"], line["worth"]) for line in found["lines"]] == [("2", 1, "9.96"), ("1", 2, "19.99")]
    assert "56.65 EUR would go back; 0.00 would be left" in run(config, "refund", "#4001", "--everything", "--dry-run").output
    assert written(config) == ([], [])


def test_the_same_reference_is_the_same_refund(config: Path) -> None:
    first = told(config, "refund", "4001", "--amount", "5", "--reference", "T-1")
    again = told(config, "refund", "4001", "--amount", "7", "--reference", "T-1")
    assert (first["amount"], first["new"], again["new"], again["effect"]) == ("5", True, False, first["effect"])
    assert "already" in run(config, "refund", "4001", "--amount", "5", "--reference", "T-1").output
    assert written(config) == (["planned"], ["refund.plan"])


def test_more_than_is_left_is_refused_in_a_sentence(config: Path) -> None:
    run(config, "refund", "4001", "--amount", "50")
    assert "but only 6.65 are left of the order" in run(config, "refund", "4001", "--amount", "6.66", status=1).output
    assert "has no order 4009" in run(config, "refund", "4009", "--amount", "1", status=1).output
    assert "keeps no store credit" in run(config, "refund", "4001", "--amount", "1", "--credit", status=1).output
    assert "expected a sum" in run(config, "refund", "4001", "--amount", "x", status=2).output
    assert "the order has no X" in run(config, "refund", "4001", "--item", "X", status=2).output


def test_a_code_is_printed_at_once_and_is_the_same_for_the_same_reference(config: Path) -> None:
    assert "possible" in run(config, "coupon", "4001", "--percent", "10", "--dry-run").output
    first = told(config, "coupon", "4001", "--percent", "10", "--days", "30", "--reference", "T-1")
    again = told(config, "coupon", "4001", "--percent", "10", "--reference", "T-1")
    assert first["code"].startswith("GRACIAS-")
    assert (again["code"], again["new"]) == (first["code"], False)
    assert "either a percentage" in run(config, "coupon", "4001", "--percent", "101", status=1).output
    assert written(config) == (["planned"], ["coupon.plan"])


def test_an_order_is_found(config: Path) -> None:
    for wanted in ("4001", "#4001", "400", "ana@cliente.example", "nunez pe", "ANA"):
        assert [order["number"] for order in told(config, "find", wanted)["orders"]] == ["4001"]
    assert told(config, "find", "otra cosa")["orders"] == []
