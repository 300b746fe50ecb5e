"""What was accepted and what was mailed, joined by the buyer's address: lost, doubled, and how long each took."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.events import buyer
from bench.numbers import spread


@dataclass(frozen=True)
class Joined:
    """Counts are of events; times in seconds (epoch), spreads in milliseconds."""

    accepted: int
    mailed: int
    doubled: int
    """Events mailed more than once."""
    strangers: int
    """Mails for nobody whose event was accepted."""
    mails: int
    began: float
    """When the first event was due."""
    ended: float
    """When the last event's first mail had arrived."""
    last_answer: float
    due_to_mail_ms: dict[str, float]
    connections: int

    @property
    def lost(self) -> int:
        return self.accepted - self.mailed

    @property
    def per_second(self) -> float:
        """Events mailed, from the first due to the last mail."""
        return self.mailed / (self.ended - self.began) if self.ended > self.began else 0.0

    @property
    def document(self) -> dict[str, Any]:
        return {
            "accepted": self.accepted,
            "mailed": self.mailed,
            "lost": self.lost,
            "doubled": self.doubled,
            "strangers": self.strangers,
            "mails": self.mails,
            "seconds": round(self.ended - self.began, 3),
            "mails_per_s": round(self.per_second, 2),
            "seconds_after_last_answer": round(self.ended - self.last_answer, 3),
            "due_to_mail_ms": self.due_to_mail_ms,
            "smtp_connections": self.connections,
        }


def join(accepted: Path, mails: Path) -> Joined:
    """As both files stand now."""
    events = {buyer(order): times for order, *times in read_accepted(accepted)}
    arrivals: dict[str, list[float]] = {}
    strangers, connections = 0, set[str]()
    for moment, recipients, connection in _read_mails(mails):
        who = next((r for r in recipients.split(",") if r in events), None)
        if who is None:
            strangers += 1
            continue
        arrivals.setdefault(who, []).append(moment)
        connections.add(connection)
    firsts = {who: min(times) for who, times in arrivals.items()}
    began = min((times[0] for times in events.values()), default=0.0)
    return Joined(
        accepted=len(events),
        mailed=len(firsts),
        doubled=sum(len(times) > 1 for times in arrivals.values()),
        strangers=strangers,
        mails=sum(len(times) for times in arrivals.values()),
        began=began,
        ended=max(firsts.values(), default=began),
        last_answer=max((times[2] for times in events.values()), default=began),
        due_to_mail_ms=spread([firsts[who] - events[who][0] for who in firsts]),
        connections=len(connections),
    )


def wait(accepted: Path, mails: Path, patience: float, settle: float = 1.0) -> Joined:
    """When all have come, and `settle` seconds later for what comes twice; or when none has come for `patience` seconds."""
    wanted = sum(1 for _ in read_accepted(accepted))
    seen, quiet_since = -1, time.monotonic()
    while (now := _lines(mails)) != seen or time.monotonic() - quiet_since < patience:
        if now != seen:
            seen, quiet_since = now, time.monotonic()
        if now >= wanted and join(accepted, mails).mailed >= wanted:
            time.sleep(settle)
            break
        time.sleep(0.2)
    return join(accepted, mails)


def read_accepted(file: Path) -> list[tuple[int, float, float, float]]:
    """(order, due, sent, answered) of each event."""
    with file.open(encoding="ascii") as lines:
        rows = [line.split("\t") for line in lines]
    return [(int(order), float(due), float(sent), float(answered)) for order, due, sent, answered in rows]


def _read_mails(file: Path) -> list[tuple[float, str, str]]:
    text = file.read_text(encoding="utf-8", errors="replace")
    whole = [line.split("\t") for line in text[: text.rfind("\n") + 1].splitlines()]
    return [(float(moment), recipients, connection) for moment, recipients, _, _, connection in whole]


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")
