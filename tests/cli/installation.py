"""What a command finds: the configuration of one shop, and a ledger with an order of Ana's in it."""

from __future__ import annotations

from pathlib import Path

from postventa import migrations
from postventa.config import load
from postventa.models.db import connect
from tests.conftest import TestClock
from tests.pipeline.house import House
from tests.pipeline.stories import WooOrder

SHOP = """
[[shops]]
key = "alba-0123456789abcdef"
platform = "woocommerce"
name = "Cerámica Alba"
url = "https://ceramica-alba.example"
webhook_secrets = ["secreto-de-alba"]
"""
KEYS = """consumer_key = "ck_1"
consumer_secret = "cs_1"
"""


def installed(folder: Path, clock: TestClock, order: WooOrder, more: str = "") -> Path:
    """Its file. `order`: what it told so far has arrived; `more`: further settings of the shop. Commands install a clock of their own; `clock` is put
    back when the test is over.
    """
    file = folder / "config.toml"
    file.write_text(SHOP + more, encoding="utf-8")
    settings = load(file)
    engine = connect(settings.database_url)
    migrations.upgrade_engine(engine)
    house = House(engine, clock, folder, *settings.shops)
    for sent in order.sent:
        house.deliver("woocommerce", sent)
    engine.dispose()
    return file
