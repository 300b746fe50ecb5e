"""Whether it grows: memory of every process, looked at all through a long load."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bench import load, processes
from bench.numbers import slope
from bench.record import Meaning, Options, Record
from bench.rounds import Stage, play

ABOUT = "Memory through an hour of 20 orders a second"
RATE, SECONDS = 20.0, 3600.0
LOOKS, SETTLED = 360, 1 / 6
"""How often memory is looked at, and the first part, in which caches and pools fill, that counts for no growth."""
FIGURES = {
    "begin": Meaning("MB", "less", "all processes together, just after the first sixth: caches and pools have filled"),
    "end": Meaning("MB", "less", "the median of the last tenth"),
    "growth": Meaning("MB/h", "less", "slope after the first sixth (Theil-Sen)"),
    "lost or doubled": Meaning("", "less"),
    "mail p99": Meaning("ms", "less"),
}
Look = tuple[float, dict[str, float]]


def measure(options: Options) -> Record:
    """Ours alone, and once: `--runs` is for shorter measures."""
    rate, seconds = options.rate or RATE, options.seconds or SECONDS
    record = Record("endurance", ABOUT, replace(options, peers=False, runs=1), FIGURES, settings={"rate": rate, "seconds": seconds})

    def body(here: Stage) -> tuple[dict[str, float], dict[str, Any]]:
        started = here.stack.begin("load", max(1, round(rate * seconds)), rate)
        looks = list(_looks(here, started, max(0.2, seconds / LOOKS)))
        loaded = load.finish(started, here.folder, "load")
        mailed = here.mailed(loaded)
        settled = [(at, sum(sizes.values())) for at, sizes in looks if at > looks[-1][0] * SETTLED]
        wrong = mailed.lost + mailed.doubled + loaded.refused
        values = {**_growth(settled), "lost or doubled": wrong, "mail p99": mailed.due_to_mail_ms["p99"]}
        record.extra["lines"] = {"x": "seconds", "y": "MB", "series": _series(looks)}
        return values, {"load": loaded.report, "mails": mailed.document}

    play(record, body)
    return record


def _looks(here: Stage, started: processes.Started, pause: float) -> Iterator[Look]:
    """(seconds since the start, MB by process name)."""
    began = time.monotonic()
    while started.alive:
        yield time.monotonic() - began, processes.memory(here.stack.processes)
        time.sleep(pause)


def _growth(settled: list[tuple[float, float]]) -> dict[str, float]:
    tenth = sorted(size for _, size in settled[-max(1, len(settled) // 10) :])
    return {"begin": settled[0][1], "end": tenth[len(tenth) // 2], "growth": slope(settled) * 3600}


def _series(looks: list[Look]) -> dict[str, list[tuple[float, float]]]:
    names = sorted({name for _, sizes in looks for name in sizes})
    found = {name: [(round(at, 1), round(sizes.get(name, 0.0), 2)) for at, sizes in looks] for name in names}
    return {"all together": [(round(at, 1), round(sum(sizes.values()), 2)) for at, sizes in looks], **found}
