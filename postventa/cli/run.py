"""`postventa up`, and its parts one by one for several machines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from postventa.cli import Context

if TYPE_CHECKING:
    from postventa.runtime.service import Part

as_json = click.option("--json", "json", is_flag=True, help="Log JSON lines even on a terminal.")


@click.command()
@as_json
@click.pass_obj
def up(context: Context, json: bool) -> None:
    """Run everything in one process tree.

    Starts the embedded Redis if none is configured, brings the database up to date, then runs web, workers and clock. Ctrl-C or
    SIGTERM ends it cleanly: the work in hand is finished first. A second Ctrl-C ends it at once.
    """
    _run(context, json=json)


@click.command()
@as_json
@click.pass_obj
def web(context: Context, json: bool) -> None:
    """Run the web server only: it takes deliveries and shows pages."""
    _run(context, "web", json=json)


@click.command()
@as_json
@click.pass_obj
def worker(context: Context, json: bool) -> None:
    """Run the workers only: they read deliveries, send mails and make labels."""
    _run(context, "worker", json=json)


@click.command()
@as_json
@click.pass_obj
def clock(context: Context, json: bool) -> None:
    """Run the clock only. Several may run: one of them works, the others stand by."""
    _run(context, "clock", json=json)


def _run(context: Context, *parts: Part, json: bool) -> None:
    from postventa.runtime import logs, service

    settings = context.settings
    if json:
        settings = settings.model_copy(update={"log": settings.log.model_copy(update={"format": "json"})})
    logs.configure(settings.log.level, settings.log.format)
    sys.exit(service.run(settings, frozenset(parts) or service.EVERYTHING))
