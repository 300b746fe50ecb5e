"""The only file that knows RQ. It carries ids for the next few minutes of work; the ledger in SQL is what counts.

What stands in Redis may have been written by anybody who can reach it. So a record is taken for a job only if it names one of `JOBS` and one id;
all else of it is thrown away unread, before RQ looks at it.

One queue per worker process: a worker that pops from two loses the job when it is killed in between (the sweep would bring it back, later).
"""

from __future__ import annotations

import gc
import json
import logging
import time
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from jobs import world
from postventa.config import Settings

log = logging.getLogger("postventa.queue")

NOW, LATER = "now", "later"
"""Deliveries and transactional mails; labels and everything that may wait its turn."""
QUEUES = (NOW, LATER)
JOBS = frozenset(
    {
        "read_inbox.read_inbox",  # a shop's id
        "send_mails.send_mails",  # a sender's number
        "send_message.send_message",  # an effect's
        "create_return_label.create_return_label",
        "pickups.carry.carry",
        "refetch.refetch",
        "write_to_shop.write_to_shop",
        "reconcile.reconcile",  # a shop's
        "sync_tracking.sync",
        "find_delays.find_delays",
        "learn_lanes.learn_lanes",
        "subscriptions.look_after",
        "shopify_tokens.renew",
        "learn_shop.learn_shop",
        "look_at_shop.look_at_shop",  # a visit's
        "connect_shopify.try_keys",  # the id of keys that somebody typed in
        "import_history.step",
        "look_up.look_up",  # a look-up's
        "answer_privacy.answer_privacy",  # a privacy case's
        "give_back_labels.give_back",  # a label's
        "withdrawals.match.match",  # a statement's
        "tell_operator.tell_operator",  # an alarm's
    }
)
"""All that a worker runs, each with one id, and where the id is from."""
READER, SENDER, LOST = "postventa:reader:{}", "postventa:sender:{}", 3
"""The marks that a job to read a shop's deliveries, or to send what is due, waits or is at work; seconds after which it counts as lost."""
TIMEOUT = 720
"""Seconds for one job: more than the ten minutes that a mail server may take to answer the final dot."""
LIVES: dict[str, Any] = {"result_ttl": 0, "failure_ttl": 60, "ttl": 600}
"""Seconds that RQ keeps the record of a job that is done, has failed, waits."""
COLLECT = 20_000, 20, 20
"""Garbage is looked for less often: a batch makes tens of thousands of objects that end with it by themselves."""
SAID_EVERY = 10.0
"""Seconds between two words in the log about a Redis that is away."""
KEPT = (b"created_at", b"enqueued_at", b"started_at", b"last_heartbeat", b"origin", b"status", b"ttl", b"worker_name")
"""What else is read of a record: nothing that names code, addresses or other jobs."""
LONGEST = 1000
"""Bytes of a call; ours have under 100."""


class OurJob(Job):
    """A job of `JOBS` with one id. Any other record counts as none, for whoever reads it: a worker, or RQ's clearing up."""

    @classmethod
    def fetch(cls, *args: Any, **kwargs: Any) -> Job:
        """As RQ does; a name that is no job's name is no job."""
        try:
            return super().fetch(*args, **kwargs)
        except ValueError as error:
            raise NoSuchJobError(f"not a job's name: {error}") from error

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Take the call and `KEPT`. Raises `NoSuchJobError` for what is not ours, and removes it."""
        try:
            call = _call(raw_data.get(b"data", b""))
            super().restore({**{name: raw_data[name] for name in KEPT if name in raw_data}, b"data": call})
        except (ValueError, RecursionError, zlib.error) as error:
            log.error("a job that is none of ours was thrown away: %s", str(error)[:200], extra={"job": self.id})
            self.connection.delete(self.key)
            raise NoSuchJobError("not a job of ours") from error
        self.timeout, self.result_ttl, self.failure_ttl = TIMEOUT, LIVES["result_ttl"], LIVES["failure_ttl"]


def _call(packed: bytes) -> bytes:
    """The call that a record holds, if it is one of ours, spelt as RQ does. Raises `ValueError`, `RecursionError` or `zlib.error`."""
    unpacking = zlib.decompressobj()
    data = unpacking.decompress(packed, LONGEST)
    if unpacking.unconsumed_tail:
        raise ValueError("too long")
    function, instance, args, kwargs = json.loads(data)
    if not isinstance(function, str) or function.removeprefix("jobs.") not in JOBS or not function.startswith("jobs."):
        raise ValueError(f"it calls {str(function)[:80]!r}")
    if instance is not None or kwargs or not isinstance(args, list) or [type(arg) for arg in args] != [int] or not 0 < args[0] < 2**63:
        raise ValueError(f"it calls {function} with something else than one id")
    return json.dumps([function, None, args, {}]).encode()


class OurWorker(SimpleWorker):
    """Works in its own process, and obeys signals only."""

    def subscribe(self) -> None:
        """RQ's commands through Redis (stop, kill) are not listened to: they would be anybody's."""


def enqueue(redis: Redis, queue: str, function: str, ids: Iterable[int], suffix: str = "") -> int:
    """Ask for `function` (dotted, from this package) once for each id; how many were new.

    The job's id is made from the row's, so asking twice is asking once. Raises `RedisError` when Redis is away.
    """
    if function not in JOBS:
        raise ValueError(f"{function} is not in JOBS of jobs/queue.py: no worker would run it")
    target = _queue(redis, queue)
    name = function.rpartition(".")[2]
    asked = 0
    for row_id in ids:
        try:
            target.enqueue_call(f"jobs.{function}", args=(row_id,), job_id=f"{name}-{row_id}{suffix}", unique=True, **LIVES)
            asked += 1
        except DuplicateJobError:
            continue
    return asked


def wake_readers(redis: Redis, shop_ids: Iterable[int]) -> None:
    """Have each shop's new deliveries read: one job a shop waits in the queue, however many deliveries come. Best effort."""
    for shop_id in shop_ids:
        _wake(redis, READER, "read_inbox.read_inbox", shop_id)


def wake_sender(redis: Redis, sender: int = 1) -> None:
    """Have transactional mails sent that are due now: one job waits in the queue, however many they are. Best effort."""
    _wake(redis, SENDER, "send_mails.send_mails", sender)


def _wake(redis: Redis, mark: str, function: str, row_id: int) -> None:
    try:
        if redis.set(mark.format(row_id), 1, nx=True, ex=LOST):
            _queue(redis, NOW).enqueue_call(f"jobs.{function}", args=(row_id,), **LIVES)
    except RedisError as error:
        _away(error)


def _away(error: RedisError) -> None:
    """Said every ten seconds at most: deliveries may come by the hundred a second."""
    global _said
    if time.monotonic() - _said > SAID_EVERY:
        _said = time.monotonic()
        log.warning("Redis is away (%s): the sweep will pick the work up from the ledger", type(error).__name__)


_said = float("-inf")


def reader_began(redis: Redis, shop_id: int) -> None:
    """The job is at work, and new deliveries of that shop need no other one until it ends."""
    _began(redis, READER.format(shop_id))


def reader_ended(redis: Redis, shop_id: int) -> None:
    """From now on a new delivery of that shop needs a new job; what came before has to be looked for once more."""
    _ended(redis, READER.format(shop_id))


def sender_began(redis: Redis, sender: int) -> None:
    """The job is at work, and what becomes due needs no other one until it ends."""
    _began(redis, SENDER.format(sender))


def sender_ended(redis: Redis, sender: int) -> None:
    """From now on what becomes due needs a new job; what was due before has to be looked for once more."""
    _ended(redis, SENDER.format(sender))


def _began(redis: Redis, mark: str) -> None:
    with suppress(RedisError):  # without a mark there may be two, which do no harm to each other
        redis.set(mark, 1, ex=LOST)


def _ended(redis: Redis, mark: str) -> None:
    with suppress(RedisError):  # then the mark ends by itself
        redis.delete(mark)


def depth(redis: Redis) -> dict[str, int]:
    """How many jobs wait in each queue."""
    return {name: _queue(redis, name).count for name in QUEUES}


def _queue(redis: Redis, name: str) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer, job_class=OurJob, default_timeout=TIMEOUT)


def run_worker(queue: str, settings: Settings) -> None:
    """Work on one queue until told to stop; returns after a SIGTERM and the end of the job at hand."""
    gc.set_threshold(*COLLECT)
    here = world.install(world.World(settings))
    redis = Redis.from_url(settings.redis_url, socket_connect_timeout=5)
    try:
        worker(redis, queue).work(with_scheduler=False, logging_level="WARNING")
    finally:
        here.transport.close()
        here.engine.dispose()


def worker(redis: Redis, queue: str) -> SimpleWorker:
    """A worker on one queue; it runs jobs in its own process."""
    made = OurWorker([_queue(redis, queue)], connection=redis, serializer=JSONSerializer, job_class=OurJob, worker_ttl=30, maintenance_interval=15)
    made.log.setLevel(logging.WARNING)
    return made


def stamp(moment: datetime, seconds: int) -> str:
    """A suffix that changes every so many seconds: a job that was lost with its worker can be asked for again."""
    return f"-{int(moment.timestamp()) // seconds}"
