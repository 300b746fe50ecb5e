"""What it takes of the machine when nothing happens."""

from __future__ import annotations

import time
from typing import Any

from bench import processes
from bench.record import Meaning, Options, Record
from bench.rounds import Stage, play

ABOUT = "Memory of all processes together, Redis included, when nothing happens"
SECONDS = 10.0
FIGURES = {
    "idle": Meaning("MB", "less", "proportional set size of all processes, ten seconds after the start"),
    "idle after work": Meaning("MB", "less", "the same ten seconds after 300 orders, their mails included"),
}


def measure(options: Options) -> Record:
    seconds = options.seconds or SECONDS
    record = Record("memory", ABOUT, options, FIGURES, settings={"settles_s": seconds, "events": 300})

    def body(here: Stage) -> tuple[dict[str, float], dict[str, Any]]:
        time.sleep(seconds)
        fresh = processes.memory(here.stack.processes)
        here.mailed(here.stack.load("load", 300))
        time.sleep(seconds)
        worked = processes.memory(here.stack.processes)
        return {"idle": sum(fresh.values()), "idle after work": sum(worked.values())}, {"idle": fresh, "after": worked}

    play(record, body, warm_up=0)
    return record
