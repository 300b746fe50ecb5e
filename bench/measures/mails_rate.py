"""What a customer waits for the mail at a fixed rate. Every time counts from when the delivery was due, so that a stall delays all behind it."""

from __future__ import annotations

from typing import Any

from bench.record import Meaning, Options, Record
from bench.rounds import Stage, play

ABOUT = "Webhook to mail at 50 orders a second, open loop"
RATE, SECONDS = 50.0, 60.0
FIGURES = {
    "ack p50": Meaning("ms", "less", "from when the delivery was due to its answer"),
    "ack p99": Meaning("ms", "less"),
    "mail p50": Meaning("ms", "less", "from when the delivery was due to the final dot of its mail"),
    "mail p99": Meaning("ms", "less"),
    "lost or doubled": Meaning("", "less", "accepted events without exactly one mail, and deliveries refused"),
    "CPU per order": Meaning("ms", "less", "user and system time of the whole stack, Redis and PostgreSQL included"),
}


def measure(options: Options) -> Record:
    return at_rate(Record("mails-rate", ABOUT, options, FIGURES), options.rate or RATE, options.seconds or SECONDS)


def at_rate(record: Record, rate: float, seconds: float) -> Record:
    """Every contender at that rate for so long."""
    record.settings.update(rate=rate, seconds=seconds, connections=32)

    def body(here: Stage) -> tuple[dict[str, float], dict[str, Any]]:
        before = here.cpu()
        loaded = here.stack.load("load", max(1, round(rate * seconds)), rate)
        mailed = here.mailed(loaded)
        ack, mail = loaded.report["ack_ms"], mailed.due_to_mail_ms
        wrong = mailed.lost + mailed.doubled + loaded.refused
        values = {"ack p50": ack["p50"], "ack p99": ack["p99"], "mail p50": mail["p50"], "mail p99": mail["p99"], "lost or doubled": wrong}
        spent = (here.cpu() - before) / mailed.accepted * 1000
        return {**values, "CPU per order": spent}, {"load": loaded.report, "mails": mailed.document}

    play(record, body)
    return record
