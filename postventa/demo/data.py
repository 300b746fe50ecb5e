"""What is played: deliveries, what customers do, and what must come of it (data/README.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent / "data"
ZONE = ZoneInfo("Europe/Madrid")
FIRST = datetime(2026, 10, 5, tzinfo=ZONE)
DAYS = 40
LAST = datetime.combine(FIRST.date() + timedelta(days=DAYS - 1), FIRST.time(), ZONE).replace(hour=20)
"""The evening of the last day."""


@dataclass(frozen=True)
class Delivery:
    """One HTTP request of a shop. `sender` and `ends`: see data/README.md."""

    at: datetime
    shop: str
    topic: str
    delivery_id: str
    body: bytes
    file: str
    sender: str
    ends: str
    note: str

    @property
    def kept(self) -> bool:
        """Whether it becomes a row of the inbox."""
        return self.ends in ("read", "ignored", "poison")


@dataclass(frozen=True)
class Visit:
    """Something that a customer does with a mail. `does`: review (the first item of the mail) | review_all | unsubscribe | look."""

    at: datetime
    shop: str
    order: str
    does: str
    address: str
    followup: str
    stars: int
    words: str
    note: str


@dataclass(frozen=True)
class Story:
    """One order: in which language its customer is written to, and what it shows."""

    shop: str
    order: str
    language: str
    title: str


@dataclass(frozen=True, order=True)
class Outcome:
    """How one effect has to end, and on which day of the demonstration."""

    shop: str
    order: str
    followup: str
    kind: str
    about: str
    state: str
    day: int


def deliveries(folder: Path = HERE) -> list[Delivery]:
    """In order of sending."""
    return [
        Delivery(_moment(at), shop, topic, delivery_id, _body(folder, file), file, sender, ends, note)
        for at, shop, topic, delivery_id, file, sender, ends, note in _rows(folder / "timeline.tsv")
    ]


def visits(folder: Path = HERE) -> list[Visit]:
    """In order of time."""
    return [
        Visit(_moment(at), shop, order, does, address, followup, int(stars or 0), words, note)
        for at, shop, order, does, address, followup, stars, words, note in _rows(folder / "visits.tsv")
    ]


def stories(folder: Path = HERE) -> dict[tuple[str, str], Story]:
    """By (shop, order's number), in the order of telling."""
    return {(row[0], row[1]): Story(*row) for row in _rows(folder / "orders.tsv")}


def expected(folder: Path = HERE) -> list[Outcome]:
    """Every effect that there must be."""
    return [
        Outcome(shop, order, followup, kind, about, state, int(day))
        for shop, order, followup, kind, about, state, day in _rows(folder / "expected.tsv")
    ]


def day_of(moment: datetime) -> int:
    """The day of the demonstration, counted from 1, by the shops' calendar."""
    return (moment.astimezone(ZONE).date() - FIRST.date()).days + 1


def _rows(file: Path) -> Iterator[list[str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            yield ["" if cell == "-" else cell for cell in line.split("\t")]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _body(folder: Path, file: str) -> bytes:
    return (folder / "bodies" / file).read_bytes() if file else b"webhook_id=3"
