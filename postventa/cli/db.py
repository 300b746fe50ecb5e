"""`postventa db`: migrations, consistent backups, restore."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor

if TYPE_CHECKING:
    from postventa.config import Settings


@click.group()
def db() -> None:
    """Migrate, back up and restore the database."""


@db.command()
@click.pass_obj
def upgrade(context: Context) -> None:
    """Bring the database to this version's schema; harmless when it is there already."""
    from postventa import migrations

    migrations.upgrade(context.settings)
    click.echo("the database is on this version's schema")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def backup(context: Context, file: Path | None, as_json: bool) -> None:
    """Write a consistent copy to FILE while the service runs.

    Default: var/backups/postventa-<time>. The secret key is not in it: keep a copy of that file somewhere else.
    """
    from postventa.runtime import backup as backups
    from postventa.secrets import secret_path

    settings = context.settings
    written = backups.backup(settings, file or backups.default_file(settings))
    end = _audit_end(settings)
    if as_json:
        emit({"file": str(written), "bytes": written.stat().st_size, "audit": end})
    else:
        click.echo(f"{written} ({written.stat().st_size} bytes). Keep a copy of {secret_path(settings)} too, in another place.")
        click.echo(f"The audit log ends with {end}: keep that as well (`postventa audit verify --anchor`)." if end else "The audit log is empty.")


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(context: Context, file: Path, yes: bool) -> None:
    """Put a backup in the database's place. The service must be stopped.

    A backup does not know what was sent after it was made. So every shop is put on hold: look at `postventa ledger` first, then
    let them go with `postventa shop release`.
    """
    from postventa.runtime import backup as backups

    if not yes and not (sys.stdin.isatty() and click.confirm(f"Replace the database by {file}?")):
        raise click.ClickException("nothing was changed; say --yes to restore without being asked")
    lost = _audit_end(context.settings)
    kept = backups.restore(context.settings, file)
    _record(context.settings, file, lost)
    click.echo(f"restored from {file}, and every shop is on hold." + (f" What was there before is kept in {kept}." if kept else ""))


def _audit_end(settings: Settings) -> str:
    """The newest row of the audit log that is about to be replaced, so that the restored one tells of it; empty when nobody can read it."""
    from sqlalchemy.exc import SQLAlchemyError

    from postventa import audit
    from postventa.models.db import connect, reading

    url = settings.database_url
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return ""
    engine = connect(url)
    try:
        with reading(engine) as session:
            return str(audit.newest(session) or "")
    except SQLAlchemyError as error:
        click.echo(f"The old database's audit log cannot be read ({type(error).__name__}): going on without its end.", err=True)
        return ""
    finally:
        engine.dispose()


def _record(settings: Settings, file: Path, lost: str) -> None:
    from postventa import audit
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    with opened.ledger(settings) as engine, transaction(engine) as session:
        audit.record(session, actor(), "db.restore", subject=file.name, before={"audit_ended_with": lost}, after={"every_shop": "on hold"})
