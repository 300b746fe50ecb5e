"""`postventa doctor`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from postventa.cli import Context, emit

if TYPE_CHECKING:
    from postventa import doctor as checks

SIGNS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def doctor(context: Context, as_json: bool) -> None:
    """Name everything that is wrong or risky, and what to do about it. Exit status 1 if something must be mended."""
    from postventa import doctor as checks

    found = checks.examine(context.config)
    if as_json:
        emit({"checks": [check.document() for check in found]})
    else:
        _show(found)
    sys.exit(1 if any(check.state == "fail" for check in found) else 0)


def _show(found: list[checks.Check]) -> None:
    if sys.stdout.isatty():
        _table(found)
    else:
        for check in found:
            click.echo(f"{check.state:5} {check.name}: {check.message}")
    counts = {state: sum(check.state == state for check in found) for state in SIGNS}
    click.echo(f"\n{counts['ok']} in order, {counts['warn']} to look at, {counts['fail']} to mend.")


def _table(found: list[checks.Check]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column()
    table.add_column(max_width=40)
    table.add_column(overflow="fold")
    for check in found:
        table.add_row(Text(check.state, SIGNS[check.state]), check.name, Text(check.message))
    Console().print(table)
