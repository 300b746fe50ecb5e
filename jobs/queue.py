"""The only file that knows RQ. It carries ids for the next few minutes of work; the ledger in SQL is what counts.

One queue per worker process: a worker that pops from two loses the job when it is killed in between (the sweep would bring it back, later).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

from jobs import world
from postventa.config import Settings

log = logging.getLogger("postventa.queue")

NOW, LATER = "now", "later"
"""Deliveries and transactional mails; labels and everything that may wait its turn."""
QUEUES = (NOW, LATER)
READER, READER_LOST = "postventa:reader:{}", 5
"""The mark that a job to read a shop's deliveries waits; seconds after which it counts as lost with its worker."""
TIMEOUT = 720
"""Seconds for one job: more than the ten minutes that a mail server may take to answer the final dot."""


def enqueue(redis: Redis, queue: str, function: str, ids: Iterable[int], suffix: str = "") -> int:
    """Ask for `function` (dotted, from this package) once for each id; how many were new.

    The job's id is made from the row's, so asking twice is asking once. Raises `RedisError` when Redis is away.
    """
    target = Queue(queue, connection=redis, serializer=JSONSerializer, default_timeout=TIMEOUT)
    name = function.rpartition(".")[2]
    asked = 0
    for row_id in ids:
        try:
            target.enqueue_call(
                f"jobs.{function}", args=(row_id,), job_id=f"{name}-{row_id}{suffix}", unique=True, result_ttl=0, failure_ttl=60, ttl=600
            )
            asked += 1
        except DuplicateJobError:
            continue
    return asked


def wake_readers(redis: Redis, shop_ids: Iterable[int]) -> None:
    """Have each shop's new deliveries read: one job a shop waits in the queue, however many deliveries come. Best effort."""
    try:
        for shop_id in shop_ids:
            if redis.set(READER.format(shop_id), 1, nx=True, ex=READER_LOST):
                Queue(NOW, connection=redis, serializer=JSONSerializer, default_timeout=TIMEOUT).enqueue_call(
                    "jobs.read_inbox.read_inbox", args=(shop_id,), result_ttl=0, failure_ttl=60, ttl=600
                )
    except RedisError as error:
        log.warning("Redis is away (%s): the sweep will pick the work up from the ledger", type(error).__name__)


def reader_began(redis: Redis, shop_id: int) -> None:
    """From now on a new delivery of that shop needs a new job."""
    with suppress(RedisError):  # then the mark ends by itself
        redis.delete(READER.format(shop_id))


def depth(redis: Redis) -> dict[str, int]:
    """How many jobs wait in each queue."""
    return {name: Queue(name, connection=redis, serializer=JSONSerializer).count for name in QUEUES}


def run_worker(queue: str, settings: Settings) -> None:
    """Work on one queue until told to stop; returns after a SIGTERM and the end of the job at hand."""
    here = world.install(world.World(settings))
    redis = Redis.from_url(settings.redis_url, socket_connect_timeout=5)
    worker = SimpleWorker(
        [Queue(queue, connection=redis, serializer=JSONSerializer)],
        connection=redis,
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=15,
    )
    worker.log.setLevel(logging.WARNING)
    try:
        worker.work(with_scheduler=False, logging_level="WARNING")
    finally:
        here.transport.close()
        here.engine.dispose()


def stamp(moment: datetime, seconds: int) -> str:
    """A suffix that changes every so many seconds: a job that was lost with its worker can be asked for again."""
    return f"-{int(moment.timestamp()) // seconds}"
