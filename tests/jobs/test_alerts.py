"""Mails to the merchant: about an order, or about the shop as a whole."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from jobs.alerts import ALERTS
from jobs.send_message import send_message
from postventa import effects
from postventa.clock import now
from postventa.emails import wording
from postventa.emails.foot import MERCHANT, RECEIPTS
from postventa.models import Effect
from postventa.models.db import transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON

MARA = "mara@ceramica-alba.example"


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    return House(engine, clock, tmp_path, alba())


def planned(house: House, recipient: str = MARA) -> Effect:
    """An alert about Mara's shop, not about one of its orders."""
    with transaction(house.engine) as session:
        effect = effects.plan(
            session,
            key="alba:alert:1",
            shop_id=house.shops["woocommerce"],
            order_id=None,
            kind="alert",
            followup="low_rating",
            recipient=recipient,
            legal_basis="operational",
            at=now(),
            due_at=now(),
        )
    assert effect is not None
    return effect


def test_every_kind_has_wording_and_a_foot_for_the_merchant() -> None:
    without_rules = {name for name in wording.names() if not (wording.FOLLOWUPS / name / "__init__.py").exists()}
    assert set(ALERTS) == MERCHANT == without_rules - RECEIPTS


def test_an_alert_about_no_order_goes_out_once(house: House) -> None:
    effect = planned(house)
    for _ in range(2):
        send_message(effect.id)
    (mail,) = house.postman.mails
    assert (mail["To"], mail["X-Postventa-Effect"]) == (MARA, str(effect.id))
    assert house.effects()[0].state == "done"


def test_a_shop_that_named_no_address_for_alerts_is_not_written_to(house: House) -> None:
    send_message(planned(house, recipient="").id)
    (effect,) = house.effects()
    assert (effect.state, effect.reason, house.postman.mails) == ("suppressed", "the shop has no address for alerts: set alert_email", [])
