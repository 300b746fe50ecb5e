"""Who asks to be forgotten is forgotten, and an uninstalled shop is left in peace until it comes back."""

import json
from pathlib import Path

from sqlalchemy import Engine, select

from postventa import alarms
from postventa.models import Customer, Inbound, Order
from postventa.models.db import reading
from tests.conftest import TestClock
from tests.pipeline.house import House, lola
from tests.pipeline.stories import DAY, HOUR, NOON, Sent, ShopifyOrder
from tests.pipeline.test_journeys import live
from tests.scenarios import scenario


def delivery(topic: str, body: dict[str, object], at: object = None) -> Sent:
    return Sent(topic, json.dumps(body).encode(), NOON, f"{topic}-{at}")


@scenario("S24", budget=60)
def test_a_customer_who_asks_for_it_is_erased_everywhere_and_gets_nothing_more(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR).scan(901, "delivered", after=HOUR)
    live(house, "shopify", order.sent)
    house.until(order.at + HOUR)
    sent = len(house.postman.mails)
    house.deliver(
        "shopify", delivery("customers/redact", {"shop_domain": "zapateria-lola.myshopify.com", "customer": {"id": 777}, "orders_to_redact": [5001]})
    )
    house.until(NOON + 40 * DAY)
    assert len(house.postman.mails) == sent
    with reading(engine) as session:
        erased = session.scalars(select(Order)).one()
        assert (erased.email, erased.first_name, erased.shipping_address, str(erased.total)) == ("", "", {}, "50")
        assert session.scalars(select(Customer.email)).one().startswith("erased-")
        bodies = {row.topic: row.body for row in session.scalars(select(Inbound))}
    assert bodies["orders/create"] is None
    assert all("ana@" not in json.dumps(e.data) + e.recipient for e in house.effects())
    assert {e.reason for e in house.effects(followup="review_request")} == {"the customer's data were erased"}
    house.deliver("shopify", order.tell("orders/updated", after=HOUR).sent[-1])
    with reading(engine) as session:
        assert session.scalars(select(Order.email)).one() == "", "a late delivery does not bring the data back"


@scenario("F17", budget=60)
def test_an_uninstalled_shops_customers_hear_of_their_orders_and_are_asked_for_nothing_until_it_is_back(
    engine: Engine, clock: TestClock, tmp_path: Path
) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola(alert_email="lola@zapateria-lola.example"))
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR).scan(901, "delivered", after=DAY)
    live(house, "shopify", order.sent[:1])
    house.until(NOON + HOUR)
    house.deliver(
        "shopify",
        delivery(
            "app/uninstalled",
            {"id": 1, "name": "Zapatería Lola", "shop_owner": "Lola", "plan_name": "basic", "myshopify_domain": "zapateria-lola.myshopify.com"},
        ),
    )
    live(house, "shopify", order.sent[1:])
    house.until(NOON + 12 * DAY)
    assert [str(m["X-Postventa-Followup"]) for m in house.postman.mails] == ["app_uninstalled", "shipped"]
    assert house.postman.mails[0]["To"] == "lola@zapateria-lola.example", "the merchant knows, should it be a mistake"
    assert opened(house) == ["app-uninstalled"]
    assert [(e.state, e.reason) for e in house.effects(followup="review_request")] == [("planned", "the shop is disconnected")]
    house.deliver("shopify", order.tell("orders/updated", after=13 * DAY).sent[-1])
    house.until(NOON + 15 * DAY)
    assert [str(m["X-Postventa-Followup"]) for m in house.postman.mails] == ["app_uninstalled", "shipped", "review_request"]
    assert opened(house) == []


def opened(house: House) -> list[str]:
    with reading(house.engine) as session:
        return [alarm.name for alarm in alarms.open_alarms(session)]
