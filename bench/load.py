"""The load generator, in a process of its own, so that its work is not counted as the server's.

    python -m bench.load PORT PATH --secret SECRET --events 1000 [--rate 50] --accepted FILE --report FILE

writes a line for each 2xx (order, due, sent, answered; epoch seconds) and what came of all of them.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.events import Recipe, Requests, order_id
from bench.numbers import spread
from bench.processes import Started, run
from bench.sender import NO_ANSWER, NOT_SENT, TIMED_OUT, Sender, Tally, clock

CONNECTIONS = 32
WORDS = {NO_ANSWER: "no answer", TIMED_OUT: "timed out", NOT_SENT: "not sent"}


@dataclass(frozen=True)
class Loaded:
    """What one run of the generator brought. `accepted`: the file with a line for each 2xx."""

    report: dict[str, Any]
    accepted: Path

    @property
    def refused(self) -> int:
        """Events without a 2xx."""
        return int(self.report["sent"]) - int(self.report["accepted"])


def start(folder: Path, name: str, port: int, path: str, secret: str, events: int, rate: float = 0.0, run_id: int = 1) -> Started:
    """Begin to send; `finish` waits for the end. `rate` 0: closed loop. The files are named after `name`."""
    arguments = [str(port), path, "--secret", secret, "--events", str(events), "--rate", str(rate), "--run", str(run_id)]
    files = ["--accepted", str(folder / f"{name}.accepted"), "--report", str(folder / f"{name}.json")]
    return run([sys.executable, "-m", "bench.load", *arguments, *files], folder / f"{name}.log")


def finish(started: Started, folder: Path, name: str) -> Loaded:
    """Wait for its end. Raises `RuntimeError` with its last words if it failed."""
    status = started.wait(None)
    if status != 0:
        raise RuntimeError(f"the load generator ended with {status}: {started.said()[-1500:]}")
    return Loaded(json.loads((folder / f"{name}.json").read_text()), folder / f"{name}.accepted")


def report(tally: Tally, start_at: float, rate: float) -> dict[str, Any]:
    """Rates per second, times in milliseconds, the generator's own cost in microseconds."""
    heard = [n for n, status in enumerate(tally.status) if status >= 100]
    codes = Counter(tally.status)
    good = sum(count for code, count in codes.items() if 200 <= code < 300)
    elapsed = max((tally.done[n] for n in heard), default=start_at) - start_at
    return {
        "mode": f"open loop, {rate:g}/s" if rate else "closed loop",
        "sent": len(tally.status) - codes[NOT_SENT],
        "accepted": good,
        "seconds": round(elapsed, 4),
        "accepted_per_s": round(good / elapsed, 2) if elapsed > 0 else 0.0,
        "ack_ms": spread([tally.done[n] - tally.due[n] for n in heard]),
        "from_sending_ms": spread([tally.done[n] - tally.sent[n] for n in heard]),
        "sent_late_ms": spread([tally.sent[n] - tally.due[n] for n in heard]),
        "others": {str(WORDS.get(code, code)): count for code, count in sorted(codes.items()) if not 200 <= code < 300},
        "problems": dict(tally.problems),
        "connects": tally.connects,
        "resent": tally.resent,
        "generator_us": round(tally.cpu * 1e6 / max(1, len(tally.status)), 1),
    }


def write_accepted(file: Path, tally: Tally, run_id: int, offset: float) -> None:
    """`offset`: what makes epoch seconds of monotonic ones."""
    with file.open("w", encoding="ascii") as out:
        for n, status in enumerate(tally.status):
            if 200 <= status < 300:
                out.write(f"{order_id(run_id, n)}\t{tally.due[n] + offset:.6f}\t{tally.sent[n] + offset:.6f}\t{tally.done[n] + offset:.6f}\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("port", type=int, help="on this machine; no other can be loaded")
    parser.add_argument("path")
    parser.add_argument("--secret", required=True)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--run", type=int, default=1, help="part of every order's id")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--accepted", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    chosen = parser.parse_args()
    requests = Requests(Recipe(chosen.run, chosen.secret.encode(), f"127.0.0.1:{chosen.port}", chosen.path), chosen.events)
    gc.collect()
    gc.freeze()
    gc.disable()
    sender = Sender(("127.0.0.1", chosen.port), requests, chosen.connections, chosen.rate)
    offset, start_at = time.time() - clock(), clock() + 0.1
    tally = sender.run(start_at)
    write_accepted(chosen.accepted, tally, chosen.run, offset)
    chosen.report.write_text(json.dumps(report(tally, start_at, chosen.rate)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
