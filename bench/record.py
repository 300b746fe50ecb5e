"""What a measure found, as figures with all their repetitions, and the file that it is kept in."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from bench import machine
from bench.numbers import short, summary

OURS = "postventa"


@dataclass(frozen=True)
class Meaning:
    """What a figure is, and which way is better."""

    unit: str
    better: Literal["more", "less"] = "more"
    about: str = ""


@dataclass(frozen=True)
class Options:
    """What was asked for; 0 means the measure's own default."""

    runs: int = 5
    database: Literal["sqlite", "postgresql"] = "sqlite"
    out: Path = Path("bench/results")
    folder: Path = Path("/var/tmp")
    peers: bool = True
    quickest: bool = False
    """Of the peers only the one that promises least."""
    events: int = 0
    rate: float = 0.0
    seconds: float = 0.0
    rows: int = 0


@dataclass
class Record:
    """Values by figure and by whose they are: a contender, or a size. The first one is what the others are compared with."""

    measure: str
    about: str
    options: Options
    meanings: dict[str, Meaning]
    sizes: bool = False
    """The columns are sizes: ratios are of each to the smallest; else ours to each contender."""
    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    raw: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    host: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    """Tables and pictures of a kind of its own, such as a profile's."""
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    load_before: list[float] = field(default_factory=machine.load_average)

    def __post_init__(self) -> None:
        self.host = machine.describe(self.options.folder)

    def add(self, whose: str, values: dict[str, float], raw: dict[str, Any] | None = None) -> None:
        """One repetition. Figures that make no sense for a contender are left out."""
        for name, value in values.items():
            if name not in self.meanings:
                raise KeyError(f"{self.measure} has no figure called {name!r}")
            self.values.setdefault(name, {}).setdefault(whose, []).append(float(value))
        if raw is not None:
            self.raw.append({"of": whose, **raw})
        told = ", ".join(f"{name} {short(value)} {self.meanings[name].unit}".rstrip() for name, value in values.items())
        print(f"{self.measure:<12} {whose:<18} {told}", flush=True)

    @property
    def document(self) -> dict[str, Any]:
        return {
            "measure": self.measure,
            "about": self.about,
            "database": self.options.database,
            "settings": {"runs": self.options.runs, **self.settings},
            "machine": self.host,
            "began": self.began.isoformat(timespec="seconds"),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "load_average": {"before": self.load_before, "after": machine.load_average()},
            "sizes": self.sizes,
            "figures": [self._figure(name, columns) for name, columns in self.values.items()],
            "notes": self.notes,
            "extra": self.extra,
            "raw": self.raw,
        }

    def _figure(self, name: str, columns: dict[str, list[float]]) -> dict[str, Any]:
        meaning, first = self.meanings[name], next(iter(columns))
        others = [column for column in columns if column != first]
        return {
            "name": name,
            "unit": meaning.unit,
            "better": meaning.better,
            "about": meaning.about,
            "values": {column: {"all": values, **summary(values)} for column, values in columns.items()},
            "ratios": {column: ratio(columns[first], columns[column], turned=self.sizes) for column in others},
        }

    def write(self) -> Path:
        """Keep it; the file is named after measure and database."""
        self.options.out.mkdir(parents=True, exist_ok=True)
        file = self.options.out / f"{self.measure}-{self.options.database}.json"
        file.write_text(json.dumps(self.document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return file


def ratio(first: list[float], other: list[float], *, turned: bool) -> dict[str, Any]:
    """First over other (`turned`: other over first), repetition by repetition: what was measured side by side is compared side by side."""
    pairs = [(b, a) if turned else (a, b) for a, b in zip(first, other, strict=False)]
    found = [a / b for a, b in pairs if b]
    return {"all": found, **summary(found)} if found else {"all": [], "median": statistics.median([0.0])}
