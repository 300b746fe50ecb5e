"""`postventa privacy`: requests of people whose shop has no webhook for it."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from postventa.cli import cli
from postventa.config import load
from postventa.models import AuditEntry, Order
from postventa.models.db import connect, reading
from tests.cli.installation import installed
from tests.conftest import TestClock
from tests.pipeline.stories import NOON, WooOrder


@pytest.fixture
def config(tmp_path: Path, clock: TestClock) -> Path:
    """An installation with one order of Ana's."""
    return installed(tmp_path, clock, WooOrder(4001, NOON).tell("order.created"))


def run(config: Path, *arguments: str, status: int = 0) -> Result:
    done = CliRunner().invoke(cli, ["--config", str(config), "privacy", *arguments])
    assert done.exit_code == status, (done.output, done.exception)
    return done


def audited(config: Path) -> list[str]:
    engine = connect(load(config).database_url)
    with reading(engine) as session:
        found = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    engine.dispose()
    return found


def test_an_export_is_asked_for_taken_and_closed(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "ana.zip"
    run(config, "export", "--customer", "ana@cliente.example", "--to", str(file), "--reason", "she wrote")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as packed:
        assert "4001" in packed.read("index.html").decode()
    (case,) = json.loads(run(config, "list", "--json").output)["cases"]
    assert (case["kind"], case["state"], case["source"], case["has_export"]) == ("export", "ready", "cli", True)
    assert run(config, "export", str(case["id"]), "--to", str(file), status=1).output.endswith("choose another name with --to\n")
    run(config, "close", str(case["id"]), "--reason", "sent by mail")
    assert json.loads(run(config, "list", "--json").output)["cases"] == []
    assert audited(config) == ["privacy.ask_export", "privacy.export", "privacy.take_export", "privacy.take_export", "privacy.close"]


def test_a_customer_is_erased_and_a_court_can_ask(config: Path) -> None:
    run(config, "erase", "--customer", "ana@cliente.example", "--yes", status=2)
    said = run(config, "erase", "--customer", "ana@cliente.example", "--yes", "--reason", "she wrote").output
    assert "1 orders of 1 customers erased, 1 of them blocked" in said
    engine = connect(load(config).database_url)
    with reading(engine) as session:
        assert session.scalars(select(Order.email)).one() == ""
    engine.dispose()
    found = json.loads(run(config, "blocked", "4001", "--reason", "court order 12/26").output)
    assert (found["email"], found["number"]) == ("ana@cliente.example", "4001")
    assert audited(config) == ["privacy.erase", "privacy.unblock"]
    assert "nothing is blocked" in run(config, "blocked", "4002", "--reason", "court order 12/26", status=1).output


def test_whom_it_is_about_has_to_be_said(config: Path) -> None:
    assert "--customer or --order" in run(config, "export", status=2).output
    assert "there is no case 77" in run(config, "close", "77", status=1).output
    assert "nobody waits" in run(config, "list").output
