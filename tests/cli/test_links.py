"""Links to an order's page are taken back by a person, who says why."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from sqlalchemy import select

from postventa import migrations, shops, track_links
from postventa.cli import cli
from postventa.clock import now
from postventa.config import Settings, load
from postventa.models import AuditEntry, Order, Shop
from postventa.models.db import connect, transaction
from postventa.secrets import load_secret

CONFIG = """
[[shops]]
key = "alba-0123456789abcdef"
platform = "woocommerce"
name = "Cerámica Alba"
url = "https://ceramica-alba.example"
webhook_secrets = ["secreto-de-alba-0123456789"]
"""


def installed(folder: Path) -> Settings:
    """A service with one shop and one order."""
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    settings = load(folder / "config.toml", {})
    migrations.upgrade(settings)
    engine = connect(settings.database_url)
    shops.sync(engine, settings)
    with transaction(engine) as session:
        session.add(Order(shop_id=session.scalars(select(Shop.id)).one(), ref="4001", number="4001", email="ana@cliente.example", seen_at=now()))
    engine.dispose()
    return settings


def test_a_link_that_was_passed_on_is_taken_back_and_it_stands_in_the_audit_who_did_it(tmp_path: Path) -> None:
    settings = installed(tmp_path)
    command = ["--config", str(tmp_path / "config.toml"), "ledger", "unlink", "4001", "--reason", "she forwarded it"]
    said = CliRunner().invoke(cli, command)
    assert (said.exit_code, said.stdout) == (0, "No link opens the page of order 4001 any more.\n"), said.output
    engine, secret = connect(settings.database_url), load_secret(settings)
    with transaction(engine) as session:
        shop = session.scalars(select(Shop)).one()
        found = track_links.find(session, secret, track_links.token(secret, shop.key, "4001", session.scalars(select(Order.id)).one()), now())
        assert found is not None
        assert found.over
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first() == "links.revoke"
    engine.dispose()
    assert CliRunner().invoke(cli, [*command[:4], "9999", *command[5:]]).exit_code == 1
