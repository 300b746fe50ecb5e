"""The schema changes while shops deliver and older code works; killed in the middle it goes on, and older code starts on the newer schema."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, inspect, text

from postventa import migrations
from postventa.models.db import connect
from postventa.runtime.orphans import die_with
from tests.faults.conftest import Stand
from tests.faults.rush import Rush
from tests.scenarios import scenario
from tests.service.running import Service


def newer(service: Service) -> subprocess.Popen[str]:
    """The newer version's `postventa db upgrade`; it ends with the test."""
    me, command = os.getpid(), [sys.executable, "-m", "tests.faults.newer", str(service.config)]
    environ = {**os.environ, **service.environ}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environ, preexec_fn=lambda: die_with(me))  # noqa: PLW1509


def outcome(process: subprocess.Popen[str], seconds: float = 60) -> int:
    """Its status; with its words when it failed."""
    with process:
        try:
            _, said = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode <= 0, said[-2000:]
    return process.returncode


@contextmanager
def opened(service: Service) -> Iterator[Engine]:
    """Its database, beside it."""
    engine = connect(service.settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def schema(engine: Engine) -> dict[str, set[str]]:
    """Every table's columns and indexes, and the revision."""
    look = inspect(engine)
    found = {
        table: {column["name"] for column in look.get_columns(table)} | {str(index["name"]) for index in look.get_indexes(table)}
        for table in look.get_table_names()
    }
    with engine.connect() as connection:
        return {**found, "": set(connection.scalars(text("SELECT version_num FROM alembic_version")))}


def fill_inbox(engine: Engine, rows: int) -> None:
    """A past, so that a value for every row takes a while."""
    columns = [c["name"] for c in inspect(engine).get_columns("inbound") if c["name"] not in ("id", "dedupe", "state")]
    listed = ", ".join(columns)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
    with engine.begin() as connection:
        connection.execute(
            text(
                f"{numbers} INSERT INTO inbound (dedupe, state, {listed}) "
                f"SELECT 'past-' || n.i, 'done', {', '.join('inbound.' + c for c in columns)} FROM inbound, n WHERE inbound.id = 1"
            )
        )


@pytest.mark.long
@scenario("F22", budget=60)
def test_killed_in_the_middle_a_revision_never_happened_and_the_next_try_goes_on(stand: Stand, order_ref: int) -> None:
    service = stand.service().start()
    rush = Rush(service)
    assert rush.one(5 * order_ref)
    with opened(service) as engine:
        before = schema(engine)
        service.arm("migrate.before_commit", "exit9")
        assert outcome(newer(service)) == -9
        assert service.went_off("migrate.before_commit")
        assert schema(engine) == before, "not a column of it"
        service.arm("migrate.before_commit", "exit9:2")
        assert outcome(newer(service)) == -9
        half = schema(engine)
        assert half[""] == {"9001"}
        assert "weight" in half["inbound"]
        assert "hats" not in half["shop"]
        assert outcome(newer(service)) == 0
        after = schema(engine)
        assert after[""] == {"9002"}
        assert {"weight", "colour", "ix_inbound_weight"} <= after["inbound"]
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM inbound WHERE weight IS NULL AND id = 1")) == 0
    assert rush.one(5 * order_ref + 5), "older code goes on"
    service.rest()
    rush.account(stand.sink)


@pytest.mark.long
@scenario("F22", budget=60)
def test_older_code_starts_on_a_newer_schema_and_says_so(stand: Stand, order_ref: int) -> None:
    service = stand.service().start()
    assert outcome(newer(service)) == 0
    assert service.stop() == 0
    service.start()
    rush = Rush(service)
    assert rush.one(5 * order_ref)
    service.rest()
    rush.account(stand.sink)
    found = {check["name"]: check for check in json.loads(service.cli("doctor", "--json").stdout)["checks"]}
    assert found["database"]["state"] == "warn"
    assert "newer version" in found["database"]["message"]
    assert service.cli("db", "upgrade").returncode == 0, "harmless"
    with opened(service) as engine:
        assert (migrations.standing(engine), schema(engine)[""]) == ("ahead", {"9002"})


@pytest.mark.long
@scenario("F22", budget=150)
def test_a_migration_under_fifty_deliveries_a_second_disturbs_nobody(stand: Stand, tell: Callable[[str], None]) -> None:
    service = stand.service().start()
    assert Rush(service, first=1).one(1)
    with opened(service) as engine:
        fill_inbox(engine, 20_000)
        with Rush(service).flowing() as rush:
            service.until(lambda: len(rush.taken) > 50, 20, "busy")
            began = time.monotonic()
            assert outcome(newer(service), 90) == 0
            took = time.monotonic() - began
            service.until(lambda: len(rush.taken) > 50 + 50 * took, 20, "busy afterwards")
        assert schema(engine)[""] == {"9002"}
    tell(f"migrated in {took:.1f} s; {len(rush.taken)} taken, besides {dict(rush.why)}; slowest answer {rush.slowest:.2f} s")
    assert set(rush.why) <= {"503"}, "nothing but what a shop sends again"
    assert rush.answers("503") <= len(rush.taken) / 100
    service.rest(seconds=60)
    rush.account(stand.sink)


@scenario("F22", budget=120)
def test_a_migration_waits_for_nobody_and_nobody_waits_for_it(stand: Stand, order_ref: int) -> None:
    """Somebody reads for long, as a backup does: on PostgreSQL that keeps a table from being changed."""
    service = stand.service().start()
    rush = Rush(service)
    with opened(service) as engine, engine.connect().execution_options(read_only=True) as reader:
        reader.execute(text("SELECT count(*) FROM inbound"))
        process, took = newer(service), []
        for turn in range(20):
            began = time.monotonic()
            assert rush.one(5 * order_ref + turn), rush.why
            took.append(time.monotonic() - began)
            time.sleep(0.1)
        assert statistics.median(took) < 2, "a busy machine may keep any one waiting, and not most"
        reader.rollback()
        assert outcome(process) == 0
    service.rest()
    rush.account(stand.sink)
