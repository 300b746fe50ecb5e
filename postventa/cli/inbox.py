"""`postventa inbox`: raw deliveries, dead letters, what reading them would do, reading them again, and what waits outside of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor, needed_reason, reason, told
from postventa.cli.choosing import choosing, something

if TYPE_CHECKING:
    from jobs.replay import Taken
    from postventa.choice import Choice

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def inbox() -> None:
    """Raw deliveries as they came in."""


@inbox.command("list")
@choosing
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="At most so many, newest first; 0: all.")
@as_json
@click.pass_obj
def list_(context: Context, chosen: Choice, limit: int, as_json: bool) -> None:
    """The latest deliveries and how they were read."""
    from postventa import reports
    from postventa.cli import open as opened
    from postventa.cli.tables import show
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        document = reports.inbox(session, limit, chosen=chosen.conditions())
    if as_json:
        emit(document)
        return
    columns = ("id", "shop", "topic", "order", "received_at", "state", "attempts", "reason", "error")
    show("Inbox", columns, document["deliveries"], empty="no such delivery" if chosen else "no delivery yet")
    click.echo("all: " + (", ".join(f"{name}: {count}" for name, count in sorted(document["counts"].items())) or "none"))


@inbox.command()
@click.argument("number", type=int)
@click.option("--raw", is_flag=True, help="With names and addresses, as it came; this stands in the audit log.")
@reason
@as_json
@click.pass_obj
def show(context: Context, number: int, raw: bool, reason: str, as_json: bool) -> None:
    """One delivery: what went wrong and where, what came of it, headers, and the body without what it says about people."""
    from postventa import audit, reports
    from postventa.cli import open as opened
    from postventa.models.db import reading, transaction

    with opened.ledger(context.settings) as engine:
        with reading(engine) as session:
            found = reports.delivery(session, number)
        if found is None:
            raise click.ClickException(f"there is no delivery {number}: postventa inbox list shows them")
        if raw:
            with transaction(engine) as session:
                audit.record(session, actor(), "inbox.show-raw", shop_id=found.pop("shop_id"), subject=f"delivery {number}", reason=told(reason))
    document = found if raw else _without_people(found)
    document.pop("shop_id", None)
    if as_json:
        emit(document)
    else:
        _print(document)


def _without_people(found: dict[str, Any]) -> dict[str, Any]:
    from postventa import redact
    from postventa.runtime.masks import clean, mask

    masked = {name: mask(found[name]) for name in ("error", "reason", "trace")}
    body = redact.body(found["body"]) if found["body"] is not None else None
    return {**found, **masked, "headers": clean(found["headers"]), "body": body}


def _print(found: dict[str, Any]) -> None:
    keys = ("id", "shop", "topic", "order", "delivery_id", "received_at", "state", "reason", "attempts", "not_before", "failure", "error")
    for key in keys:
        if found[key] not in ("", None):
            click.echo(f"{key:>12}  {found[key]}")
    for event in found["events"]:
        click.echo(f"       event  {event['event']} of order {event['order']}, {event['at']}")
    for effect in found["effects"]:
        click.echo(f"      effect  {effect['id']} {effect['followup']} ({effect['kind']}): {effect['state']} {effect['reason']}".rstrip())
    if found["trace"]:
        click.echo(f"\n{found['trace']}")
    click.echo()
    for name, value in found["headers"].items():
        click.echo(f"{name}: {value}")
    click.echo(found["body"] if found["body"] is not None else "(the body was forgotten)")


@inbox.command("dry-run")
@choosing
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="At most so many, oldest first.")
@as_json
@click.pass_obj
def dry_run(context: Context, chosen: Choice, limit: int, as_json: bool) -> None:
    """What reading them again would do: events, changes, mails. Nothing is written, nothing is sent."""
    from jobs.rehearse import rehearse
    from postventa.cli import open as opened
    from postventa.cli.rehearsals import document, show
    from postventa.models.db import reading

    something(chosen)
    with opened.world(context.settings) as world:
        with reading(world.engine) as session:
            meant = chosen.numbers(session)
        played = list(rehearse(world, meant[:limit]))
    missing = sorted(chosen.numbered - set(meant))
    if as_json:
        emit({**document(played), "not_found": missing, "left_out": meant[limit:]})
    else:
        show(played)
    if meant[limit:] and not as_json:
        click.echo(f"{len(meant) - limit} more were left out: --limit", err=True)
    _end(missing)


@inbox.command()
@choosing
@reason
@as_json
@click.pass_obj
def replay(context: Context, chosen: Choice, reason: str, as_json: bool) -> None:
    """Read deliveries again. What went out already does not go out twice."""
    from jobs import replay as again
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    something(chosen)
    with opened.ledger(context.settings) as engine, transaction(engine) as session:
        taken = again.replay(session, chosen, actor=actor(), reason=told(reason))
    if as_json:
        emit({"replayed": taken.done, "not_found": sorted({*taken.not_found, *taken.forgotten}), "forgotten": taken.forgotten})
    else:
        click.echo(f"{len(taken.done)} will be read again by the running service{_numbers(taken)}.")
    if taken.forgotten and not as_json:
        click.echo(f"Their bodies were forgotten, so there is nothing to read: {again.ranges(taken.forgotten)}", err=True)
    _end(taken.not_found)


@inbox.command()
@choosing
@needed_reason
@as_json
@click.pass_obj
def discard(context: Context, chosen: Choice, reason: str, as_json: bool) -> None:
    """Settle poison and dead deliveries that nobody needs: they become `ignored`, with your reason. A replay can still bring them back."""
    from jobs import replay as again
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    something(chosen)
    with opened.ledger(context.settings) as engine, transaction(engine) as session:
        taken, others = again.discard(session, chosen, actor=actor(), reason=told(reason))
    if as_json:
        emit({"discarded": taken.done, "not_found": taken.not_found, "left_as_they_are": others})
    else:
        click.echo(f"{len(taken.done)} discarded{_numbers(taken)}.")
    if others and not as_json:
        click.echo(f"Neither poison nor dead, so they stay as they are: {again.ranges(others)}", err=True)
    _end(taken.not_found)


@inbox.command()
@as_json
@click.pass_obj
def spool(context: Context, as_json: bool) -> None:
    """Deliveries that wait in files while the database is damaged, and what of them could not be taken in since."""
    from postventa.cli.tables import show
    from postventa.spool import REJECTED, Spool

    found: list[dict[str, Any]] = [
        {
            "file": str(one.file),
            "deliveries": one.deliveries,
            "oldest": one.oldest.isoformat() if one.oldest else None,
            "shops": dict(one.shops),
            "unreadable": one.unreadable,
            "rejected": one.file.suffix == REJECTED,
        }
        for one in Spool(context.settings.spool).waiting()
    ]
    if as_json:
        emit({"files": found})
        return
    rows = [{**row, "shops": ", ".join(f"{key}: {count}" for key, count in row.pop("shops").items())} for row in found]
    show("Spool", ("file", "deliveries", "oldest", "shops", "unreadable"), rows, empty="no delivery waits there")


def _numbers(taken: Taken) -> str:
    from jobs.replay import ranges

    return f": {ranges(taken.done)}" if taken.done else ""


def _end(missing: list[int]) -> None:
    """Naming a delivery that is not there is a mistake: the rest was done, and the exit status is 1."""
    if missing:
        from jobs.replay import ranges

        raise click.ClickException(f"there is no delivery {ranges(missing)}: postventa inbox list shows them")
