"""The durable inbox: requests that wait share one transaction (group commit), and nobody is answered before it is on disk.

One writer thread per process. While it commits one batch the next one gathers, so the cost of the disk is shared exactly when it matters.
"""

from __future__ import annotations

import hashlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from postventa import failpoints
from postventa.clock import now, real_now
from postventa.effects import insert_once
from postventa.models import Inbound
from postventa.models.db import transaction

log = logging.getLogger("postventa.inbox")

DEADLINE = 2.0
"""Seconds that a request waits for its commit before it answers 503 (promises.md 1.5); the row may still be stored, a repetition is harmless."""
REFUSED_LATELY = 30.0
"""Seconds for which a failed commit counts as the present state."""
BATCH = 200
BACKLOG = 5000


class Overloaded(Exception):
    """The delivery could not be stored in time: the sender has to come again."""


@dataclass(frozen=True)
class Raw:
    """One verified delivery."""

    shop_id: int
    platform: str
    topic: str
    delivery_id: str
    headers: dict[str, str]
    body: bytes
    secret_index: int = 0
    state: str = "new"
    error: str = ""
    received_at: datetime = field(default_factory=now)

    @property
    def dedupe(self) -> str:
        """Only the body is signed, so its hash is part of it: a replay under a forged id cannot swallow a real delivery."""
        body = hashlib.sha256(self.body).hexdigest()
        return hashlib.sha256("\0".join((self.platform, self.topic, self.delivery_id, body)).encode()).hexdigest()


@dataclass
class _Waiting:
    raw: Raw
    stored: threading.Event = field(default_factory=threading.Event)
    row_id: int | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class Refusal:
    """Why the last batch could not be stored, and when (monotonic)."""

    why: str = ""
    at: float = 0.0

    @property
    def lately(self) -> bool:
        """Whether it is so, as far as we know: what is long ago may be over, and only the next delivery will tell."""
        return bool(self.why) and time.monotonic() - self.at < REFUSED_LATELY


class Inbox:
    """`store` blocks until the delivery is durable; `wake` is called afterwards with the shops that have new rows, outside of any request."""

    def __init__(self, engine: Engine, wake: Callable[[set[int]], None]) -> None:
        self._engine, self._wake = engine, wake
        self._queue: queue.Queue[_Waiting] = queue.Queue(BACKLOG)
        self._fresh: queue.Queue[set[int]] = queue.Queue()
        self._lock = threading.Lock()
        self._pid = 0
        self.refusal = Refusal()

    def store(self, raw: Raw) -> int | None:
        """The row's id, or None for a delivery that was stored before. Raises `Overloaded`."""
        self._start()
        waiting = _Waiting(raw)
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            raise Overloaded("too many deliveries are waiting to be stored") from None
        if not waiting.stored.wait(DEADLINE):
            raise Overloaded(f"not stored within {DEADLINE:g} s")
        if waiting.error is not None:
            raise Overloaded(f"could not be stored: {type(waiting.error).__name__}") from waiting.error
        return waiting.row_id

    def _start(self) -> None:
        """Threads do not survive a fork: each process starts its own on its first delivery."""
        with self._lock:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._write_forever, name="inbox-writer", daemon=True).start()
                threading.Thread(target=self._wake_forever, name="inbox-waker", daemon=True).start()

    def _write_forever(self) -> None:
        while True:
            batch = [self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                self._write(batch)
                self.refusal = Refusal()
            except Exception as error:  # noqa: BLE001  (every waiting request gets it and answers 503)
                log.error("deliveries not stored: %s", error)
                self.refusal = Refusal(str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0], time.monotonic())
                for waiting in batch:
                    waiting.error = error
            for waiting in batch:
                waiting.stored.set()
            fresh = {w.raw.shop_id for w in batch if w.row_id is not None and w.raw.state == "new"}
            if fresh:
                self._fresh.put(fresh)

    def _write(self, batch: list[_Waiting]) -> None:
        rows = {(w.raw.shop_id, w.raw.dedupe): w for w in reversed(batch)}
        with transaction(self._engine) as session:
            values = [_values(waiting.raw) for waiting in rows.values()]
            added = insert_once(session, Inbound, values, ["shop_id", "dedupe"]).returning(Inbound.id, Inbound.shop_id, Inbound.dedupe)
            stored = {(shop_id, dedupe): row_id for row_id, shop_id, dedupe in session.execute(added)}
            failpoints.hit("web.before_commit")
        failpoints.hit("web.after_commit")
        for key, row_id in stored.items():
            rows[key].row_id = row_id

    def _wake_forever(self) -> None:
        while True:
            shops = self._fresh.get()
            while not self._fresh.empty():
                shops |= self._fresh.get_nowait()
            failpoints.hit("web.before_wake")
            self._wake(shops)


def _values(raw: Raw) -> dict[str, Any]:
    return {
        "shop_id": raw.shop_id,
        "platform": raw.platform,
        "topic": raw.topic,
        "delivery_id": raw.delivery_id,
        "dedupe": raw.dedupe,
        "headers": raw.headers,
        "body": raw.body,
        "secret_index": raw.secret_index,
        "received_at": raw.received_at,
        "stored_at": real_now(),
        "not_before": real_now(),
        "state": raw.state,
        "error": raw.error,
    }
