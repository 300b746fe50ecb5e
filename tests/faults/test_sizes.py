"""Bodies that are too big, too deep, too slow or packed: refused or kept unread, without memory, and other shops notice nothing."""

from __future__ import annotations

import gzip
import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from tests.faults.conftest import Stand
from tests.faults.stories import placed
from tests.pipeline.stories import Sent
from tests.runtime.processes import memory
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, OTTO, Headers, ask

GROWTH = 50_000
"""kB"""
SLOW = 60
"""Senders of one byte a second at a time."""


def sent(body: bytes, name: str) -> Sent:
    return Sent("order.updated", body, datetime.now(UTC), name)


def usual(service: Service, first: int, number: int = 60) -> float:
    """The seconds that Otto's shop waits for half of its answers meanwhile: a busy machine may keep any one waiting, and not most."""
    took = []
    for ref in range(first, first + number):
        began = time.monotonic()
        assert service.deliver(OTTO, placed(ref, f"{ref}@cliente.example").sent[0]).status == 200
        took.append(time.monotonic() - began)
    return statistics.median(took)


def grown(service: Service, before: dict[str, int]) -> int:
    """kB by which the biggest grower of the processes grew."""
    return max(memory(pid) - before.get(name, memory(pid)) for name, pid in service.parts.items())


@scenario("F24", budget=90)
def test_hostile_sizes_are_answered_and_cost_no_memory(stand: Stand, order_ref: int, tell: Callable[[str], None]) -> None:
    service = stand.service().start()
    first = 10 * order_ref
    alone = usual(service, first)
    before = {name: memory(pid) for name, pid in service.parts.items()}
    huge, signed = b"x" * 50_000_000, [("X-WC-Webhook-Topic", "order.updated"), ("X-WC-Webhook-Signature", "A" * 44)]
    bomb = gzip.compress(b"0" * 50_000_000)
    deep = b'{"id": 1, "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    wide = b'{"id": 2, "line_items": [' + b"0," * 1_000_000 + b"0]}"
    many = json.dumps({"id": 3, "line_items": [{} for _ in range(500_000)]}, separators=(",", ":")).encode()
    numbers = b'{"id": 4, "total": ' + b"9" * 1_000_000 + b"}"
    cases: list[tuple[str, int, Callable[[], int]]] = [
        ("50 MB", 413, lambda: service.post(ALBA.path, huge, signed).status),
        ("50 MB without a length", 413, lambda: ask(service.port, "POST", ALBA.path, pieces(huge), signed).status),
        ("a gzip bomb", 415, lambda: service.post(ALBA.path, bomb, [*ALBA.headers(sent(bomb, "bomb")), ("Content-Encoding", "gzip")]).status),
        ("depth 100 k, unsigned", 401, lambda: service.post(ALBA.path, deep, signed).status),
        ("depth 100 k", 200, lambda: service.deliver(ALBA, sent(deep, "deep")).status),
        ("a million things", 200, lambda: service.deliver(ALBA, sent(wide, "wide")).status),
        ("half a million items", 200, lambda: service.deliver(ALBA, sent(many, "many")).status),
        ("a number of a million digits", 200, lambda: service.deliver(ALBA, sent(numbers, "numbers")).status),
        ("shorter than announced", 400, lambda: cut_short(service)),
    ]
    for what, status, do in cases:
        assert do() == status, what
    busy = usual(service, first + 1000)
    service.until(lambda: not service.deliveries(state="new"), 40, "read")
    growth = grown(service, before)
    states = {row["delivery_id"]: row["state"] for row in service.deliveries(topic="order.updated")}
    tell(f"answers to another shop {alone * 1000:.0f} ms alone, {busy * 1000:.0f} ms afterwards; no process grew by more than {growth / 1000:.0f} MB")
    assert states == {"deep": "poison", "wide": "poison", "many": "poison", "numbers": "poison"}
    assert growth < GROWTH
    assert busy < max(10 * alone, 0.5)


def pieces(body: bytes) -> Iterator[bytes]:
    """In chunks."""
    for start in range(0, len(body), 1 << 18):
        yield body[start : start + (1 << 18)]


def cut_short(service: Service) -> int:
    """A sender that ends its side in the middle of the body; what it is answered, 400 also when the server just hangs up."""
    body = b"{}"
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as line:
        line.sendall(head(ALBA.headers(sent(body, "short")), 100) + body)
        line.shutdown(socket.SHUT_WR)
        said = line.recv(100)
    return int(said.split()[1]) if said else 400


def head(headers: Headers, length: int) -> bytes:
    lines = [f"POST {ALBA.path} HTTP/1.1", "Host: x", f"Content-Length: {length}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@contextmanager
def dawdlers(service: Service, beginning: bytes) -> Iterator[list[socket.socket]]:
    """Many connections that say so much and then one byte a second."""
    lines, over = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(SLOW)], threading.Event()

    def dawdle() -> None:
        while not over.wait(1):
            for line in lines:
                with suppress(OSError):
                    line.send(b"x")

    for line in lines:
        line.sendall(beginning)
    thread = threading.Thread(target=dawdle)
    thread.start()
    try:
        yield lines
    finally:
        over.set()
        thread.join()
        for line in lines:
            line.close()


@scenario("F24", budget=60)
def test_senders_of_one_byte_a_second_delay_no_other_shop(stand: Stand, order_ref: int, tell: Callable[[str], None]) -> None:
    service = stand.service().start()
    first = 10 * order_ref
    alone = usual(service, first)
    before = {name: memory(pid) for name, pid in service.parts.items()}
    body = head(ALBA.headers(sent(b"x", "slow")), 2_000_000)
    with dawdlers(service, b"POST / HTTP/1.1\r\nX: "), dawdlers(service, body):
        busy = usual(service, first + 1000)
        growth = grown(service, before)
    tell(f"answers to another shop {alone * 1000:.0f} ms alone, {busy * 1000:.0f} ms beside {2 * SLOW} slow senders; grown by {growth / 1000:.0f} MB")
    assert busy < max(10 * alone, 0.5)
    assert growth < GROWTH
    assert service.deliveries(delivery_id="slow") == []
