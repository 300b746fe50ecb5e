"""`postventa alarms`: what a person should look at now."""

from __future__ import annotations

import click

from postventa.cli import Context, emit


@click.command()
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def alarms(context: Context, everything: bool, as_json: bool) -> int:
    """Open alarms, the worst first. docs/operations.md says what each means and what to do. Exit status 1 while one is open."""
    from postventa import alarms as known
    from postventa.cli import open as opened
    from postventa.cli.tables import show

    with opened.ledger(context.settings) as engine:
        rows = known.standing(engine, over=everything)
    found = [
        {
            "name": row.name,
            "subject": row.subject,
            "level": row.level,
            "message": row.message,
            "opened_at": row.opened_at.isoformat(),
            "closed_at": row.closed_at.isoformat() if row.closed_at else None,
            "told_at": row.told_at.isoformat() if row.told_at else None,
        }
        for row in rows
    ]
    if as_json:
        emit({"alarms": found})
    else:
        show("Alarms", ("level", "name", "subject", "message", "opened_at", "closed_at"), found, empty="all is well")
    return 1 if any(row.closed_at is None for row in rows) else 0
