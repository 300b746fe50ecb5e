"""What the figures have to be, so that the report says at a glance which hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.record import OURS


@dataclass(frozen=True)
class Target:
    """`to`: ours compared with that contender's, in the same run; empty: ours alone."""

    says: str
    measure: str
    figure: str
    bound: Literal["at least", "at most"]
    limit: float
    to: str = ""
    asked: Mapping[str, float] = field(default_factory=dict)
    """The settings that it is meant for: a shorter try says nothing about it."""

    def otherwise(self, document: dict[str, Any]) -> str:
        """How it was measured, if that is not as it was asked for."""
        settings = document["settings"]
        return ", ".join(f"{name} {settings.get(name)}" for name, wanted in {"runs": 5, **self.asked}.items() if (settings.get(name) or 0) < wanted)

    def found(self, document: dict[str, Any]) -> float | None:
        """The median, if it was measured; of what must never happen the worst repetition."""
        for figure in document["figures"]:
            if figure["name"] == self.figure:
                told = figure["ratios"].get(self.to) if self.to else figure["values"].get(OURS)
                return float(told["high" if self.limit == 0 else "median"]) if told else None
        return None

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.bound == "at least" else value <= self.limit


BURST, MINUTE, HOUR = {"events": 20_000}, {"rate": 800, "seconds": 60}, {"runs": 1, "seconds": 3600}
TARGETS = (
    Target("accepted per second, durable, to the bare stack", "intake", "accepted", "at least", 2.0, "Flask + RQ", {"events": 10_000}),
    Target(
        "accepted per second, durable, to the bare stack with fsync", "intake", "accepted", "at least", 2.0, "Flask + RQ, fsync", {"events": 10_000}
    ),
    Target("ack p99 at 200/s, ms", "intake-rate", "ack p99", "at most", 25, asked={"rate": 200, "seconds": 30}),
    Target("webhook to mail in a burst, to the bare stack", "mails", "mails", "at least", 2.5, "Flask + RQ", BURST),
    Target("webhook to mail at 50/s, p99, ms", "mails-rate", "mail p99", "at most", 250, asked={"rate": 50, "seconds": 60}),
    Target("800/s for a minute: refused", "surge", "refused", "at most", 0, asked=MINUTE),
    Target("800/s for a minute: ack p99, ms", "surge", "ack p99", "at most", 1000, asked=MINUTE),
    Target("800/s for a minute: lost", "surge", "lost", "at most", 0, asked=MINUTE),
    Target("800/s for a minute: doubled", "surge", "doubled", "at most", 0, asked=MINUTE),
    Target("800/s for a minute: last mail after the end, s", "surge", "last mail after", "at most", 300, asked=MINUTE),
    Target("idle memory of everything, MB", "memory", "idle", "at most", 250, asked={"settles_s": 10}),
    Target("growth of memory under an hour of load, MB/h", "endurance", "growth", "at most", 2, asked=HOUR),
    Target("from `make run` to ready, s", "start", "ready", "at most", 3),
)
"""Growth: 2 MB an hour is what is not told from noise."""
