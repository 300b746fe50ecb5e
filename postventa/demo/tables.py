"""What is printed at the end: one table per order, a summary, and where to look."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from postventa.demo import words
from postventa.demo.data import Story, stories
from postventa.demo.folder import Folder
from postventa.demo.ledger import Entry, Known, Ledger
from postventa.demo.mailbox import Mailbox

STATE_COLOURS = {"done": "green", "suppressed": "yellow", "cancelled": "yellow", "unknown": "red", "dead": "red"}


def orders(console: Console, ledger: Ledger, waited: Mapping[int, str]) -> None:
    """One table per order, in the order of `data/orders.tsv`. `waited`: effect -> why it went out later than first planned."""
    entries, known = ledger.entries(), {(order.shop, order.number): order for order in ledger.orders()}
    for key, story in stories().items():
        own = [entry for entry in entries if (entry.shop, entry.number) == key]
        console.print()
        console.print(_title(story, known.get(key)), highlight=False)
        console.print(Padding(_table(own, waited, wide=console.width >= 96) if own else Text("Nada: así tiene que ser.", style="dim"), (0, 0, 0, 2)))


def _title(story: Story, order: Known | None) -> str:
    who = f"{order.name} <{order.email}>" if order else "?"
    return f"[bold]{words.SHOPS[story.shop]} {story.order}[/] · [bold]{escape(story.title)}[/]\n  [dim]{escape(who)} · {story.language}[/]"


def _table(entries: list[Entry], waited: Mapping[int, str], *, wide: bool) -> Table:
    """`wide`: only the reasons may take several lines."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", expand=False)
    for name in ("Suceso", "Seguimiento", "Cuándo", "A quién", "Estado", "Motivo"):
        table.add_column(name, overflow="fold", no_wrap=name == "Cuándo" or (wide and name != "Motivo"))
    parcels = _numbered(entries)
    for entry in sorted(entries, key=_in_order):
        table.add_row(
            words.event(entry.followup, parcels.get(entry.parcel, "")),
            words.what(entry.followup, entry.kind),
            words.date(entry.done_at or entry.due_at),
            _to(entry),
            Text(words.state(entry.state, entry.kind), style=STATE_COLOURS.get(entry.state, "")),
            Text(words.reason(entry.reason or waited.get(entry.id, "")), style="dim"),
        )
    return table


def _in_order(entry: Entry) -> tuple[datetime, int, int]:
    return (entry.done_at or entry.due_at).replace(second=0, microsecond=0), words.place(entry.followup), entry.id


def _to(entry: Entry) -> str:
    """Enough to tell the customer from the shop; the whole address stands in the title."""
    return entry.recipient.partition("@")[0] if entry.state == "done" and entry.kind != "label" else "–"


def _numbered(entries: list[Entry]) -> dict[str, str]:
    """The numbers of an order's parcels, if it has several."""
    refs = list(dict.fromkeys(entry.parcel for entry in entries if entry.parcel))
    return {ref: str(n) for n, ref in enumerate(refs, 1)} if len(refs) > 1 else {}


def summary(console: Console, ledger: Ledger, mailbox: Mailbox, sent: int, refused: int, problems: list[str]) -> None:
    """The figures, and whether all is as it must be."""
    entries, kept = ledger.entries(), ledger.inbox()
    mails = mailbox.mails()
    languages = len({mail.language for mail in mails})
    held = sum(1 for entry in entries if entry.state in ("suppressed", "cancelled"))
    asked = sum(1 for entry in entries if entry.followup == "review_request" and entry.state == "done")
    odd = sent - refused - sum(kept.values())
    console.print()
    console.rule("[bold]Resumen", style="dim")
    _list(
        console,
        ("Avisos", f"{sent} recibidos: {sum(kept.values())} guardados, {odd} repetidos o saludos, {refused} con firma falsa (rechazado)"),
        ("", f"{kept.get('poison', 0)} de los guardados no se entiende: espera a que alguien lo mire"),
        ("Correos", f"{len(mails)} de {len(stories())} pedidos, en {languages} idiomas; {asked} piden una opinión"),
        ("", f"{held} no había que enviarlos, cada uno con su motivo"),
        ("Etiquetas", f"{len(ledger.labels())} de devolución, en PDF"),
    )
    if not problems:
        told = f"Todo lo que tenía que pasar ha pasado, exactamente una vez: {len(entries)} de {len(entries)}."
        console.print(f"  [bold green]✓[/] {told}", highlight=False)
        return
    console.print(f"  [bold red]✗ {words.count(len(problems), 'diferencia', 'diferencias')} con lo esperado:[/]", highlight=False)
    for problem in problems:
        console.print(f"    {escape(problem)}", highlight=False)


def places(console: Console, folder: Folder, ledger: Ledger, *, running: bool) -> None:
    """Where mails, labels and everything else can be looked at."""
    console.print()
    console.rule("[bold]Dónde mirar", style="dim")
    ours = f"{sys.argv[0] if Path(sys.argv[0]).name == 'postventa' else 'postventa'} --config {folder.config}"
    rows = [
        ("Ficheros .eml", str(folder.mailbox)),
        ("Etiquetas PDF", str(folder.labels)),
        ("Cada envío y su motivo", f"{ours} ledger"),
    ]
    rows += [("El aviso ilegible", f"{ours} inbox show {n}") for n in ledger.unreadable()]
    if running:
        rows.insert(0, ("Los correos, en el navegador", f"{folder.address}/mailbox"))
    _list(console, *rows)
    if running:
        console.print("\n  Sigue abierto para que lo mires con calma. [bold]Ctrl-C[/] lo cierra.", highlight=False)


def _list(console: Console, *rows: tuple[str, str]) -> None:
    """Names and what is to be said of them; paths are never broken, so that they can be copied."""
    width = max(len(name) for name, _ in rows)
    for name, words_ in rows:
        console.print(f"  [dim]{name:<{width}}[/]  {escape(words_)}", highlight=False, soft_wrap=True)
