"""The audit log: a chain that shows every change, in tables that refuse them, on both databases."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from postventa import audit, migrations
from postventa.models import AuditEntry
from postventa.models.append_only import MESSAGE
from postventa.models.db import connect, reading, transaction

COLUMNS = "action, shop_id, subject, reason, before, after, previous, hash"
REPLACE = {
    "sqlite": f"INSERT OR REPLACE INTO audit (id, at, actor, {COLUMNS}) SELECT id, at, 'otto', {COLUMNS} FROM audit WHERE id = 2",
    "postgresql": "TRUNCATE audit",
}


def written(engine: Engine, rows: int = 3) -> list[AuditEntry]:
    for number in range(rows):
        with transaction(engine) as session:
            audit.record(session, "cli:jon@almacen", "inbox.replay", subject=f"delivery {number}", before={"dead": 1}, after={"new": 1})
    with reading(engine) as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def problems(engine: Engine, anchor: str = "") -> list[str]:
    with reading(engine) as session:
        return audit.verify(session, audit.Anchor.parse(anchor) if anchor else None)


def without_guards(engine: Engine, statement: str) -> None:
    """What somebody does who owns the database."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        else:
            for name in ("audit_no_update", "audit_no_delete", "audit_no_replace"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(statement))


def test_each_row_carries_the_hash_of_the_one_before(engine: Engine) -> None:
    first, second, third = written(engine)
    assert [row.id for row in (first, second, third)] == [1, 2, 3]
    assert (first.previous, second.previous, third.previous) == ("", first.hash, second.hash)
    assert len({first.hash, second.hash, third.hash}) == 3
    assert problems(engine, f"3:{third.hash}") == []


def test_both_databases_refuse_every_change(engine: Engine) -> None:
    before = [(row.id, row.hash) for row in written(engine)]
    for statement in (update(AuditEntry).values(actor="otto"), delete(AuditEntry), text(REPLACE[engine.dialect.name])):
        with pytest.raises(DatabaseError, match=MESSAGE), transaction(engine) as session:
            session.execute(statement)
    with reading(engine) as session:
        assert [(row.id, row.hash) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == before


def test_a_migrated_database_refuses_them_too(database_url: str) -> None:
    engine = connect(database_url)
    migrations.upgrade_engine(engine)
    written(engine, 1)
    with pytest.raises(DatabaseError, match=MESSAGE), transaction(engine) as session:
        session.execute(update(AuditEntry).values(actor="otto"))
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET actor = 'cli:otto@almacen' WHERE id = 2", ["row 2 (inbox.replay) was changed after it was written"]),
        ("DELETE FROM audit WHERE id = 2", ["row 2 is missing"]),
        ("DELETE FROM audit WHERE id < 3", ["rows 1 to 2 are missing"]),
        ("UPDATE audit SET hash = '0' WHERE id = 2", ["row 2 (inbox.replay) was changed", "row 3 does not follow row 2"]),
    ],
)
def test_what_was_done_behind_the_databases_back_is_seen(engine: Engine, statement: str, said: list[str]) -> None:
    written(engine)
    without_guards(engine, statement)
    found = problems(engine)
    assert len(found) == len(said)
    assert all(problem.startswith(beginning) for problem, beginning in zip(found, said, strict=True)), found


def test_an_end_that_was_cut_off_is_seen_with_an_anchor_only(engine: Engine) -> None:
    *_, last = written(engine)
    without_guards(engine, "DELETE FROM audit WHERE id = 3")
    assert problems(engine) == []
    assert problems(engine, f"3:{last.hash[:12]}") == ["the log ends with row 2, but row 3 was there: its end was cut off"]
    with transaction(engine) as session:
        audit.record(session, "cli:otto@almacen", "inbox.replay")
    assert problems(engine, f"3:{last.hash}") == ["row 3 is another one than the anchor tells of: the log was written anew"]


def test_many_who_add_at_the_same_time_make_one_chain(engine: Engine) -> None:
    trouble: list[BaseException] = []

    def add(name: int) -> None:
        try:
            for number in range(5):
                with transaction(engine) as session:
                    audit.record(session, f"cli:{name}@almacen", "inbox.replay", subject=str(number))
        except BaseException as error:  # noqa: BLE001  (told below, in the test's own thread)
            trouble.append(error)

    threads = [threading.Thread(target=add, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert problems(engine) == []
    with reading(engine) as session:
        newest = audit.newest(session)
    assert newest is not None
    assert newest.number == 30


def test_what_was_rolled_back_leaves_no_gap(engine: Engine) -> None:
    written(engine, 1)
    with Session(engine) as session:
        audit.record(session, "cli:jon@almacen", "inbox.replay")
        session.rollback()
    assert [row.id for row in written(engine, 1)] == [1, 2]
    assert problems(engine) == []


def test_any_text_can_be_kept_and_fractions_cannot(engine: Engine) -> None:
    with transaction(engine) as session:
        odd = audit.record(
            session, "cli:\udcff@a", "x", reason="NUL \0, 🌸, \u202e", before={"ü": ["\0", 2**60, None, True]}, after={"é": {"z": 1, "a": 2}}
        )
        kept = (odd.actor, odd.reason, odd.before)
    assert kept == ("cli:\\udcff@a", "NUL \\0, 🌸, \u202e", {"ü": ["\\0", 2**60, None, True]})
    assert problems(engine) == []
    with pytest.raises(TypeError, match="whole numbers"), transaction(engine) as session:
        audit.record(session, "cli:jon@almacen", "x", after={"rate": 0.5})


@pytest.mark.parametrize("said", ["", "17", "17:", "x:0123456789ab", "17:0123", "17:xyzxyzxyz"])
def test_an_anchor_that_is_none_is_refused_with_what_was_expected(said: str) -> None:
    with pytest.raises(ValueError, match="NUMBER:HASH"):
        audit.Anchor.parse(said)


def test_a_backup_keeps_guards_and_chain(sqlite_engine: Engine, tmp_path: Path) -> None:
    written(sqlite_engine)
    with sqlite_engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    copy = connect(f"sqlite:///{tmp_path / 'copy.db'}")
    assert problems(copy) == []
    with pytest.raises(DatabaseError, match=MESSAGE), transaction(copy) as session:
        session.execute(delete(AuditEntry))
    copy.dispose()
