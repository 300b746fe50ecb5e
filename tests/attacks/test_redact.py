"""A customer who asks to be forgotten while a parcel of theirs is on its way back (S24)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from jobs.open_return import find_order, open_return
from postventa.models import Base, Inbound, LabelRow, Order, ReturnCase
from postventa.models.db import reading, transaction
from postventa.shops import find
from tests.checker.tenants import tenant_violations
from tests.conftest import TestClock
from tests.pipeline.house import House, lola
from tests.pipeline.stories import DAY, HOUR, NOON, Sent, ShopifyOrder
from tests.pipeline.test_journeys import live
from tests.scenarios import scenario

PEOPLE = ("Ana", "ana@", "Betis", "me aprieta", "+34")


def redact(email: str, customer: int) -> Sent:
    body = {"shop_domain": "zapateria-lola.myshopify.com", "customer": {"id": customer, "email": email}, "orders_to_redact": [5001]}
    return Sent("customers/redact", json.dumps(body).encode(), NOON, f"redact-{customer}")


def everything(engine: Engine) -> str:
    """All that is kept, but for the request itself and the shop's own settings."""
    told: list[Any] = []
    with reading(engine) as session:
        for table in Base.metadata.sorted_tables:
            if table.name != "shop":
                told += [row for row in session.execute(select(table)).mappings() if row.get("topic") != "customers/redact"]
    return repr(told)


@scenario("S24", budget=60)
def test_an_open_return_loses_its_person_and_keeps_its_facts(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR).scan(901, "delivered", after=HOUR)
    live(house, "shopify", order.sent)
    with transaction(engine) as session:
        shop = find(session, house.shops["shopify"], house.settings, house.world.secret)
        open_return(session, house.settings, shop, find_order(session, shop, "5001"), [], "me aprieta, soy Ana", "api", "caso-1", actor="api")
    house.until(clock.now() + HOUR)
    (case,) = house.returns()
    assert [word for word in PEOPLE if word in everything(engine)] != [], "there was somebody to forget"
    with reading(engine) as session:
        assert session.scalars(select(LabelRow)).one().pdf is not None
    house.deliver("shopify", redact("ana@cliente.example", 777))
    house.until(NOON + 40 * DAY)
    assert [word for word in PEOPLE if word in everything(engine)] == []
    with reading(engine) as session:
        kept, row, label = session.get_one(ReturnCase, case.id), session.scalars(select(Order)).one(), session.scalars(select(LabelRow)).one()
        assert (kept.number, kept.state, kept.lines, kept.reason) == (case.number, "approved", case.lines, "")
        assert (str(row.total), row.erased_at is not None, label.reference, label.pdf) == ("50", True, case.number, None)
    assert list(tenant_violations(engine)) == []
    late = {"id": 31, "status": "open", "order": {"id": 5001}, "name": "#5001-R1", "total_return_line_items": 1}
    line = {
        "id": 1,
        "quantity": 1,
        "return_reason": "other",
        "customer_note": "me aprieta",
        "fulfillment_line_item": {"id": 3, "line_item": {"id": 11}},
    }
    late |= {"admin_graphql_api_id": "gid://shopify/Return/31", "return_line_items": [line]}
    arrived = house.deliver("shopify", Sent("returns/approve", json.dumps(late).encode(), clock.now(), "late"))
    with transaction(engine) as session:
        delivery = session.get_one(Inbound, arrived)
        assert delivery.state == "done", delivery.error
        delivery.body = None  # it is forgotten with all others, 30 days later
    assert [word for word in PEOPLE if word in everything(engine)] == [], "a late delivery brings nobody's words back"


@scenario("S24", budget=60)
def test_a_request_in_somebody_elses_name_erases_nobody_else(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, lola())
    live(house, "shopify", ShopifyOrder().tell("orders/create").sent)
    other = {"shop_domain": "otra.myshopify.com", "customer": {"id": 777}, "orders_to_redact": [5001]}
    house.deliver("shopify", Sent("customers/redact", json.dumps(other).encode(), NOON, "foreign"))
    house.deliver("shopify", redact("otto@cliente.example", 778))
    assert {row.delivery_id: row.state for row in house.inbound()}["foreign"] == "poison", "signed for another shop"
    with reading(engine) as session:
        assert session.scalars(select(Order.erased_at)).one() is None
