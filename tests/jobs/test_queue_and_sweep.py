"""Redis is a fast road that may vanish: the sweep finds in the ledger whatever the road lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, update

from jobs import queue, sweep
from postventa import effects
from postventa.clock import real_now
from postventa.models import Inbound
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import NOON, ShopifyOrder, WooOrder
from webhooks.inbox import Inbox, Raw


@pytest.fixture(autouse=True)
def time_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two steps of a test a busy machine may let more pass than the seconds after which a wake-up counts as lost."""
    monkeypatch.setattr(queue, "LOST", 300)


def work(redis: Redis, *names: str) -> None:
    for name in names:
        queue.worker(redis, name).work(burst=True, logging_level="WARNING")


def stored(house: House, ref: int, age: timedelta = timedelta(seconds=5)) -> None:
    sent = WooOrder(ref).tell("order.created").sent[0]
    Inbox(house.engine, lambda shops: None).store(Raw(house.shops["woocommerce"], "woocommerce", sent.topic, sent.delivery_id, {}, sent.body))
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
    assert 0 < redis.ttl(queue.READER.format(house.shops["woocommerce"])) <= queue.LOST
    redis.delete(queue.READER.format(house.shops["woocommerce"]))
    sweep.sweep(house.world)
    work(redis, queue.NOW)
    assert [row.state for row in house.inbound()] == ["done"]


def test_a_mail_whose_job_was_lost_with_its_worker_is_asked_for_again(
    engine: Engine, redis: Redis, redis_url: str, clock: TestClock, tmp_path: Path
) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), redis_url=redis_url)
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    redis.delete("rq:queue:now")
    sweep.sweep(house.world)
    assert queue.depth(redis)["now"] == 0, "too early to tell"
    assert 0 < redis.ttl(queue.SENDER.format(1)) <= queue.LOST
    redis.delete(queue.SENDER.format(1))
    sweep.sweep(house.world)
    work(redis, queue.NOW)
    assert len(house.postman.mails) == 1


def test_a_flood_of_one_shop_delays_nobody_elses_mail(engine: Engine, redis: Redis, redis_url: str, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), lola(), redis_url=redis_url)
    for ref in range(4001, 4041):
        house.deliver("woocommerce", WooOrder(ref).tell("order.created").sent[0])
    house.deliver("shopify", ShopifyOrder(9001).tell("orders/create").fulfil(901, 11, after=timedelta(0)).sent[1])
    house.deliver("shopify", ShopifyOrder(9001).tell("orders/create").sent[0])
    clock.advance(minutes=11)
    with reading(engine) as session:
        first = effects.due(session, 2, urgent=True)
        everything = effects.due(session, 1000, urgent=True)
    assert {effect.shop_id for effect in first} == set(house.shops.values())
    assert [effect.shop_id for effect in everything].index(house.shops["shopify"]) <= 1
    assert len(everything) == 41


def test_a_shop_has_one_reader_waiting_however_much_it_sends(redis: Redis) -> None:
    queue.wake_readers(redis, [1, 2])
    queue.wake_readers(redis, [1, 2, 1])
    assert queue.depth(redis)["now"] == 2
    queue.reader_began(redis, 1)
    queue.wake_readers(redis, [1, 2])
    assert queue.depth(redis)["now"] == 2, "it looks again before it ends"
    queue.reader_ended(redis, 1)
    queue.wake_readers(redis, [1, 2])
    assert queue.depth(redis)["now"] == 3, "what comes once it ended needs another one"


def test_without_redis_the_sweep_complains_and_goes_on(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), redis_url=f"unix://{tmp_path}/nothing.sock")
    stored(house, 4001)
    sweep.sweep(house.world)
    assert [row.state for row in house.inbound()] == ["new"]
