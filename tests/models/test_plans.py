"""How the databases find what the hot statements ask for: by an index, however much is stored. A plan that changes is seen here first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from jobs import mend, read_inbox, sweep, watch
from postventa import dossier, effects
from postventa.models import Base
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder
from webhooks.inbox import Inbox, Raw

BIG = ("effect", "inbound", "event", "orders", "order_line", "parcel", "attempt", "customer")
"""Tables that grow with every order: nothing may read one from end to end."""
PARTIAL = [index.name for table in Base.metadata.tables.values() for index in table.indexes if index.dialect_options["sqlite"]["where"] is not None]
SMALL = re.compile(rf" USING (COVERING )?INDEX ({'|'.join(map(str, PARTIAL))})\b")
"""An index that holds only what is under way may be read whole; one that holds all rows is the table by another name."""


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    return with_orders(engine, clock, tmp_path)


def with_orders(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    made = House(engine, clock, tmp_path, alba())
    for ref in range(4001, 4004):
        made.deliver("woocommerce", WooOrder(ref).tell("order.created").sent[0])
    clock.advance(minutes=1)
    return made


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: Any) -> None:
        found.append((statement, parameters[0] if many else parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plan(connection: Connection, statement: str, parameters: Any) -> str:
    """What the database says that it would do; on PostgreSQL as if its tables were too big to be read whole."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(str(row[3]) for row in rows)
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    return "\n".join(str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters))


def whole(plan: str) -> list[str]:
    """Tables that are read from end to end."""
    lines = [line.strip() for line in plan.splitlines()]
    scans = [line for line in lines if ("SCAN" in line and not SMALL.search(line)) or "Seq Scan on" in line]
    return [line for line in scans if any(f" {table}" in f" {line} ".replace("_1", "") for table in BIG)]


def work(house: House, *, what: str) -> None:
    if what == "find unread deliveries":
        read_inbox.anything_left(house.world, house.shops["woocommerce"])
        sweep._unheard(house.world)
    elif what == "claim what is due":
        with transaction(house.engine) as session:
            claims = effects.claim_due(session, 64, 60, "me")
        assert claims
    elif what == "look for what a person should know":
        for check in (watch.backlog, watch.mails_late, watch.mail_server, watch.dead_letters):
            list(check(house.world))
        mend.mend(house.world)
        mend.bring_back(house.world)
    elif what == "find what is due":
        with reading(house.engine) as session:
            effects.due(session, 100, urgent=False)
            effects.due(session, 1, urgent=True)
    elif what == "read deliveries":
        stored = Inbox(house.engine, lambda shops: None)
        for ref in (4011, 4012):
            sent = WooOrder(ref).tell("order.created").sent[0]
            stored.store(Raw(house.shops["woocommerce"], "woocommerce", sent.topic, sent.delivery_id, {}, sent.body))
        read_inbox.read_inbox(house.shops["woocommerce"])
        house.deliver("woocommerce", WooOrder(4001).tell("order.created").tell(after=timedelta(minutes=5), status="enviado").sent[1])
    else:
        house.run()
        with reading(house.engine) as session:
            dossier.load(session, dossier.read_orders(session, [1, 2, 3]), recipients=True)


def test_reading_a_table_from_end_to_end_is_noticed(house: House) -> None:
    with house.engine.connect() as connection:
        assert whole(plan(connection, "SELECT id FROM effect WHERE reason = 'x'", ()))
        assert whole(plan(connection, "SELECT id FROM effect ORDER BY order_id", ())) or connection.dialect.name != "sqlite"
        assert not whole(plan(connection, "SELECT id FROM effect WHERE id = 7", ()))
        connection.rollback()


@pytest.mark.parametrize(
    "what", ["find unread deliveries", "claim what is due", "find what is due", "read deliveries", "send mails", "look for what a person should know"]
)
def test_no_hot_statement_reads_a_growing_table_from_end_to_end(house: House, what: str) -> None:
    with asked(house.engine) as statements:
        work(house, what=what)
    with house.engine.connect() as connection:
        found = {}
        for statement, parameters in statements:
            if statement.startswith(("SELECT", "UPDATE", "WITH", "DELETE")) and "pg_try_advisory" not in statement:
                found[statement] = plan(connection, statement, parameters)
        bad = {statement[:200]: said for statement, said in found.items() if whole(said)}
        connection.rollback()
    assert found
    assert not bad, "\n\n".join(f"{statement}\n{said}" for statement, said in bad.items())


@pytest.mark.parametrize("what", ["read deliveries", "send mails"])
def test_no_hot_statement_reads_all_that_a_shop_has_or_all_that_waits(sqlite_engine: Engine, clock: TestClock, tmp_path: Path, what: str) -> None:
    """Customers asked for by address or number took 10 ms with ten thousand of them; deliveries that are still new were sought among all that wait.

    PostgreSQL goes by statistics, which three orders do not have.
    """
    house = with_orders(sqlite_engine, clock, tmp_path)
    with asked(house.engine) as statements:
        work(house, what=what)
    with house.engine.connect() as connection:
        plans = {statement: plan(connection, statement, p) for statement, p in statements if statement.startswith(("SELECT", "UPDATE"))}
        connection.rollback()
    wide = re.compile(rf"SEARCH ({'|'.join(BIG)}) USING (?!.*ix_inbound_unread).*\((shop_id=\?|not_before<\?)\)")
    bad = {statement[:200]: said for statement, said in plans.items() if wide.search(said)}
    assert not bad, "\n\n".join(f"{statement}\n{said}" for statement, said in bad.items())


def test_what_is_due_is_found_by_the_index_that_holds_nothing_else(house: House) -> None:
    with asked(house.engine) as statements, transaction(house.engine) as session:
        effects.claim_due(session, 64, 60, "me")
    ((statement, parameters),) = [one for one in statements if "UPDATE effect" in one[0]]
    with house.engine.connect() as connection:
        said = plan(connection, statement, parameters)
        connection.rollback()
    assert "ix_effect_urgent" in said, said
    assert connection.dialect.name != "sqlite" or "ix_effect_due" not in said, said


def test_what_may_wait_is_found_by_an_index_of_its_own(house: House) -> None:
    with asked(house.engine) as statements, reading(house.engine) as session:
        effects.due(session, 100, urgent=False)
    ((statement, parameters),) = [one for one in statements if "effect" in one[0]]
    with house.engine.connect() as connection:
        said = plan(connection, statement, parameters)
        connection.rollback()
    assert "ix_effect_rest" in said, said


def test_an_order_s_events_are_found_by_the_order(house: House) -> None:
    """Asked for in the order of their keys, SQLite took the shop's whole history by its unique index: 50 ms with four million rows."""
    with asked(house.engine) as statements, reading(house.engine) as session:
        dossier.load(session, dossier.read_orders(session, [1, 2, 3]))
    ((statement, parameters),) = [one for one in statements if "FROM event" in one[0]]
    with house.engine.connect() as connection:
        said = plan(connection, statement, parameters)
        connection.rollback()
    assert "ix_event_shop_id_order_ref" in said, said
