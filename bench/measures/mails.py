"""A burst: as many orders as are taken, and the time until the last one's mail has arrived."""

from __future__ import annotations

from typing import Any

from bench.record import Meaning, Options, Record
from bench.rounds import Stage, play

ABOUT = "Webhook to mail in a burst of 20,000 orders, closed loop, everything at work"
EVENTS = 20_000
FIGURES = {
    "mails": Meaning("/s", "more", "from the first delivery to the last mail"),
    "accepted": Meaning("/s", "more", "while mails are being sent already"),
    "ack p99": Meaning("ms", "less"),
    "mail p99": Meaning("ms", "less", "mostly waiting in line: how long the burst takes"),
    "lost or doubled": Meaning("", "less", "accepted events without exactly one mail, and deliveries refused"),
    "CPU per order": Meaning("ms", "less", "user and system time of the whole stack, Redis and PostgreSQL included"),
}


def measure(options: Options) -> Record:
    events = options.events or EVENTS
    record = Record("mails", ABOUT, options, FIGURES, settings={"events": events, "connections": 32})

    def body(here: Stage) -> tuple[dict[str, float], dict[str, Any]]:
        before = here.cpu()
        loaded = here.stack.load("load", events)
        mailed = here.mailed(loaded)
        spent = (here.cpu() - before) / mailed.accepted * 1000
        said = loaded.report
        values = {"mails": mailed.per_second, "accepted": said["accepted_per_s"], "ack p99": said["ack_ms"]["p99"]}
        values |= {"mail p99": mailed.due_to_mail_ms["p99"], "lost or doubled": mailed.lost + mailed.doubled + loaded.refused}
        return {**values, "CPU per order": spent}, {"load": said, "mails": mailed.document}

    play(record, body, warm_up=min(300, events))
    return record
