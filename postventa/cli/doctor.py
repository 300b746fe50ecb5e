"""`postventa doctor`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from postventa.cli import Context, emit

if TYPE_CHECKING:
    from postventa import doctor as checks


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
    from rich.console import Console
    from rich.table import Table

    signs = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[bold red]FAIL[/]"}
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for check in found:
        table.add_row(signs[check.state], check.name, check.message)
    console = Console()
    console.print(table)
    counts = {state: sum(check.state == state for check in found) for state in signs}
    console.print(f"\n{counts['ok']} in order, {counts['warn']} to look at, {counts['fail']} to mend.")
