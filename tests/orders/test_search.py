"""Orders are found by an index, on each database, by whatever rules it sorts."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from postventa.models.db import reading
from postventa.orders.search import search
from tests.conftest import TestClock
from tests.models.test_plans import asked, plan, whole, with_orders


def test_numbers_and_addresses_read_no_table_from_end_to_end(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    house = with_orders(engine, clock, tmp_path)
    with asked(house.engine) as statements, reading(house.engine) as session:
        for typed, found in (("4002", 1), ("#4002", 1), ("400", 3), ("4", 3), ("5", 0), ("1234567890", 0)):
            assert len(search(session, typed).orders) == found, typed
    with house.engine.connect() as connection:
        plans = {statement: plan(connection, statement, parameters) for statement, parameters in statements if statement.startswith("SELECT")}
        connection.rollback()
    assert not {statement: said for statement, said in plans.items() if whole(said)}


def test_people_are_found_by_address_and_name(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    house = with_orders(engine, clock, tmp_path)
    with reading(house.engine) as session:
        for typed in ("ana@cliente.example", "ana@", "Ana", "peña nunez", "PEÑA"):
            assert [order.number for order in search(session, typed).orders] == ["4003", "4002", "4001"], typed
