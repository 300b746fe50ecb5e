"""Backups while shops deliver: each is one moment's whole truth, and what is restored from it is that."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from postventa.config import Settings
from postventa.models import Effect, Inbound
from postventa.models.db import connect, reading
from tests.faults.conftest import Stand
from tests.faults.rush import Rush, name
from tests.scenarios import scenario
from tests.servers import postgres_programs
from tests.service.running import Service


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore, as an operator has them."""
    monkeypatch.setenv("PATH", f"{postgres_programs()}:/usr/bin:/bin")


def database_of(file: Path, service: Service) -> str:
    """The address of a database that holds what is in the backup."""
    if file.suffix == ".db":
        return f"sqlite:///{file}"
    url = service.settings.database_url
    fresh = f"copy_{time.monotonic_ns()}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        here: str = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"CREATE DATABASE {fresh} TEMPLATE template0"))
    admin.dispose()
    copy = url.replace(f"/{here}", f"/{fresh}")
    command = ["pg_restore", f"--dbname={copy.replace('postgresql+psycopg', 'postgresql')}", "--exit-on-error", "--no-owner", str(file)]
    subprocess.run(command, check=True, timeout=60)
    return copy


def drop(url: str) -> None:
    """A PostgreSQL copy is not needed any more."""
    if url.startswith("sqlite"):
        return
    fresh = url.partition("/copy_")[2].partition("?")[0]
    admin = create_engine(url.replace(f"/copy_{fresh}", "/postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE copy_{fresh} WITH (FORCE)"))
    admin.dispose()


def content(url: str) -> tuple[set[str], set[int]]:
    """(deliveries, effects that are done) of a database."""
    engine = connect(url)
    try:
        with reading(engine) as session:
            return set(session.scalars(select(Inbound.delivery_id))), set(session.scalars(select(Effect.id).where(Effect.state == "done")))
    finally:
        engine.dispose()


@pytest.mark.long
@scenario("F22", budget=240)
def test_each_backup_under_traffic_holds_all_that_was_taken_before_it_and_restores(stand: Stand, tell: Callable[[str], None]) -> None:
    service = stand.service().start()
    made: list[tuple[float, Path]] = []
    with Rush(service, rate=15).flowing() as rush:
        service.until(lambda: len(rush.taken) > 30, 20, "busy")
        for turn in range(4):
            began, file = time.monotonic(), service.folder / f"{turn}{'.db' if stand.database == 'sqlite' else '.pgdump'}"
            said = service.cli("db", "backup", str(file))
            assert said.returncode == 0, said.stderr
            made.append((began, file))
    assert rush.missed == []
    service.rest(seconds=60)
    for began, file in made:
        url = database_of(file, service)
        deliveries, done = content(url)
        drop(url)
        assert {name(ref) for ref, at in rush.taken.items() if at < began} <= deliveries
        assert done <= {mail.effect for mail in stand.sink.mails}
    tell(f"{len(made)} backups in {made[-1][0] - made[0][0]:.0f} s, {len(rush.taken)} deliveries, slowest answer {rush.slowest:.2f} s")
    rush.account(stand.sink)
    assert stand.judge() == []
    assert service.stop() == 0
    restored(stand, service, rush, *made[1])


def restored(stand: Stand, service: Service, rush: Rush, began: float, file: Path) -> None:
    """As an operator does it: restore, look, release. What went out after the backup goes out again under the same Message-ID, and only then."""
    said = service.cli("db", "restore", str(file), "--yes")
    assert said.returncode == 0, said.stderr
    deliveries, _ = content(service.settings.database_url)
    assert {name(ref) for ref, at in rush.taken.items() if at < began} <= deliveries
    before = len(stand.sink.mails)
    service.start()
    assert rush.one(5), "deliveries are taken"
    service.until(lambda: service.deliveries(state="new") == [], 30, "read")
    assert [shop["hold"] for shop in service.json("shop", "list")["shops"]] == ["yes", "yes", "yes"]
    assert len(stand.sink.mails) == before, "and nothing is sent"
    assert service.cli("shop", "release", "Cerámica Alba").returncode == 0
    stand.sink.wait("5@cliente.example")
    service.rest(seconds=60)
    stand.judged = False  # the checker knows nothing of a ledger that went back in time
    ids = {mail.recipients: {other.message_id for other in stand.sink.to(mail.recipients[0])} for mail in stand.sink.mails}
    assert all(len(found) == 1 for found in ids.values()), "the same mail under the same Message-ID"


@pytest.mark.long
@scenario("F22", budget=60)
def test_a_backup_killed_at_its_end_leaves_nothing_that_looks_whole(stand: Stand, order_ref: int) -> None:
    service = stand.service().start()
    assert Rush(service).one(5 * order_ref)
    service.arm("backup.before_rename")
    assert service.cli("db", "backup").returncode == -9
    assert service.went_off("backup.before_rename")
    folder = service.folder / "var" / "backups"
    assert [file.name for file in folder.iterdir() if not file.name.startswith(".")] == []
    said = service.json("db", "backup")
    assert Path(said["file"]).exists()
    settings: Settings = service.settings
    assert settings.var in Path(said["file"]).parents
