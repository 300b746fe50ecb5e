"""Contenders take turns within each run (A B A B ...), each on an empty folder, each after a warm-up: what drifts on the machine meets all alike."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import joined, processes
from bench.joined import Joined
from bench.load import Loaded
from bench.peers.stack import DurableFlaskRq, FlaskRq
from bench.record import Options, Record
from bench.servers import Postgres, database
from bench.service import Postventa
from bench.sink import Sink
from bench.stack import Stack

WARM_UP = 300
"""Events."""
PATIENCE = 30.0
"""Seconds without a mail after which no more is waited for."""
Make = Callable[[Path, Sink], Stack]
Body = Callable[["Stage"], tuple[dict[str, float], dict[str, Any]]]


@dataclass
class Stage:
    """One contender, warmed up, in one run."""

    folder: Path
    sink: Sink
    stack: Stack

    def mailed(self, loaded: Loaded, patience: float = PATIENCE) -> Joined:
        """What came of it, when all has come or nothing comes any more."""
        return joined.wait(loaded.accepted, self.sink.log, patience)

    def cpu(self) -> float:
        """Seconds of CPU that the stack has used since its start."""
        return processes.cpu(self.stack.processes)


def contenders(options: Options, server: Postgres | None, *, mails: bool = True) -> Iterator[tuple[type[Stack], Make]]:
    """Ours, and the bare stack at its quickest and at its most durable."""
    pid = server.started.pid if server is not None and server.started is not None else 0

    def ours(folder: Path, sink: Sink) -> Stack:
        return Postventa(folder, sink, server.url(f"bench_{folder.name}") if server else "", mails=mails, server=pid)

    yield Postventa, ours
    peers = (FlaskRq,) if options.quickest else (FlaskRq, DurableFlaskRq)
    for peer in peers if options.peers else ():
        yield peer, lambda folder, sink, peer=peer: peer(folder, sink, mails=mails)  # type: ignore[misc]


def play(record: Record, body: Body, *, mails: bool = True, warm_up: int = WARM_UP) -> None:
    """Every contender's turn in every run. `mails`: with whoever mails."""
    options = record.options
    with postgres(options) as server:
        for run in range(1, options.runs + 1):
            for kind, make in contenders(options, server, mails=mails):
                with stage(options, make, server if kind is Postventa else None) as here:
                    _warm(here, warm_up, mails=mails)
                    values, raw = body(here)
                    record.add(kind.name, values, {"run": run, **raw})


@contextmanager
def postgres(options: Options) -> Iterator[Postgres | None]:
    """The server for the measure, if it is to be one."""
    with ExitStack() as held:
        yield held.enter_context(Postgres()) if options.database == "postgresql" else None


@contextmanager
def stage(options: Options, make: Make, server: Postgres | None = None) -> Iterator[Stage]:
    """A contender on an empty folder, running."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="bench", dir=options.folder, ignore_cleanup_errors=True)))
        if server is not None:
            held.enter_context(database("postgresql", folder, f"bench_{folder.name}", server))
        sink = held.enter_context(Sink(folder))
        yield Stage(folder, sink, held.enter_context(make(folder, sink)))


def _warm(here: Stage, events: int, *, mails: bool) -> None:
    if events:
        loaded = here.stack.load("warm-up", events)
        if mails:
            here.mailed(loaded)
