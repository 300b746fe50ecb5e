"""`postventa up`, and its parts one by one for several machines."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

import click

from postventa.cli import Context

if TYPE_CHECKING:
    from postventa.runtime.service import Part

as_json = click.option("--json", "json", is_flag=True, help="Log JSON lines even on a terminal.")
only_prepare = click.option("--prepare", is_flag=True, help="Do what a start does before the first request, migrations included, and end.")


@click.command()
@as_json
@only_prepare
@click.pass_obj
def up(context: Context, json: bool, prepare: bool) -> None:
    """Run everything in one process tree.

    Starts the embedded Redis if none is configured, brings the database up to date, then runs web, workers and clock. Ctrl-C or
    SIGTERM ends it cleanly: the work in hand is finished first. A second Ctrl-C ends it at once.
    """
    _run(context, json=json, prepare=prepare)


@click.command()
@as_json
@only_prepare
@click.pass_obj
def web(context: Context, json: bool, prepare: bool) -> None:
    """Run the web server only: it takes deliveries and shows pages."""
    _run(context, "web", json=json, prepare=prepare)


@click.command()
@as_json
@only_prepare
@click.pass_obj
def worker(context: Context, json: bool, prepare: bool) -> None:
    """Run the workers only: they read deliveries, send mails and make labels."""
    _run(context, "worker", json=json, prepare=prepare)


@click.command()
@as_json
@only_prepare
@click.pass_obj
def clock(context: Context, json: bool, prepare: bool) -> None:
    """Run the clock only. Several may run: one of them works, the others stand by."""
    _run(context, "clock", json=json, prepare=prepare)


@click.command()
@click.pass_obj
def restart(context: Context) -> None:
    """Replace the program of the running `postventa up` by what is on the disk now: code and configuration.

    No delivery is missed: the old processes serve until the new ones can, and jobs in hand are done to their end. If the new program
    cannot start it says why, with status 2, and all goes on as before.
    """
    from postventa.runtime import renewal

    click.echo(renewal.ask(context.settings))


def _run(context: Context, *parts: Part, json: bool, prepare: bool) -> None:
    gc.disable()  # until all that stays is loaded (`service.run`): what is looked through again and again meanwhile costs a tenth of the start
    from postventa.runtime import logs, service

    settings = context.settings
    if json:
        settings = settings.model_copy(update={"log": settings.log.model_copy(update={"format": "json"})})
    logs.configure(settings.log.level, settings.log.format)
    if prepare:
        service.rehearse(settings, frozenset(parts) or service.EVERYTHING)
        return
    sys.exit(service.run(settings, frozenset(parts) or service.EVERYTHING))
