"""Tables for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

STATES = {"done": "green", "planned": "cyan", "claimed": "cyan", "sending": "yellow", "unknown": "yellow", "dead": "red", "poison": "red"}


def show(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], empty: str = "nothing") -> None:
    """Print rows as a table; plain and uncut where nobody looks (a pipe, a file)."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 240)
    if not rows:
        console.print(f"{title}: {empty}")
        return
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column)), style=STATES.get(str(row.get(column)), "") if column == "state" else "") for column in columns))
    console.print(table)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return text[:16].replace("T", " ") if len(text) >= 20 and text[4:5] == "-" and text[10:11] == "T" else text
