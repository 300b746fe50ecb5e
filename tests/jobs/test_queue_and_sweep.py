"""Redis is a fast road that may vanish: the sweep finds in the ledger whatever the road lost."""

from datetime import timedelta
from pathlib import Path

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, update

from jobs import queue, sweep
from postventa.clock import real_now
from postventa.models import Inbound
from postventa.models.db import transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder
from webhooks.inbox import Inbox, Raw


def work(redis: Redis, *names: str) -> None:
    for name in names:
        jobs = Queue(name, connection=redis, serializer=JSONSerializer)
        SimpleWorker([jobs], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="WARNING")


def stored(house: House, ref: int, age: timedelta = timedelta(seconds=5)) -> None:
    sent = WooOrder(ref).tell("order.created").sent[0]
    Inbox(house.engine, lambda ids: None).store(Raw(house.shops["woocommerce"], "woocommerce", sent.topic, sent.delivery_id, {}, sent.body))
    with transaction(house.engine) as session:
        session.execute(update(Inbound).values(stored_at=real_now() - age))


def test_asking_twice_is_asking_once(redis: Redis) -> None:
    assert queue.enqueue(redis, queue.NOW, "send_message.send_message", [1, 2, 1]) == 2
    assert queue.enqueue(redis, queue.NOW, "send_message.send_message", [1, 2]) == 0
    assert queue.depth(redis) == {"now": 2, "later": 0}


def test_only_ids_travel_and_only_as_json(redis: Redis) -> None:
    queue.enqueue(redis, queue.NOW, "send_message.send_message", [7])
    (job,) = Queue(queue.NOW, connection=redis, serializer=JSONSerializer).jobs
    assert (job.func_name, tuple(job.args), job.kwargs) == ("jobs.send_message.send_message", (7,), {})


def test_deliveries_that_no_worker_heard_of_are_found_and_followed(
    engine: Engine, redis: Redis, redis_url: str, clock: TestClock, tmp_path: Path
) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), redis_url=redis_url)
    for ref in range(4001, 4006):
        stored(house, ref)
    sweep.sweep(house.world)
    redis.flushall()
    sweep.sweep(house.world)
    work(redis, queue.NOW)
    assert sorted(row.state for row in house.inbound()) == ["done"] * 5
    assert len(house.postman.mails) == 5
    redis.flushall()
    sweep.sweep(house.world)
    work(redis, queue.NOW, queue.LATER)
    assert len(house.postman.mails) == 5, "what is done is done"


def test_a_job_that_was_lost_with_its_worker_is_asked_for_again(
    engine: Engine, redis: Redis, redis_url: str, clock: TestClock, tmp_path: Path
) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), redis_url=redis_url)
    stored(house, 4001)
    sweep.sweep(house.world)
    redis.delete("rq:queue:now")  # popped by a worker that died before it could say so: the job's record still stands
    sweep.sweep(house.world)
    assert queue.depth(redis)["now"] == 0, "too early to tell"
    with transaction(house.engine) as session:
        session.execute(update(Inbound).values(stored_at=real_now() - timedelta(seconds=30)))
    sweep.sweep(house.world)
    work(redis, queue.NOW)
    assert [row.state for row in house.inbound()] == ["done"]


def test_without_redis_the_sweep_complains_and_goes_on(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), redis_url=f"unix://{tmp_path}/nothing.sock")
    stored(house, 4001)
    sweep.sweep(house.world)
    assert [row.state for row in house.inbound()] == ["new"]
