"""The migrations make exactly the tables that the code knows, on both databases, and may be run again."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from postventa import migrations
from postventa.migrations import steps
from postventa.models import Base
from postventa.models.db import connect


def test_the_migrations_make_what_the_models_say(database_url: str) -> None:
    engine = connect(database_url)
    assert migrations.pending(engine)
    migrations.upgrade_engine(engine)
    migrations.upgrade_engine(engine)
    assert not migrations.pending(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"render_as_batch": True}), Base.metadata)
    engine.dispose()
    assert differences == []


def test_a_migrated_sqlite_table_is_as_strict_as_a_created_one(sqlite_engine: Engine, tmp_path: object) -> None:
    from pathlib import Path

    migrated = connect(f"sqlite:///{Path(str(tmp_path)) / 'migrated.db'}")
    migrations.upgrade_engine(migrated)
    for table in sorted(inspect(sqlite_engine).get_table_names()):
        sql = "SELECT sql FROM sqlite_master WHERE name = '" + table + "'"
        with migrated.connect() as connection:
            made = connection.exec_driver_sql(sql).scalar_one()
        assert "STRICT" in made, table
    migrated.dispose()


def test_files_are_named_as_alembic_knows_their_revisions() -> None:
    known = [script.revision for script in ScriptDirectory.from_config(steps._config(migrations.VERSIONS)).walk_revisions()]
    assert migrations.revisions() == known[::-1]
    assert migrations.newest() == known[0]
