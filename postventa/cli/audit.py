"""`postventa audit`: who did what, and whether the log of it is whole."""

from __future__ import annotations

import click

from postventa.cli import Context, emit

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def audit() -> None:
    """Who did what to the ledger, when and why. Rows are only ever added."""


@audit.command("list")
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="At most so many, newest first; 0: all.")
@click.option("--action", default="", help="Only this, such as inbox.replay, or everything that begins so.")
@click.option("--actor", default="", help="Only by those whose name holds this.")
@click.option("--subject", default="", help="Only what was done to this, such as 'effect 35'.")
@as_json
@click.pass_obj
def list_(context: Context, limit: int, action: str, actor: str, subject: str, as_json: bool) -> None:
    """The latest entries."""
    from postventa import reports
    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        document = reports.audit(session, limit, action=action, actor=actor, subject=subject)
    if as_json:
        emit(document)
        return
    rows = [{**entry, "change": _change(entry["before"], entry["after"])} for entry in document["entries"]]
    show("Audit log", ("id", "at", "actor", "action", "shop", "subject", "change", "reason"), rows, empty="nobody did anything yet")


@audit.command()
@click.option(
    "--anchor", default="", metavar="NUMBER:HASH", help="A newest row that was told earlier (service's log, a backup): it must still be there."
)
@as_json
@click.pass_obj
def verify(context: Context, anchor: str, as_json: bool) -> None:
    """Whether any row was changed, removed or slipped in, or any statement of withdrawal that it vouches for. Exit status 1 if so.

    What it cannot see by itself: an end that was cut off. Give it an --anchor from the service's log for that.
    """
    from postventa import audit as log
    from postventa.cli import open as opened
    from postventa.models.db import reading
    from postventa.withdrawal import proofs

    try:
        known = log.Anchor.parse(anchor) if anchor else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--anchor") from None
    with opened.ledger(context.settings) as engine, reading(engine) as session:
        problems, newest = [*log.verify(session, known), *proofs.verify(session)], log.newest(session)
    if as_json:
        emit({"whole": not problems, "problems": problems, "entries": newest.number if newest else 0, "newest": str(newest) if newest else ""})
    else:
        for problem in problems:
            click.echo(problem)
        click.echo(f"newest: {newest}" if newest else "the log is empty")
        click.echo(f"{len(problems)} problems: keep the database as it is and find out who may write to it" if problems else "the chain is whole")
    if problems:
        raise SystemExit(1)


def _change(before: dict[str, object], after: dict[str, object]) -> str:
    told = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        told.append(f"{name}: {new}" if name not in before else f"{name}: {old} -> {new}" if name in after else f"{name}: {old}")
    return ", ".join(told)
