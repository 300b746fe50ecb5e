"""The durable inbox: requests that wait share one transaction (group commit), and nobody is answered before it is on disk.

One writer thread per process. While it commits one batch the next one gathers, so the cost of the disk is shared exactly when it matters.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Engine, Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError

from postventa import failpoints
from postventa.clock import now, real_now
from postventa.models import Inbound
from postventa.models.db import writing
from postventa.models.many import execute_many

log = logging.getLogger("postventa.inbox")

DEADLINE = 2.0
"""Seconds that a request waits for its commit before it answers 503 (promises.md 1.5); the row may still be stored, a repetition is harmless."""
TOO_SLOW = f"not stored within {DEADLINE:g} s"
REFUSED_LATELY = 30.0
"""Seconds for which a failed commit counts as the present state."""
GATHER = 0.03
"""Seconds between two calls for a reader: what comes meanwhile is read together, for little more than one delivery would cost."""
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
    received_at: datetime = field(default_factory=now)
    shop_key: str = ""
    """What its shop is found by when the database had to be restored meanwhile."""

    @property
    def dedupe(self) -> str:
        """Only the body is signed, so its hash is part of it: a replay under a forged id cannot swallow a real delivery."""
        body = hashlib.sha256(self.body).hexdigest()
        return hashlib.sha256("\0".join((self.platform, self.topic, self.delivery_id, body)).encode()).hexdigest()


class Refuge(Protocol):
    """Another place, for deliveries that the database cannot take and may never refuse for that (`webhooks.refuge`)."""

    def wanted(self, raws: list[Raw]) -> bool:
        """Whether that is why these could not be stored."""
        ...

    def keep(self, raws: list[Raw]) -> None:
        """Returns when all are on disk. Raises `OSError`."""
        ...


class _Waiting:
    """A thread that waits for its delivery to be stored."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self._over = threading.Event()
        self.error: Exception | None = None

    def over(self, error: Exception | None) -> None:
        self.error = error
        self._over.set()

    def wait(self) -> bool:
        return self._over.wait(DEADLINE)


class _Awaiting:
    """The same for a coroutine."""

    def __init__(self, raw: Raw) -> None:
        self.raw, self.loop = raw, asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self.loop.create_future()

    def over(self, error: Exception | None) -> None:
        """In the coroutine's own thread."""
        if self.future.done():
            return  # it waited no longer
        if error is None:
            self.future.set_result(None)
        else:
            self.future.set_exception(_not_stored(error))


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

    def __init__(self, engine: Engine, wake: Callable[[set[int]], None], refuge: Refuge | None = None) -> None:
        self._engine, self._wake, self._refuge = engine, wake, refuge
        self._queue: queue.Queue[_Waiting | _Awaiting] = queue.Queue(BACKLOG)
        self._fresh: queue.Queue[set[int]] = queue.Queue()
        self._lock = threading.Lock()
        self._pid = 0
        self.refusal = Refusal()

    def store(self, raw: Raw) -> None:
        """Returns when the delivery is on disk; one that was stored before is. Raises `Overloaded`."""
        waiting = _Waiting(raw)
        self._put(waiting)
        if not waiting.wait():
            raise Overloaded(TOO_SLOW)
        if waiting.error is not None:
            raise _not_stored(waiting.error) from waiting.error

    async def store_soon(self, raw: Raw) -> None:
        """`store` for whoever may not block: one thread can wait for any number of deliveries."""
        waiting = _Awaiting(raw)
        self._put(waiting)
        try:
            async with asyncio.timeout(DEADLINE):
                await waiting.future
        except TimeoutError:
            raise Overloaded(TOO_SLOW) from None

    def _put(self, waiting: _Waiting | _Awaiting) -> None:
        self._start()
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            raise Overloaded("too many deliveries are waiting to be stored") from None

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
                self._write([waiting.raw for waiting in batch])
                self.refusal = Refusal()
            except Exception as error:  # noqa: BLE001  (every waiting request gets it and answers 503)
                log.error("deliveries not stored: %s", error)
                self.refusal = Refusal(str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0], time.monotonic())
                _tell(batch, error)
            else:
                _tell(batch, None)
                self._fresh.put({waiting.raw.shop_id for waiting in batch})

    def _write(self, raws: list[Raw]) -> None:
        try:
            self._insert(raws)
        except DatabaseError:
            if self._refuge is None or not self._refuge.wanted(raws):
                raise
            self._refuge.keep(raws)

    def _insert(self, raws: list[Raw]) -> None:
        values = [_values(raw) for raw in raws]
        with writing(self._engine) as connection:
            execute_many(connection, _store(connection.dialect.name), values)
            failpoints.hit("web.before_commit")
        failpoints.hit("web.after_commit")

    def _wake_forever(self) -> None:
        while True:
            shops = self._fresh.get()
            while not self._fresh.empty():
                shops |= self._fresh.get_nowait()
            if shops:
                failpoints.hit("web.before_wake")
                self._wake(shops)
                time.sleep(GATHER)


def _tell(batch: list[_Waiting | _Awaiting], error: Exception | None) -> None:
    """Everybody who waits; coroutines all at once, since waking their thread takes a system call."""
    loops: dict[asyncio.AbstractEventLoop, list[_Awaiting]] = {}
    for waiting in batch:
        if isinstance(waiting, _Awaiting):
            loops.setdefault(waiting.loop, []).append(waiting)
        else:
            waiting.over(error)
    for loop, those in loops.items():
        with suppress(RuntimeError):  # the server ended meanwhile: nobody waits any more
            loop.call_soon_threadsafe(_over, those, error)


def _over(those: list[_Awaiting], error: Exception | None) -> None:
    for waiting in those:
        waiting.over(error)


def _not_stored(error: Exception) -> Overloaded:
    return Overloaded(f"could not be stored: {type(error).__name__}")


@cache
def _store(dialect: str) -> Insert:
    """One statement for however many: the drivers repeat it without asking us again."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Insert = insert(Inbound).on_conflict_do_nothing(index_elements=["shop_id", "dedupe"])
    return statement


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
        "source": "webhook",
        "order_ref": "",
        "state": "new",
        "reason": "",
        "error": "",
        "trace": "",
        "failure": "",
        "attempts": 0,
    }
