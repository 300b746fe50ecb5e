"""A sale begins: far more orders than are mailed at once, for a minute. All are accepted, and all mails go out soon after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bench.record import Meaning, Options, Record
from bench.rounds import Stage, play

ABOUT = "A minute of 800 orders a second: accepted, lost, doubled, and when the last mail is out"
RATE, SECONDS, PATIENCE = 800.0, 60.0, 60.0
FIGURES = {
    "refused": Meaning("", "less", "deliveries that were not answered with 2xx"),
    "ack p50": Meaning("ms", "less", "from when the delivery was due to its answer"),
    "ack p99": Meaning("ms", "less"),
    "lost": Meaning("", "less", "accepted, and no mail"),
    "doubled": Meaning("", "less", "accepted, and more than one mail"),
    "last mail after": Meaning("s", "less", "from the last answer to the last mail"),
    "mails": Meaning("/s", "more", "from the first delivery to the last mail"),
    "CPU per order": Meaning("ms", "less"),
}


def measure(options: Options) -> Record:
    """Ours alone: the bare stack would need minutes for each run, and the burst compares the two already."""
    rate, seconds = options.rate or RATE, options.seconds or SECONDS
    record = Record("surge", ABOUT, replace(options, peers=False), FIGURES, settings={"rate": rate, "seconds": seconds, "connections": 32})

    def body(here: Stage) -> tuple[dict[str, float], dict[str, Any]]:
        before = here.cpu()
        loaded = here.stack.load("load", round(rate * seconds), rate)
        mailed = here.mailed(loaded, PATIENCE)
        ack = loaded.report["ack_ms"]
        values = {"refused": loaded.refused, "ack p50": ack["p50"], "ack p99": ack["p99"], "lost": mailed.lost, "doubled": mailed.doubled}
        values |= {"last mail after": mailed.ended - mailed.last_answer, "mails": mailed.per_second}
        spent = (here.cpu() - before) / mailed.accepted * 1000
        return {**values, "CPU per order": spent}, {"load": loaded.report, "mails": mailed.document}

    play(record, body)
    return record
