"""What a large ledger costs: each piece of work again and again, while the past behind it grows from ten thousand rows to ten million."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.house import House
from bench.ledger import Filler
from bench.record import Meaning, Options, Record
from bench.rounds import postgres
from bench.servers import database
from bench.slow import slowest, statements
from bench.timing import wall_ms
from postventa import effects, reports
from postventa.models import Effect, Order
from postventa.models.db import reading

ABOUT = "Cost of each piece of work as the ledger grows from 10^4 rows on; ratios are to 10^4"
SIZES = (10**4, 10**5, 10**6, 10**7)
SLOW = 5.0
"""Milliseconds from which on a statement is named in the report."""
MOST, EVENTS, WARM = 10**6, 100, 20
"""`--rows 10000000` goes on to the largest: some 2 GB and a few minutes."""
WORK = {
    "store": "one delivery through the front door, durable",
    "read": "one delivery into facts, state and plan",
    "send": "one mail, claimed, judged, composed, handed over and written down",
}
DASHBOARD = {
    "what is due": "`effects.due` while the mails of all these events wait",
    "ledger of an order": "`reports.ledger` of one order",
    "newest of the ledger": "`reports.ledger`, the first 100 effects",
    "one effect": "`reports.effect` with its whole story",
    "inbox": "`reports.inbox`, the newest 50 deliveries and the counts of all states",
    "readyz": "the health check",
    "metrics": "all figures for Prometheus, counted anew",
}
FIGURES = {name: Meaning("ms", "less", about) for name, about in {**WORK, **DASHBOARD}.items()}


def measure(options: Options) -> Record:
    events = options.events or EVENTS
    record = Record("growth", ABOUT, options, dict(FIGURES), sizes=True, settings={"events": events})
    with ExitStack() as held:
        server = held.enter_context(postgres(options))
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="bench", dir=options.folder)))
        url = held.enter_context(database(options.database, folder, "growth", server))
        house = held.enter_context(House(folder, url))
        filler = Filler(house.world.engine)
        for size in [size for size in SIZES if size <= (options.rows or MOST)]:
            took = wall_ms(lambda size=size: filler.fill(size)) / 1000  # type: ignore[misc]
            counts = filler.counts()
            print(f"growth       {sum(counts.values()):,} rows after {took:.0f} s", flush=True)
            record.raw.append({"of": f"{size:,}", "rows": counts, "filled_in_s": round(took, 1), "bytes": _bytes(folder, options)})
            with house.nothing_at_hand():
                _work(house, WARM)
                for _ in range(options.runs):
                    values = {**_work(house, events), **_looks(house), **_rounds(house, record)}
                    record.add(f"{size:,}", values)
                record.extra["slow"] = _slowest(house)
    return record


def _bytes(folder: Path, options: Options) -> int:
    return sum(file.stat().st_size for file in folder.glob("growth.db*")) if options.database == "sqlite" else 0


def _work(house: House, events: int) -> dict[str, float]:
    """Store, read and send so many, all at once; milliseconds for one."""
    stored = statistics.median(wall_ms(lambda environ=environ: house.store(environ)) for environ in house.requests(events))  # type: ignore[misc]
    house.wait_for_work()
    read = wall_ms(house.read) / events
    with reading(house.world.engine) as session:
        due = statistics.median(wall_ms(lambda: effects.due(session, events, urgent=True)) for _ in range(3))
    return {"store": stored, "read": read, "what is due": due, "send": wall_ms(house.send) / events}


def _slowest(house: House) -> dict[str, list[tuple[str, int, float]]]:
    """For each piece of work the statements that took the most time, at the size that was reached."""
    for environ in house.requests(10):
        house.store(environ)
    house.wait_for_work()
    pieces: dict[str, Callable[[], object]] = {"read": house.read, "send": house.send, **{f"round: {n}": look for n, look in house.rounds().items()}}
    found = {}
    for name, piece in pieces.items():
        with statements() as seen:
            piece()
        found[name] = [told for told in slowest(seen) if told[2] >= SLOW]
    return {name: told for name, told in found.items() if told}


def _looks(house: House) -> dict[str, float]:
    """What people and monitors ask."""
    with reading(house.world.engine) as session:
        order = session.scalars(select(Order.ref).order_by(Order.id.desc()).limit(1)).one()
        effect = session.scalars(select(Effect.id).order_by(Effect.id.desc()).limit(1)).one()
        looks: dict[str, Callable[[Session], object]] = {
            "ledger of an order": lambda s: reports.ledger(s, order),
            "newest of the ledger": lambda s: reports.ledger(s, limit=100),
            "one effect": lambda s: reports.effect(s, effect),
            "inbox": lambda s: reports.inbox(s, 50),
        }
        found = {name: wall_ms(lambda look=look: look(session)) for name, look in looks.items()}  # type: ignore[misc]
    client = house.app.test_client()
    house.app.extensions.pop("postventa.figures", None)  # what was counted five seconds ago is not counted anew
    return found | {"readyz": wall_ms(lambda: client.get("/readyz")), "metrics": wall_ms(lambda: client.get("/metrics"))}


def _rounds(house: House, record: Record) -> dict[str, float]:
    """The clock's rounds with nothing to do."""
    found = {}
    for name, look in house.rounds().items():
        record.meanings.setdefault(f"round: {name}", Meaning("ms", "less", "the clock's look with nothing to do"))
        found[f"round: {name}"] = wall_ms(look)
    return found
