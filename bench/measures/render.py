"""One mail from its values to the bytes that go over the wire."""

from __future__ import annotations

import json
from typing import Any

from bench import events
from bench.peers import flask_rq
from bench.peers.stack import FlaskRq
from bench.record import OURS, Meaning, Options, Record
from bench.timing import cpu_ms
from connectors.mail.wire import wire_bytes
from postventa.emails import compose
from postventa.emails.preview import sample

ABOUT = "One mail from its values to its bytes, on one core"
CALLS, THREE_LINES = 300, 5
"""Which of the payloads has as many lines as the sample order of ours."""
MAILS = ("order_received", "shipped", "review_request", "refunded")
FIGURES = {
    **{name: Meaning("ms", "less", "CPU for one mail: subject, HTML and text in the shop's colours") for name in MAILS},
    "mails": Meaning("/s", "more", "`order_received` on one core, if nothing else were to be done"),
}


def measure(options: Options) -> Record:
    calls = options.events or CALLS
    record = Record("render", ABOUT, options, FIGURES, settings={"calls": calls})
    order = _order()
    for _ in range(options.runs):
        took = {name: cpu_ms(lambda name=name: wire_bytes(compose(sample(name))), calls) for name in MAILS}  # type: ignore[misc]
        record.add(OURS, {**took, "mails": 1000 / took[MAILS[0]]})
        theirs = cpu_ms(lambda: flask_rq.compose(order).as_bytes(), calls)
        record.add(FlaskRq.name, {MAILS[0]: theirs, "mails": 1000 / theirs})
    size = len(wire_bytes(compose(sample(MAILS[0]))))
    record.notes.append(f"`order_received` is {size:,} bytes with us and {len(flask_rq.compose(order).as_bytes()):,} with the bare stack.")
    return record


def _order() -> dict[str, Any]:
    body = events.templates()[THREE_LINES].body(events.order_id(1, 1), events.moment())
    found: dict[str, Any] = json.loads(body)
    return found
