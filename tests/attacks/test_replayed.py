"""A genuine body played again half a year later (S3), and proofs that contradict one another (S1)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select

from jobs import purge
from postventa.models import Inbound
from postventa.models.db import reading
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import DAY, HOUR, NOON, Sent, ShopifyOrder, WooOrder
from tests.pipeline.test_journeys import live
from tests.scenarios import scenario
from tests.service.shops import LOLA


@scenario("S3", budget=60)
def test_half_a_year_later_a_genuine_body_does_nothing_under_any_id(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba())
    told = WooOrder().tell("order.created").tell(after=HOUR, status="enviado").tell(after=DAY, status="entregado")
    live(house, "woocommerce", told.sent)
    house.until(NOON + 40 * DAY)
    purge.purge(house.world)
    assert {row.body for row in house.inbound()} == {None}, "the bodies are forgotten, their hashes are not"
    sent, keys = len(house.postman.mails), {effect.key for effect in house.effects()}
    assert sent >= 3
    house.until(NOON + 180 * DAY)
    for delivery in told.sent:
        assert house.deliver("woocommerce", delivery) is None, "the same delivery is known"
        forged = Sent(delivery.topic, delivery.body, delivery.at, f"forged-{delivery.delivery_id}")
        assert house.deliver("woocommerce", forged) is not None
        house.deliver("woocommerce", Sent("order.restored", delivery.body, delivery.at, delivery.delivery_id))
    house.until(NOON + 200 * DAY)
    assert len(house.postman.mails) == sent
    assert {effect.key for effect in house.effects()} == keys
    assert {row.state for row in house.inbound()} <= {"done", "superseded"}


@scenario("S1", budget=30)
def test_two_header_families_that_say_different_things_prove_nothing(visitor: FlaskClient, engine: Engine) -> None:
    sent = ShopifyOrder(5001, datetime.now(UTC).replace(microsecond=0)).tell("orders/create").sent[0]
    for first, second in ((LOLA.signature(sent.body), "A" * 44), ("A" * 44, LOLA.signature(sent.body))):
        headers = [*LOLA.headers(sent, signature=first), ("shopify-hmac-sha256", second)]
        assert visitor.post(LOLA.path, data=sent.body, headers=headers).status_code == 401
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Inbound)) == 0
    same = [*LOLA.headers(sent), ("shopify-hmac-sha256", LOLA.signature(sent.body))]
    assert visitor.post(LOLA.path, data=sent.body, headers=same).status_code == 200
