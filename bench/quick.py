"""A gate that never looks at the clock: how many SQL statements, commits and calls of functions a piece of work needs, against `budget.json`.

The same work needs the same number on every machine, so a change that makes it dearer is seen in the commit that brings it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.counting import Counts, counted
from bench.house import House
from bench.servers import Postgres

BUDGET = Path(__file__).with_name("budget.json")
TOLERANCE = 0.03
"""Part by which calls may exceed their budget: libraries call a little more or less from time to time. Statements and commits may not."""
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
"""Other Pythons call differently, so calls are budgeted for one."""
TEMPLATE, MANY, TIMES, WARM = 6, 20, 3, 2
"""The payload that is used, the size of a batch, how often each is counted (the median counts), and how often it is done before."""
RENEW = "make bench-quick ARGS=--renew"
Figures = dict[str, dict[str, float]]


def run(*, renew: bool, folder: Path) -> int:
    """Count and compare; the exit status. `renew`: write what was counted as the new budget."""
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets decides about calls
        os.execve(sys.executable, [sys.executable, "-m", "bench", *sys.argv[1:]], {**os.environ, "PYTHONHASHSEED": "0"})
    found = {"python": PYTHON, "sqlite": _count("sqlite", folder), "postgresql": _count("postgresql", folder)}
    if renew:
        BUDGET.write_text(json.dumps(found, indent=1) + "\n")
        print(f"written: {BUDGET}")
        return 0
    lines = list(compare(found, json.loads(BUDGET.read_text())))
    above = [line for line in lines if line.startswith("ABOVE")]
    print("\n".join(lines))
    if above:
        print(f"{len(above)} above the budget. Find out why; if it is meant, {RENEW} and say so in the commit.")
    return 1 if above else 0


def compare(found: dict[str, Any], budget: dict[str, Any]) -> Iterator[str]:
    """A line for each figure; those above their budget begin with ABOVE."""
    same_python = found["python"] == budget["python"]
    if not same_python:
        yield f"calls are budgeted for Python {budget['python']}, and this is {found['python']}: they are not compared"
    for database in ("sqlite", "postgresql"):
        for work, counts in found[database].items():
            for what, count in counts.items():
                if what != "calls" or same_python:
                    yield _line(database, work, what, count, budget.get(database, {}).get(work, {}).get(what))


def _line(database: str, work: str, what: str, count: float, most: float | None) -> str:
    where = f"{database:<11}{work:<62}{what:<11}{count:>10,.2f}"
    if most is None:
        return f"ABOVE {where}  has no budget"
    limit = most * (1 + TOLERANCE) if what == "calls" else most
    verdict = "ABOVE" if count > limit + 1e-9 else "less " if count < most * (1 - TOLERANCE) else "ok   "
    return f"{verdict} {where}  of {most:,.2f}"


def _count(kind: str, folder: Path) -> Figures:
    with ExitStack() as held:
        here = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="quick", dir=folder)))
        url = held.enter_context(held.enter_context(Postgres()).database("quick")) if kind == "postgresql" else f"sqlite:///{here / 'quick.db'}"
        return figures(held.enter_context(House(here, url)))


def figures(house: House) -> Figures:
    """All pieces of work, each in the median of several times, each for one event."""
    _steady()
    single = [_through(house, 1) for _ in range(WARM + TIMES)][WARM:]
    batch = [_through(house, MANY) for _ in range(WARM + TIMES)][WARM:]
    idle = [_idle(house) for _ in range(WARM + TIMES)][WARM:]
    found = {work: _median([one[work] for one in single]) for work in single[0]}
    found |= {f"{work}, of {MANY} at once": _median([one[work] for one in batch]) for work in batch[0] if not work.startswith("store")}
    return found | {f"nothing to do: {name}": _median([one[name] for one in idle]) for name in idle[0]}


def _through(house: House, count: int) -> dict[str, Counts]:
    """So many deliveries from the door to the mail, which waits for its turn or goes out at once; counts are for one of them."""
    with house.nothing_at_hand():
        found = _in_turn(house, count)
    for environ in house.requests(count, TEMPLATE):
        house.store(environ)
    house.wait_for_work()
    at_once = [_counted(work.do) for work in house.work(reading=True)]
    return {**found, "read one delivery and send its mail": _each(at_once, count)}


def _in_turn(house: House, count: int) -> dict[str, Counts]:
    stored = [_counted(lambda environ=environ: house.store(environ)) for environ in house.requests(count, TEMPLATE)]  # type: ignore[misc]
    house.wait_for_work()
    read = [_counted(work.do) for work in house.work(reading=True)]
    sent = [_counted(work.do) for work in house.work(reading=False)]
    return {"store one delivery": _each(stored, count), "read one delivery": _each(read, count), "send one mail": _each(sent, count)}


def _idle(house: House) -> dict[str, Counts]:
    return {name: _counted(look) for name, look in house.rounds().items()}


def _counted(work: Callable[[], object]) -> Counts:
    with counted() as found:
        work()
    return found


def _each(parts: list[Counts], count: int) -> Counts:
    sums = {name: sum(getattr(part, name) for part in parts) / count for name in ("statements", "commits", "calls")}
    return Counts(**sums)


def _median(counts: list[Counts]) -> dict[str, float]:
    return {name: round(statistics.median(asdict(one)[name] for one in counts), 2) for name in ("statements", "commits", "calls")}


def _steady() -> None:
    """A turn of reading ends by the clock: here it does not, or a slow machine would read the batch in two turns."""
    from jobs import read_inbox

    if hasattr(read_inbox, "TURN"):
        read_inbox.TURN = 60.0
