"""What a shop waits for its answer at a fixed rate, with everything at work."""

from __future__ import annotations

from bench.measures.mails_rate import FIGURES, at_rate
from bench.record import Options, Record

ABOUT = "Time to the answer at 200 deliveries a second, open loop, everything at work"
RATE, SECONDS = 200.0, 30.0


def measure(options: Options) -> Record:
    return at_rate(Record("intake-rate", ABOUT, options, FIGURES), options.rate or RATE, options.seconds or SECONDS)
