"""What the figures have to be, so that the report says at a glance which hold."""

from __future__ import annotations

from dataclasses import dataclass
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

    def found(self, document: dict[str, Any]) -> float | None:
        """The median, if it was measured."""
        for figure in document["figures"]:
            if figure["name"] == self.figure:
                told = figure["ratios"].get(self.to) if self.to else figure["values"].get(OURS)
                return float(told["median"]) if told else None
        return None

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.bound == "at least" else value <= self.limit


TARGETS = (
    Target("accepted per second, durable, to the bare stack", "intake", "accepted", "at least", 2.0, "Flask + RQ"),
    Target("accepted per second, durable, to the bare stack with fsync", "intake", "accepted", "at least", 2.0, "Flask + RQ, fsync"),
    Target("ack p99 at 200/s, ms", "intake-rate", "ack p99", "at most", 25),
    Target("webhook to mail in a burst, to the bare stack", "mails", "mails", "at least", 2.5, "Flask + RQ"),
    Target("webhook to mail at 50/s, p99, ms", "mails-rate", "mail p99", "at most", 250),
    Target("800/s for a minute: refused", "surge", "refused", "at most", 0),
    Target("800/s for a minute: ack p99, ms", "surge", "ack p99", "at most", 1000),
    Target("800/s for a minute: lost", "surge", "lost", "at most", 0),
    Target("800/s for a minute: doubled", "surge", "doubled", "at most", 0),
    Target("800/s for a minute: last mail after the end, s", "surge", "last mail after", "at most", 300),
    Target("idle memory of everything, MB", "memory", "idle", "at most", 250),
    Target("growth of memory under an hour of load, MB/h", "endurance", "growth", "at most", 2),
    Target("from `make run` to ready, s", "start", "ready", "at most", 3),
)
"""Growth: 2 MB an hour is what is not told from noise."""
