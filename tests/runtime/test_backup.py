"""Backups are consistent while the service writes, and a restored one sends nothing by itself."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from postventa import migrations
from postventa.clock import real_now
from postventa.config import ConfigError, Settings
from postventa.models import Shop
from postventa.models.db import connect, transaction
from postventa.runtime.backup import backup, default_file, restore
from tests.servers import postgres_programs


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(source=tmp_path / "config.toml")
    migrations.upgrade(chosen)
    return chosen


def add_shop(settings: Settings, name: str) -> None:
    engine = connect(settings.database_url)
    with transaction(engine) as session:
        session.execute(
            insert(Shop).values(key=f"{name}-0123456789abcdef", platform="shopify", name=name, settings={}, held_followups=[], created_at=real_now())
        )
    engine.dispose()


def shops(settings: Settings) -> dict[str, bool]:
    engine = connect(settings.database_url)
    with transaction(engine) as session:
        found = {row.name: row.hold for row in session.scalars(select(Shop))}
    engine.dispose()
    return found


def test_what_was_there_comes_back_and_every_shop_is_on_hold(settings: Settings) -> None:
    add_shop(settings, "Mara")
    file = backup(settings, default_file(settings))
    add_shop(settings, "Otto")
    kept = restore(settings, file)
    assert shops(settings) == {"Mara": True}
    assert kept is not None
    assert shops(settings.model_copy(update={"database": settings.database.model_copy(update={"url": f"sqlite:///{kept}"})})) == {
        "Mara": False,
        "Otto": False,
    }


def test_a_backup_taken_while_others_write_is_whole(settings: Settings) -> None:
    over = threading.Event()

    def write() -> None:
        engine = connect(settings.database_url)
        number = 0
        while not over.is_set():
            number += 1
            with engine.begin() as connection:
                pair = [{"n": f"a{number}"}, {"n": f"b{number}"}]
                connection.execute(text("INSERT INTO lease (name, owner, fence, expires_at) VALUES (:n, '', 0, '2026-01-01')"), pair)
        engine.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [backup(settings, settings.var / f"{number}.db") for number in range(5)]
    finally:
        over.set()
        writer.join()
    for file in files:
        engine = connect(f"sqlite:///{file}")
        with engine.connect() as connection:
            counts = connection.execute(text("SELECT sum(name LIKE 'a%'), sum(name LIKE 'b%') FROM lease")).one()
        engine.dispose()
        assert counts[0] == counts[1]


def test_only_its_owner_may_read_a_backup(settings: Settings) -> None:
    assert backup(settings, settings.var / "a.db").stat().st_mode & 0o077 == 0


def test_an_existing_file_is_never_overwritten(settings: Settings) -> None:
    (settings.var / "a.db").write_text("mine")
    with pytest.raises(ConfigError, match="exists already"):
        backup(settings, settings.var / "a.db")
    assert (settings.var / "a.db").read_text() == "mine"


@pytest.mark.parametrize(
    ("content", "why"), [(b"not a database at all, but long enough " * 40, "no SQLite database"), (b"", "not a database of Postventa")]
)
def test_nonsense_is_not_restored(content: bytes, why: str, settings: Settings) -> None:
    add_shop(settings, "Mara")
    (settings.var / "nonsense.db").write_bytes(content)
    with pytest.raises(ConfigError, match=why):
        restore(settings, settings.var / "nonsense.db")
    assert shops(settings) == {"Mara": False}


def test_without_pg_dump_the_command_to_run_elsewhere_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    chosen = Settings.model_validate(
        {"source": tmp_path / "config.toml", "database": {"url": "postgresql+psycopg://mara:s3cret@db.example/postventa"}}
    )
    with pytest.raises(ConfigError, match=r"pg_dump --dbname=postgresql://mara@db\.example/postventa --format=custom") as caught:
        backup(chosen, default_file(chosen))
    assert "s3cret" not in str(caught.value)


def test_postgresql_is_backed_up_with_its_own_programs(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if database_url.startswith("sqlite"):
        return
    monkeypatch.setenv("PATH", f"{postgres_programs()}:/usr/bin:/bin")
    chosen = Settings.model_validate({"source": tmp_path / "config.toml", "database": {"url": database_url}})
    migrations.upgrade(chosen)
    add_shop(chosen, "Mara")
    file = backup(chosen, default_file(chosen))
    add_shop(chosen, "Otto")
    restore(chosen, file)
    assert shops(chosen) == {"Mara": True}
