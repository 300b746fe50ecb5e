"""Who floods the door without a key is told so, is written down once a minute, and stands in nobody's way."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from postventa import alarms
from postventa.models.db import connect, reading
from tests.pipeline.stories import Sent, ShopifyOrder, WooOrder
from tests.scenarios import scenario
from tests.service.running import Service, service
from tests.service.shops import ALBA, LOLA, Answer
from webhooks.strangers import BURST, SAID_EVERY

SAID = "not signed by the shop they are addressed to"


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One that a slow machine can flood, too."""
    with service(tmp_path_factory.mktemp("up")) as running:
        running.program = "tests.service.counted"
        yield running.start()


@scenario("S2", budget=30)
def test_a_signed_delivery_that_names_another_shop_raises_one_alarm(lasting: Service, order_ref: int) -> None:
    sent = ShopifyOrder(order_ref).tell("orders/create").sent[0]
    for _ in range(5):
        assert lasting.deliver(LOLA, sent, domain="otra-tienda.myshopify.com").status == 401
    lasting.until(lambda: "wrong-shop" in lasting.alarms(), 5, "an alarm")
    engine = connect(lasting.settings.database_url)
    with reading(engine) as session:
        (alarm,) = [alarm for alarm in alarms.open_alarms(session) if alarm.name == "wrong-shop"]
    engine.dispose()
    assert (alarm.subject, alarm.level) == ("Zapatería Lola", "warn")
    assert "otra-tienda.myshopify.com" in alarm.message
    assert lasting.said().count("signed for another shop domain") == 1, "written down once, not five times"


def flooded(service: Service, path: str, sent: Sent) -> Answer:
    """Post without a signature until that is too much; what is answered then."""
    for count in itertools.count(1):
        answer = service.post(path, sent.body, ALBA.headers(sent, signature=None))
        if answer.status != 401 or count > 10 * BURST:
            return answer
    raise AssertionError


@scenario("S4", budget=60)
def test_a_flood_without_signatures_hears_429_and_signed_deliveries_beside_it_are_taken(lasting: Service, order_ref: int) -> None:
    sent = WooOrder(order_ref).tell("order.created").sent[0]
    answer = flooded(lasting, ALBA.path, sent)
    assert (answer.status, answer.body) == (429, b"")
    assert lasting.deliver(ALBA, sent).status == 200, "from the same address, in the middle of it"
    stranger = flooded(lasting, "/webhooks/woocommerce/nobody-0000000000000000", sent)
    assert (stranger.status, stranger.body, set(stranger.headers)) == (429, b"", set(answer.headers)), "an address that is none sounds the same"
    assert len(lasting.deliveries(delivery_id=sent.delivery_id)) == 1


@scenario("S1", budget=60)
def test_hundreds_of_refusals_are_a_line_a_minute(lasting: Service, order_ref: int) -> None:
    sent = WooOrder(order_ref).tell("order.created").sent[0]
    for _ in range(100):
        assert lasting.post(ALBA.path, sent.body, ALBA.headers(sent, signature=None)).status in (401, 429)
    lines = [json.loads(line) for line in lasting.said().splitlines() if SAID in line]
    assert lines
    assert all(line["ip"] == "127.0.0.1" for line in lines)
    times = [datetime.fromisoformat(line["at"]) for line in lines]
    assert all(later - earlier > timedelta(seconds=SAID_EVERY - 5) for earlier, later in itertools.pairwise(times))
