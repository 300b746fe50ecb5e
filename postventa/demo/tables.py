"""What is printed at the end: one table per order, a summary, and where to look."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from postventa.demo import words
from postventa.demo.data import Story, day_of, stories
from postventa.demo.folder import Folder
from postventa.demo.ledger import Entry, Ledger
from postventa.demo.mailbox import Mailbox

STATE_COLOURS = {"done": "green", "suppressed": "yellow", "cancelled": "yellow", "unknown": "red", "dead": "red"}


def orders(console: Console, ledger: Ledger) -> None:
    """One table per order, in the order of `data/orders.tsv`."""
    entries, told = ledger.entries(), stories()
    names = {(order.shop, order.number): order.name for order in ledger.orders()}
    for key, story in told.items():
        own = [entry for entry in entries if (entry.shop, entry.number) == key]
        console.print()
        console.print(_title(story, names.get(key, "")), highlight=False)
        console.print(_table(own) if own else Text("  Nada: y así tiene que ser.", style="dim"))


def _title(story: Story, name: str) -> str:
    who = f"{words.SHOPS[story.shop]} · {story.order} · {escape(name)} ({story.language})"
    return f"[bold]{who}[/]  {escape(story.title)}"


def _table(entries: list[Entry]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", expand=False)
    for name in ("  Suceso", "Seguimiento", "Cuándo", "A quién", "Estado", "Motivo"):
        table.add_column(name, overflow="fold", no_wrap=name == "Cuándo")
    parcels = _numbered(entries)
    for entry in sorted(entries, key=lambda e: (e.done_at or e.due_at, e.id)):
        when = entry.done_at or entry.due_at
        table.add_row(
            f"  {words.event(entry.followup)}{parcels.get(entry.parcel, '')}",
            words.what(entry.followup, entry.kind),
            f"día {day_of(when):>2} · {words.clock(when)}",
            entry.recipient if entry.state == "done" and entry.kind != "label" else "–",
            Text(words.state(entry.state, entry.kind), style=STATE_COLOURS.get(entry.state, "")),
            Text(words.reason(entry.reason), style="dim"),
        )
    return table


def _numbered(entries: list[Entry]) -> dict[str, str]:
    """` 1`, ` 2` behind the parcels of an order that has several."""
    refs = list(dict.fromkeys(entry.parcel for entry in entries if entry.parcel))
    return {ref: f" {n}" for n, ref in enumerate(refs, 1)} if len(refs) > 1 else {}


def summary(console: Console, ledger: Ledger, mailbox: Mailbox, sent: int, refused: int, problems: list[str]) -> None:
    """The figures, and whether all is as it must be."""
    entries, kept = ledger.entries(), ledger.inbox()
    mails, held = len(mailbox.mails()), sum(1 for e in entries if e.state in ("suppressed", "cancelled"))
    asked = sum(1 for e in entries if e.followup == "review_request" and e.state == "done")
    odd = sent - refused - sum(kept.values())
    console.print()
    console.rule("[bold]Resumen", style="dim")
    console.print(
        f"  {sent} avisos recibidos: {sum(kept.values())} guardados, {odd} repetidos o saludos, {refused} con firma falsa (rechazado),"
        f" {kept.get('poison', 0)} ilegible (guardado para revisarlo)\n"
        f"  {words.count(len(stories()), 'pedido', 'pedidos')} · {words.count(mails, 'correo', 'correos')} · {asked} peticiones de opinión ·"
        f" {words.count(len(ledger.labels()), 'etiqueta', 'etiquetas')} · {held} correos que no había que enviar, cada uno con su motivo",
        highlight=False,
    )
    if not problems:
        console.print(
            f"  [bold green]✓[/] Todo lo que tenía que pasar ha pasado, exactamente una vez: {len(entries)} de {len(entries)}.", highlight=False
        )
        return
    console.print(f"  [bold red]✗ {words.count(len(problems), 'diferencia', 'diferencias')} con lo esperado:[/]", highlight=False)
    for problem in problems:
        console.print(f"    {escape(problem)}", highlight=False)


def places(console: Console, folder: Folder, ledger: Ledger, *, running: bool) -> None:
    """Where mails, labels and everything else can be looked at."""
    console.print()
    console.rule("[bold]Dónde mirar", style="dim")
    rows = [
        ("Ficheros .eml", str(folder.mailbox)),
        ("Etiquetas PDF", str(folder.labels)),
        ("Cada envío y su motivo", f"postventa --config {folder.config} ledger"),
    ]
    rows += [("El aviso ilegible", f"postventa --config {folder.config} inbox show {n}") for n in ledger.unreadable()]
    if running:
        rows.insert(0, ("Los correos, en el navegador", f"{folder.address}/mailbox"))
    width = max(len(name) for name, _ in rows)
    for name, place in rows:
        console.print(f"  {name:<{width}}  {escape(place)}", highlight=False, soft_wrap=True)
    if running:
        console.print("\n  Sigue abierto para que lo mires con calma. [bold]Ctrl-C[/] lo cierra.", highlight=False)
