"""Whoever writes into Redis can waste our time and nothing else: no code of theirs runs, and what they name is read again from SQL."""

from __future__ import annotations

import json
import pickle
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine

from jobs import ask, queue
from postventa.clock import real_now
from tests.attacks import planted
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder
from tests.scenarios import scenario

SEND = "jobs.send_mails.send_mails"


class Exploit:
    """What a pickle can do: unpickling it makes the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.mkdir, (self.folder,)


def forge(redis: Redis, name: str, data: bytes, **fields: Any) -> None:
    """As an attacker would: straight into Redis, past our own `enqueue`."""
    moment = real_now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    own: dict[Any, Any] = {
        "data": data,
        "origin": queue.NOW,
        "status": "queued",
        "created_at": moment,
        "enqueued_at": moment,
        "timeout": "60",
    }
    redis.hset(f"rq:job:{name}", mapping=own | fields)
    redis.rpush(f"rq:queue:{queue.NOW}", name)


def call(function: str, *args: Any, instance: Any = None, **kwargs: Any) -> bytes:
    return json.dumps([function, instance, args, kwargs]).encode()


def work(redis: Redis) -> None:
    """The service's own worker, until the queue is empty."""
    queue.worker(redis, queue.NOW).work(burst=True, logging_level="WARNING")


def hostile(folder: Path) -> dict[str, bytes]:
    """Kinds of forged calls; each that were obeyed would leave `folder` behind, or fail."""
    there = str(folder)
    return {
        "another function": call("os.mkdir", there),
        "a builtin": call("exec", f"import os; os.mkdir({there!r})"),
        "another function of ours": call("jobs.queue.run_worker", queue.NOW),
        "a module of ours that is no job": call("jobs.purge.purge", 1),
        "a pickle": pickle.dumps(("os.mkdir", None, (there,), {})),
        "a pickle that acts when it is read": pickle.dumps(Exploit(folder)),
        "packed pickle": zlib.compress(pickle.dumps(Exploit(folder))),
        "an instance": call("mkdir", instance=there),
        "a text for an id": call(SEND, "1"),
        "true for an id": call(SEND, True),
        "a negative id": call(SEND, -1),
        "an id beyond all numbers": call(SEND, 2**63),
        "two ids": call(SEND, 1, 2),
        "a named argument": call(SEND, effect_id=1),
        "no list": b'{"function": "os.mkdir"}',
        "too short": b'["os.mkdir"]',
        "nothing": b"",
        "no JSON": b"\xff\xfe",
        "deep": b"[" * 100_000,
        "a bomb": zlib.compress(b" " * 50_000_000),
    }


@scenario("S22", budget=30)
def test_a_forged_call_runs_nothing_and_the_worker_lives_on(
    redis: Redis, redis_url: str, engine: Engine, clock: TestClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), redis_url=redis_url)
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    redis.flushall()
    (effect,) = house.effects(followup="order_received")
    clock.set(effect.due_at)
    calls = hostile(tmp_path / "broken in")
    for number, data in enumerate(calls.values()):
        forge(redis, f"forged-{number}", data)
    ask.ask_soon(house.world, [effect])  # honest work, behind all of theirs
    work(redis)
    assert not (tmp_path / "broken in").exists()
    assert len(house.postman.mails) == 1
    assert caplog.text.count("a job that is none of ours was thrown away") == len(calls)
    assert redis.keys("rq:job:forged-*") == []


@scenario("S22", budget=30)
@pytest.mark.parametrize("field", ["timeout", "status", "created_at", "origin"])
def test_a_record_that_makes_no_sense_does_not_stop_the_worker(redis: Redis, field: str) -> None:
    forge(redis, "forged", call(SEND, 1), **{field: b"\xff nonsense"})
    forge(redis, "not a name of a job!", call(SEND, 1))
    work(redis)
    assert queue.depth(redis)[queue.NOW] == 0


@scenario("S22", budget=30)
def test_what_is_to_happen_afterwards_does_not_happen(redis: Redis, redis_url: str, engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    """Callbacks, and calls of addresses: RQ would import and run what the record names, after the job and when it clears up."""
    planted.CALLS.clear()
    house = House(engine, clock, tmp_path, alba(), redis_url=redis_url)
    theirs = "tests.attacks.planted.ran"
    callbacks = {f"{kind}_callback_name": theirs for kind in ("success", "failure", "stopped")}
    hook = json.dumps([{"url": "http://127.0.0.1:1/", "job_status": status} for status in ("finished", "failed")])
    forge(redis, "well", call(SEND, 10**9), **callbacks, webhooks=hook, meta='{"a": 1}')
    forge(redis, "abandoned", call(SEND, 10**9), **callbacks, webhooks=hook)
    redis.lrem(f"rq:queue:{queue.NOW}", 0, "abandoned")
    redis.zadd(f"rq:wip:{queue.NOW}", {"abandoned:1": time.time() - 60})
    worker = queue.worker(redis, queue.NOW)
    worker.clean_registries()  # type: ignore[no-untyped-call]
    worker.work(burst=True, logging_level="WARNING")
    assert planted.CALLS == []
    assert house.postman.mails == []


@scenario("S22", budget=30)
def test_an_id_of_another_kind_or_of_nothing_changes_nothing(redis: Redis, redis_url: str, engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), redis_url=redis_url)
    house.deliver("woocommerce", WooOrder(4001).tell("order.created").sent[0])
    redis.flushall()
    (effect,) = house.effects(followup="order_received")
    clock.set(effect.due_at)
    before = [(e.id, e.state, e.fence, e.reason) for e in house.effects()]
    for function in sorted(queue.JOBS - {"send_message.send_message", "send_mails.send_mails"}):  # those would do what is due, as they should
        forge(redis, f"right-id-{function}", call(f"jobs.{function}", effect.id))
    for function in sorted(queue.JOBS - {"send_mails.send_mails"}):
        forge(redis, f"no-such-id-{function}", call(f"jobs.{function}", 10**9))
    work(redis)
    assert [(e.id, e.state, e.fence, e.reason) for e in house.effects()] == before
    assert house.postman.mails == []


def test_what_we_ask_for_ourselves_is_on_the_list() -> None:
    assert set(ask.FUNCTIONS.values()) <= queue.JOBS
    for function in queue.JOBS:
        module, _, name = function.rpartition(".")
        assert callable(getattr(__import__(f"jobs.{module}", fromlist=[name]), name))


def test_asking_for_what_is_not_on_the_list_is_an_error(redis: Redis) -> None:
    with pytest.raises(ValueError, match="JOBS"):
        queue.enqueue(redis, queue.NOW, "purge.purge", [1])
