"""`postventa inbox`: raw deliveries, dead letters, replay."""

from __future__ import annotations

import click

from postventa.cli import Context, emit

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def inbox() -> None:
    """Raw deliveries as they came in."""


@inbox.command("list")
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="At most so many, newest first; 0: all.")
@click.option("--state", default="", help="Only these: new, done, ignored, superseded, poison, dead.")
@as_json
@click.pass_obj
def list_(context: Context, limit: int, state: str, as_json: bool) -> None:
    """The latest deliveries and how they were read."""
    from postventa import reports
    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        document = reports.inbox(session, limit, state)
    if as_json:
        emit(document)
        return
    columns = ("id", "shop", "topic", "order", "received_at", "state", "attempts", "reason", "error")
    show("Inbox", columns, document["deliveries"], empty="no delivery yet")
    click.echo(", ".join(f"{name}: {count}" for name, count in sorted(document["counts"].items())))


@inbox.command()
@click.argument("number", type=int)
@as_json
@click.pass_obj
def show(context: Context, number: int, as_json: bool) -> None:
    """One delivery whole: headers and body."""
    from postventa import reports
    from postventa.cli import open as opened
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        found = reports.delivery(session, number)
    if found is None:
        raise click.ClickException(f"there is no delivery {number}")
    if as_json:
        emit(found)
        return
    for key in ("id", "shop", "topic", "delivery_id", "received_at", "state", "reason", "error", "attempts"):
        click.echo(f"{key:>12}  {found[key]}")
    for name, value in found["headers"].items():
        click.echo(f"{name}: {value}")
    click.echo(found["body"] if found["body"] is not None else "(the body was forgotten after 30 days)")


@inbox.command()
@click.argument("numbers", type=int, nargs=-1)
@click.option("--dead", "all_dead", is_flag=True, help="All that could not be read.")
@as_json
@click.pass_obj
def replay(context: Context, numbers: tuple[int, ...], all_dead: bool, as_json: bool) -> None:
    """Read deliveries again. What went out already does not go out twice."""
    from jobs import replay as again
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    if not numbers and not all_dead:
        raise click.UsageError("name deliveries by their numbers, or use --dead")
    with opened.ledger(context.settings) as engine, transaction(engine) as session:
        wanted = [*numbers, *(again.dead(session) if all_dead else ())]
        taken = again.replay(session, wanted)
    missing = sorted(set(wanted) - set(taken))
    if as_json:
        emit({"replayed": taken, "not_found": missing})
        return
    click.echo(f"{len(taken)} will be read again by the running service.")
    if missing:
        click.echo(f"Not there, or without a body any more: {', '.join(map(str, missing))}", err=True)
