"""How many deliveries are accepted in a second when the next one follows at once on each of 32 connections. Nobody reads or mails meanwhile."""

from __future__ import annotations

from typing import Any

from bench.record import Meaning, Options, Record
from bench.rounds import Stage, play

ABOUT = "Deliveries accepted per second, closed loop on 32 connections, web processes only"
EVENTS, WARM_UP = 10_000, 1000
FIGURES = {
    "accepted": Meaning("/s", "more", "answered with 2xx per second; with us each is on disk before its answer"),
    "ack p50": Meaning("ms", "less", "at full load: what a sender sees when 31 others push as hard as they can"),
    "ack p99": Meaning("ms", "less"),
    "CPU per delivery": Meaning("ms", "less", "user and system time of the whole stack, Redis and PostgreSQL included"),
}


def measure(options: Options) -> Record:
    events = options.events or EVENTS
    record = Record("intake", ABOUT, options, FIGURES, settings={"events": events, "connections": 32})

    def body(here: Stage) -> tuple[dict[str, float], dict[str, Any]]:
        before = here.cpu()
        loaded = here.stack.load("load", events)
        spent = here.cpu() - before
        said = loaded.report
        values = {"accepted": said["accepted_per_s"], "ack p50": said["ack_ms"]["p50"], "ack p99": said["ack_ms"]["p99"]}
        return {**values, "CPU per delivery": spent / said["accepted"] * 1000}, {"load": said}

    play(record, body, mails=False, warm_up=min(WARM_UP, events))
    return record
