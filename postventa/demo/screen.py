"""What a person sees while it plays: one line per thing that happens, and where the clock stands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from postventa.demo import words
from postventa.demo.data import DAYS, Delivery, Visit, day_of
from postventa.demo.ledger import Entry
from postventa.demo.mailbox import Mailbox

COLOURS = {"lola": "bright_magenta", "alba": "cyan"}


def greet(console: Console, path: Path) -> None:
    """What this is, before it starts."""
    lines = (
        "[bold]Postventa: 40 días de dos tiendas en un minuto[/]",
        "Se arranca el servicio de verdad y las tiendas le envían sus avisos por HTTP, firmados.",
        "Solo se imitan las tiendas, el reloj y los buzones de los clientes; todo lo demás ocurre de verdad.",
        f"[dim]Carpeta: {escape(str(path.resolve()))}[/]",
    )
    console.print(Panel.fit("\n".join(lines), border_style="dim", padding=(0, 2)))


class Screen:
    """Tells on `console` what happens; on a terminal a bar below shows the day. Use it as a context."""

    def __init__(self, console: Console, mailbox: Mailbox) -> None:
        self.console, self._mailbox = console, mailbox
        self._bar = Progress(
            TextColumn("[bold]Día {task.completed:>2} de {task.total}"), BarColumn(40), TextColumn("{task.fields[words]}"),
            console=console, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=DAYS, words="")
        self._headed = ""
        self._now: datetime | None = None
        self._counts = {"deliveries": 0, "mails": 0, "labels": 0}

    def __enter__(self) -> Screen:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def moment(self, at: datetime) -> None:
        """Turns the clock; the heading is printed with the first thing that happens."""
        self._now = at
        self._bar.update(self._task, completed=min(day_of(at), DAYS), words=self._words())

    def delivered(self, delivery: Delivery, status: int) -> None:
        """A shop's delivery; what is odd about it is said behind it."""
        self._counts["deliveries"] += 1
        answer = f"{delivery.topic or 'ping'} · {status}"
        self._line("→", self._who(delivery.shop, delivery.file), delivery.note, answer, colour=COLOURS[delivery.shop])

    def visited(self, wish: Visit) -> None:
        """A customer's doing."""
        stars = f"{'★' * wish.stars}{'☆' * (5 - wish.stars)} «{wish.words}»" if wish.stars else ""
        self._line("☺", wish.order, wish.note, stars, colour="bright_blue")

    def changed(self, entry: Entry) -> None:
        """What the service did, decided not to do, or put off."""
        if entry.state == "done" and entry.kind == "label":
            self._counts["labels"] += 1
            self._line("▤", entry.number, words.LABEL, "")
        elif entry.state == "done":
            self._counts["mails"] += 1
            mail = self._mailbox.of_effect(entry.id)
            self._line("✉", entry.number, f"«{mail.subject if mail else ''}»", entry.recipient, colour="green")
        elif entry.state == "planned":
            self._line("…", entry.number, words.what(entry.followup, entry.kind), words.reason(entry.reason), colour="yellow", quiet=True)
        elif entry.state in ("suppressed", "cancelled"):
            self._line("×", entry.number, words.what(entry.followup, entry.kind), words.reason(entry.reason), colour="dim", quiet=True)
        else:
            self._line("!", entry.number, words.what(entry.followup, entry.kind), entry.reason, colour="bold red")
        self._bar.update(self._task, words=self._words())

    def _words(self) -> str:
        names = {"deliveries": ("aviso", "avisos"), "mails": ("correo", "correos"), "labels": ("etiqueta", "etiquetas")}
        told = " · ".join(words.count(self._counts[name], *forms) for name, forms in names.items())
        return f"{words.clock(self._now) if self._now else '':<18} {told}"

    def _line(self, sign: str, who: str, said: str, more: str, *, colour: str = "", quiet: bool = False) -> None:
        self._head()
        row = Table.grid(padding=(0, 1))
        row.add_column(width=9, no_wrap=True)
        row.add_column()
        body = Text(said, style="dim" if quiet else "")
        row.add_row(Text(f"  {sign} {who}", style=colour), body.append(f"  {more}" if more else "", style="dim"))
        self.console.print(row, highlight=False)

    def _head(self) -> None:
        """The moment, once for all that happens in its minute."""
        heading = words.clock(self._now) if self._now else ""
        if self._now is not None and heading != self._headed:
            self._headed = heading
            self.console.print(f"[bold]Día {day_of(self._now):>2}[/] [dim]·[/] {heading}", highlight=False)

    @staticmethod
    def _who(shop: str, file: str) -> str:
        number = file.rpartition("/")[2].partition("-")[0]
        return (f"#{number}" if shop == "lola" else number) if number.isdigit() else words.SHOPS[shop].split()[-1]
