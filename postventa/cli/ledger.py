"""`postventa ledger`: every effect with state, reason, times and attempts; one whole; and what a person may do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from postventa.cli import Context, emit
from postventa.cli.actor import actor, needed_reason, told
from postventa.cli.links import unlink

if TYPE_CHECKING:
    from jobs.by_hand import Resent

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group(invoke_without_command=True)
@click.option("--order", default="", help="Only this order: the shop's id or the customer's number.")
@click.option("--limit", type=click.IntRange(0), default=0, help="At most so many; 0: all.")
@click.option("--attempts", "effect_id", type=int, help="What was tried for one effect.")
@as_json
@click.pass_context
def ledger(click_context: click.Context, order: str, limit: int, effect_id: int | None, as_json: bool) -> None:
    """Every mail and label: what went out, what will, what did not and why."""
    from postventa import reports
    from postventa.cli import open as opened
    from postventa.cli.tables import show as table
    from postventa.models.db import reading

    if click_context.invoked_subcommand is not None:
        return
    context: Context = click_context.obj
    with opened.ledger(context.settings) as engine, reading(engine) as session:
        if effect_id is not None:
            tried = reports.attempts(session, effect_id)
            if as_json:
                emit({"attempts": tried})
            else:
                table(f"Effect {effect_id}", ("at", "outcome", "detail"), tried)
            return
        document = reports.ledger(session, order, limit)
    if as_json:
        emit(document)
        return
    columns = ("id", "order_number", "followup", "kind", "state", "due_at", "done_at", "recipient", "reason")
    table("Ledger", columns, document["effects"], empty="nothing yet: it fills with the first order")


@ledger.command()
@click.argument("number", type=int)
@as_json
@click.pass_obj
def show(context: Context, number: int, as_json: bool) -> None:
    """The whole story of one effect: its times, every attempt, and what people did to it."""
    from postventa import reports
    from postventa.cli import open as opened
    from postventa.cli.tables import show as table
    from postventa.models.db import reading

    with opened.ledger(context.settings) as engine, reading(engine) as session:
        found = reports.effect(session, number)
    if found is None:
        raise click.ClickException(f"there is no effect {number}: postventa ledger lists them")
    if as_json:
        emit(found)
        return
    tries, interventions = found.pop("tries"), found.pop("interventions")
    for name, value in found.items():
        if value not in ("", None, [], False):
            click.echo(f"{name.replace('_', ' '):>16}  {value}")
    table("Attempts", ("at", "outcome", "detail", "worker"), tries, empty="none")
    table("By hand", ("at", "actor", "action", "reason"), interventions, empty="nothing")


@ledger.command()
@click.argument("number", type=int)
@needed_reason
@click.option("--force", is_flag=True, help="Although it arrived, or may have: the customer may get it twice.")
@click.option("--unblock", is_flag=True, help="The address bounced once and works again.")
@as_json
@click.pass_obj
def resend(context: Context, number: int, reason: str, force: bool, unblock: bool, as_json: bool) -> None:
    """Send a mail that did not go out, or with --force one that did, once more. Consent and the order's facts are looked at again."""
    from jobs import by_hand
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    with opened.world(context.settings) as world:
        try:
            with transaction(world.engine) as session:
                sent = by_hand.resend(session, world, number, actor=actor(), reason=told(reason), force=force, unblock=unblock)
        except (LookupError, by_hand.Refused) as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        emit({"effect": sent.effect_id, "due_at": sent.due_at.isoformat(), "waits_for": sent.wait, "address_unblocked": sent.unblocked})
    else:
        _tell(number, sent)


def _tell(number: int, sent: Resent) -> None:
    name = f"Effect {number}" if sent.effect_id == number else f"Effect {number} goes out again as effect {sent.effect_id}; it"
    click.echo(f"{name} waits until {sent.due_at:%Y-%m-%d %H:%M} UTC: {sent.wait}" if sent.wait else f"{name} goes out in a moment.")
    if sent.unblocked:
        click.echo("Its address is no longer blocked.")


@ledger.command()
@click.argument("number", type=int)
@needed_reason
@as_json
@click.pass_obj
def cancel(context: Context, number: int, reason: str, as_json: bool) -> None:
    """Call off a mail or label that has not gone out, for good."""
    from jobs import by_hand
    from postventa.cli import open as opened
    from postventa.models.db import transaction

    with opened.ledger(context.settings) as engine:
        try:
            with transaction(engine) as session:
                called_off = by_hand.cancel(session, number, actor=actor(), reason=told(reason))
        except (LookupError, by_hand.Refused) as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        emit({"cancelled": called_off})
    else:
        click.echo(f"Called off: effect {', '.join(map(str, called_off))}.")


ledger.add_command(unlink)
