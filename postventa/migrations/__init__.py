"""Schema changes, by Alembic: only ever expand first, contract later, so that old and new code can run side by side."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from postventa import failpoints
from postventa.config import Settings
from postventa.models.db import connect


def upgrade(settings: Settings) -> None:
    """Bring the database to the newest schema; harmless when it is there already."""
    engine = connect(settings.database_url)
    try:
        upgrade_engine(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> None:
    """The same for an open engine."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        failpoints.hit("migrate.before_commit")


def pending(engine: Engine) -> bool:
    """Whether the database is behind the code."""
    with engine.connect().execution_options(read_only=True) as connection:
        return MigrationContext.configure(connection).get_current_revision() != newest()


def newest() -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
