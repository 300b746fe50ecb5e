"""The ledger of effects: one holder at a time, nothing forgotten, nothing twice beyond its promise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from postventa import effects, process
from postventa.clock import now, real_now
from postventa.models import Attempt, Effect, Shop, State
from postventa.models.db import reading, transaction
from tests.conftest import TestClock

LEASE = 120.0


def everybody_lives(_owner: str) -> bool:
    return True


def nobody_lives(_owner: str) -> bool:
    return False


@pytest.fixture
def plan(engine: Engine, clock: TestClock) -> Callable[..., int]:
    with transaction(engine) as session:
        shop = Shop(key="k" * 16, platform="woocommerce", name="Lola", created_at=now())
        session.add(shop)
        session.flush()
        shop_id = shop.id

    def planned(key: str = "a", kind: str = "mail", basis: str = "transactional", wait: timedelta = timedelta(0)) -> int:
        with transaction(engine) as session:
            effect = effects.plan(
                session, key=key, shop_id=shop_id, order_id=None, kind=kind, followup="shipped", recipient="ana@cliente.example",
                legal_basis=basis, at=now(), due_at=now() + wait,
            )  # fmt: skip
            assert effect is not None
            return effect.id

    return planned


def of(engine: Engine, effect_id: int) -> Effect:
    with reading(engine) as session:
        return session.get_one(Effect, effect_id)


def outcomes(engine: Engine, effect_id: int) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(Attempt.outcome).where(Attempt.effect_id == effect_id).order_by(Attempt.id)))


def claimed(engine: Engine, effect_id: int, owner: str = "") -> effects.Claim:
    with transaction(engine) as session:
        held = effects.claim(session, effect_id, LEASE, owner)
    assert held is not None
    return held


def begun(engine: Engine, effect_id: int) -> effects.Claim:
    held = claimed(engine, effect_id)
    with transaction(engine) as session:
        effects.begin(session, held, "worker", "<id@lola.example>")
    return held


def test_the_same_key_is_planned_once(engine: Engine, plan: Callable[..., int]) -> None:
    plan("a")
    with pytest.raises(AssertionError):
        plan("a")
    with transaction(engine) as session, pytest.raises(ValueError, match="no legal basis"):
        effects.plan(
            session, key="b", shop_id=1, order_id=None, kind="mail", followup="x", recipient="", legal_basis="", at=now(), due_at=now()
        )  # fmt: skip


def test_of_many_workers_one_gets_the_claim(engine: Engine, plan: Callable[..., int]) -> None:
    effect_id = plan()

    def grab(_: int) -> bool:
        with transaction(engine) as session:
            return effects.claim(session, effect_id, LEASE) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(grab, range(16))) == 1


def test_what_is_not_due_cannot_be_claimed(engine: Engine, plan: Callable[..., int], clock: TestClock) -> None:
    effect_id = plan(wait=timedelta(days=7))
    with transaction(engine) as session:
        assert effects.claim(session, effect_id, LEASE) is None
    clock.advance(days=7)
    claimed(engine, effect_id)


def test_a_worker_whose_lease_was_taken_over_writes_nothing_any_more(engine: Engine, plan: Callable[..., int]) -> None:
    effect_id = plan()
    slow = claimed(engine, effect_id)
    with transaction(engine) as session:
        session.execute(update(Effect).values(lease_until=real_now() - timedelta(seconds=1)))
    quick = claimed(engine, effect_id)
    assert quick.fence == slow.fence + 1
    writes: tuple[Callable[[Session], None], ...] = (
        lambda s: effects.begin(s, slow, "slow", ""),
        lambda s: effects.done(s, slow, "slow", ""),
        lambda s: effects.drop(s, slow, State.CANCELLED, "no"),
        lambda s: effects.hold_on(s, slow, LEASE),
    )
    for write in writes:
        with pytest.raises(effects.Stale), transaction(engine) as session:
            write(session)
    with transaction(engine) as session:
        effects.begin(session, quick, "quick", "<id@lola.example>")
        effects.done(session, quick, "quick", "250 ok")
    assert (of(engine, effect_id).state, outcomes(engine, effect_id)) == ("done", ["sending", "sent"])


def test_a_heartbeat_that_comes_after_the_success_wakes_nothing(engine: Engine, plan: Callable[..., int]) -> None:
    held = begun(engine, plan())
    with transaction(engine) as session:
        effects.done(session, held, "w", "250 taken")
    with pytest.raises(effects.Stale), transaction(engine) as session:
        effects.hold_on(session, held, 120)
    with transaction(engine) as session:
        session.execute(update(Effect).values(lease_until=real_now() - timedelta(seconds=1)))  # however it came there
    assert mended(engine, nobody_lives) == []
    assert of(engine, held.effect_id).state == State.DONE
    for late in (lambda s: effects.retry(s, held, "w", "451"), lambda s: effects.drop(s, held, State.CANCELLED, "late")):
        with pytest.raises(effects.Stale), transaction(engine) as session:
            late(session)


def test_the_truth_that_comes_late_ends_a_doubt(engine: Engine, plan: Callable[..., int]) -> None:
    held = begun(engine, plan())
    mended(engine, nobody_lives)
    assert of(engine, held.effect_id).state == State.UNKNOWN
    with transaction(engine) as session:
        effects.done(session, held, "w", "250 taken, as it turns out")
    assert mended(engine, nobody_lives, resend_after=0) == []
    assert of(engine, held.effect_id).state == State.DONE


def test_failures_wait_longer_and_longer_and_then_need_a_person(engine: Engine, plan: Callable[..., int]) -> None:
    effect_id = plan()
    for failure, step in enumerate(effects.BACKOFF, 1):
        held, before = begun(engine, effect_id), real_now()
        with transaction(engine) as session:
            assert effects.retry(session, held, "worker", "451 greylisted") == State.PLANNED
        again = of(engine, effect_id).not_before
        assert before + step / 2 <= again <= real_now() + step, failure
        with transaction(engine) as session:
            assert effects.claim(session, effect_id, LEASE) is None, "not before the wait is over"
            session.execute(update(Effect).values(not_before=real_now()))
    held = begun(engine, effect_id)
    with transaction(engine) as session:
        assert effects.retry(session, held, "worker", "451 greylisted") == State.DEAD
    assert of(engine, effect_id).reason == "failed 9 times: 451 greylisted"


def test_a_request_to_come_later_is_heeded(engine: Engine, plan: Callable[..., int]) -> None:
    effect_id = plan()
    held = begun(engine, effect_id)
    with transaction(engine) as session:
        effects.retry(session, held, "worker", "429", retry_after=3600)
    assert of(engine, effect_id).not_before - real_now() > timedelta(minutes=59)


def mended(engine: Engine, lives: Callable[[str], bool], resend_after: float = 900) -> list[int]:
    with transaction(engine) as session:
        return effects.mend(session, resend_after, lives)


def test_a_dead_workers_claim_is_free_at_once_and_a_living_ones_is_not(engine: Engine, plan: Callable[..., int]) -> None:
    effect_id = plan()
    claimed(engine, effect_id)
    assert mended(engine, everybody_lives) == []
    assert mended(engine, nobody_lives) == [effect_id]
    assert of(engine, effect_id).state == "planned"


def test_an_order_mail_in_doubt_goes_out_once_more_after_the_wait_and_never_again(engine: Engine, plan: Callable[..., int]) -> None:
    effect_id = plan()
    begun(engine, effect_id)
    assert mended(engine, nobody_lives) == []
    doubtful = of(engine, effect_id)
    assert (doubtful.state, doubtful.reason.startswith("in doubt: the worker died while sending; goes out once more")) == ("unknown", True)
    assert doubtful.lease_until is not None
    assert timedelta(minutes=14) < doubtful.lease_until - real_now() <= timedelta(minutes=15)
    with transaction(engine) as session:
        session.execute(update(Effect).values(lease_until=real_now() - timedelta(seconds=1)))
    assert mended(engine, nobody_lives) == [effect_id]
    assert of(engine, effect_id).maybe_duplicate
    begun(engine, effect_id)
    assert mended(engine, nobody_lives) == []
    last = of(engine, effect_id)
    assert (last.state, last.lease_until, "please look" in last.reason) == ("unknown", None, True)
    assert mended(engine, nobody_lives) == []


def test_a_request_in_doubt_is_never_repeated(engine: Engine, plan: Callable[..., int]) -> None:
    effect_id = plan(basis="soft_optin")
    begun(engine, effect_id)
    mended(engine, nobody_lives, 0)
    assert (of(engine, effect_id).state, of(engine, effect_id).lease_until) == ("unknown", None)
    assert mended(engine, nobody_lives, 0) == []


def test_a_label_in_doubt_is_looked_for_before_it_is_made_again(engine: Engine, plan: Callable[..., int]) -> None:
    effect_id = plan(kind="label")
    begun(engine, effect_id)
    assert effects.doubted(of(engine, effect_id)) is None
    assert mended(engine, nobody_lives) == [effect_id]
    assert (of(engine, effect_id).state, outcomes(engine, effect_id)) == ("planned", ["sending", "in_doubt"])
    assert effects.doubted(of(engine, effect_id)) is not None


def test_a_process_is_known_by_its_start_and_not_only_by_its_number() -> None:
    mine = process.me()
    assert process.lives(mine)
    host, pid, start = mine.rsplit(":", 2)
    assert not process.lives(f"{host}:{pid}:{int(start) + 1}"), "the number was used again"
    assert process.lives(f"another-host:{pid}:{start}"), "of other machines nobody can know"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not process.lives(f"{host}:{ended.pid}:{start}")
    assert os.getpid() == int(pid)
