"""What an order calls for, from its facts: the pure rules, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bench.record import OURS, Meaning, Options, Record
from bench.timing import cpu_ms
from postventa.followups.plan import plan
from postventa.followups.view import LineView, OrderView, ParcelFacts, RefundFacts, ReturnFacts, Rules

ABOUT = "Planning an order's journey from its facts, on one core"
CALLS = 3000
NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
FIGURES = {
    "new order": Meaning("µs", "less", "CPU to plan an order of which nothing but its placing is known"),
    "two parcels": Meaning("µs", "less", "two parcels on their way, one of them delivered"),
    "the whole story": Meaning("µs", "less", "two parcels delivered, a refund, a return with its label, reviews asked for"),
    "plans": Meaning("/s", "more", "of the whole story"),
}


def measure(options: Options) -> Record:
    calls = options.events or CALLS
    record = Record("journey", ABOUT, options, FIGURES, settings={"calls": calls})
    for _ in range(options.runs):
        took = {name: cpu_ms(lambda view=view: plan(view, Rules(), NOON + timedelta(days=9)), calls) for name, view in _orders().items()}  # type: ignore[misc]
        record.add(OURS, {**{name: ms * 1000 for name, ms in took.items()}, "plans": 1000 / took["the whole story"]})
    return record


def _orders() -> dict[str, OrderView]:
    lines = tuple(LineView(f"l{n}", 1, f"p{n}", f"SKU-{n}") for n in range(1, 4))
    new = OrderView("1001", placed_at=NOON, lines=lines)
    first = ParcelFacts("p1", (("l1", 1),), True, dispatched_at=NOON, out_for_delivery_at=NOON, delivered_at=NOON + timedelta(days=1))
    second = ParcelFacts("p2", (("l2", 1), ("l3", 1)), True, dispatched_at=NOON + timedelta(hours=5))
    arrived = replace(second, delivered_at=NOON + timedelta(days=2))
    case = ReturnFacts("x1", "approved", (("l1", 1),), requested_at=NOON + timedelta(days=3), approved_at=NOON + timedelta(days=3))
    refund = RefundFacts("r1", NOON + timedelta(days=4), Decimal("12.50"), (("l1", 1),))
    told = replace(new, prepared_at=NOON, parcels=(first, arrived), review_asked={"p2": NOON + timedelta(days=9)})
    story = replace(told, returns=(case,), refunds=(refund,))
    return {"new order": new, "two parcels": replace(new, parcels=(first, second)), "the whole story": story}
