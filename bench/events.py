"""What a run sends: distinct, signed `orders/create` webhooks, each with its own order and buyer, so that a mail tells whose it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench import payloads

DOMAIN = "load-test.myshopify.com"
AT_ONCE = 50_000
"""Requests that are built before the clock starts, 10 KB each; longer runs build each just before it is sent, at 20 microseconds."""


def order_id(run: int, index: int) -> int:
    """One order for each event; no two runs share one."""
    return run * 10**7 + index


def buyer(order: int) -> str:
    """Whom its mail goes to."""
    return f"buyer.{order}@load.example"


class Template:
    """One payload, cut where order, buyer and time go in."""

    def __init__(self, text: str) -> None:
        self._parts = [part if n % 2 else part.encode() for n, part in enumerate(payloads.MARKS.split(text))]

    def body(self, order: int, now: bytes) -> bytes:
        """The JSON of one order. `now`: ISO 8601, so that the order is fresh news."""
        number = order % 10**9
        values = {"id": b"%d" % order, "buyer": b"%d" % order, "number": b"%d" % number, "email": buyer(order).encode(), "time": now}
        return b"".join(values[part] if isinstance(part, str) else part for part in self._parts)


def templates() -> list[Template]:
    """Ready to be filled in."""
    return [Template(text) for text in payloads.texts()]


@dataclass(frozen=True)
class Recipe:
    """How every event of a run is built. `run`: a number that no other run on the same ledger has."""

    run: int
    secret: bytes
    host: str = "127.0.0.1"
    path: str = "/"

    def headers(self, index: int, body: bytes) -> dict[str, str]:
        """As Shopify sends them."""
        event = str(uuid.UUID(int=(self.run << 96) | (index & 0xFFFFFFFF), version=4))
        return {
            "Content-Type": "application/json",
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Shop-Domain": DOMAIN,
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": event,
            "X-Shopify-Event-Id": event,
            "X-Shopify-Triggered-At": "2026-11-22T10:00:00.000000000Z",
            "X-Shopify-Hmac-Sha256": base64.b64encode(hmac.digest(self.secret, body, hashlib.sha256)).decode(),
            "User-Agent": "Shopify-Captain-Hook",
        }

    def request(self, index: int, body: bytes) -> bytes:
        """The whole HTTP request."""
        lines = {"Host": self.host, "Accept": "*/*", "Content-Length": str(len(body)), **self.headers(index, body)}
        head = f"POST {self.path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return head.encode() + b"\r\n" + body


class Requests(Sequence[bytes]):
    """The requests of a run by their index; few are kept ready, many are built when they are asked for."""

    def __init__(self, recipe: Recipe, count: int) -> None:
        self._recipe, self._count, self._templates = recipe, count, templates()
        self._ready = [self._build(index) for index in range(count)] if count <= AT_ONCE else []

    def _build(self, index: int) -> bytes:
        body = self._templates[index % len(self._templates)].body(order_id(self._recipe.run, index), moment())
        return self._recipe.request(index, body)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        return self._ready[index] if self._ready else self._build(index)


def bodies(run: int, count: int) -> Iterator[tuple[int, bytes]]:
    """(order id, JSON) of a run's events, for whoever sends them another way."""
    made, now = templates(), moment()
    for index in range(count):
        yield order_id(run, index), made[index % len(made)].body(order_id(run, index), now)


def moment() -> bytes:
    """Now, as Shopify writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds").encode()
