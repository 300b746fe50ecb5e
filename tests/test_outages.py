"""A mail server that was away: somebody tries again soon, and when it is back nobody waits for hours."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from connectors.mail.base import ServerAway
from jobs import mend
from jobs.send_message import send_message
from postventa.clock import real_now
from postventa.effects import BACKOFF
from postventa.models import Effect
from postventa.models.db import transaction
from postventa.outages import PROBE
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder

REFS = (4001, 4002, 4003)


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    """Three orders of three customers, each tried so often that it rests for hours."""
    clock.set(NOON)
    made = House(engine, clock, tmp_path, alba())
    for ref in REFS:
        made.deliver("woocommerce", WooOrder(ref, email=f"{ref}@cliente.example").tell("order.created").sent[0])
    for _ in range(6):
        fail(made)
    return made


def fail(house: House) -> None:
    with transaction(house.engine) as session:
        session.execute(update(Effect).values(not_before=real_now()))
    house.postman.trouble = [ServerAway("421 closing") for _ in REFS]
    house.run()
    assert house.postman.trouble == []


def waiting(house: House) -> list[datetime]:
    """When each waiting mail is tried again."""
    return sorted(effect.not_before for effect in house.effects(state="planned"))


def pauses(house: House) -> list[timedelta]:
    """How long each waiting mail still rests, the shortest first."""
    return [again - real_now() for again in waiting(house)]


@pytest.fixture
def dice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same chance in every run: of three numbers of thousands of seconds two are equal at times."""
    monkeypatch.setattr("postventa.effects.random", random.Random(7))


def test_each_rests_longer_and_longer_and_not_for_equally_long(dice: None, house: House) -> None:
    found = pauses(house)
    assert BACKOFF[5] / 2 - PROBE < found[0]
    assert found[-1] <= BACKOFF[5]
    assert len({round(pause.total_seconds()) for pause in found}) == len(REFS)


def test_one_of_them_tries_within_minutes_and_only_one(house: House) -> None:
    mend.mend(house.world)
    mend.mend(house.world)
    first, second, _ = pauses(house)
    assert (first <= PROBE, second > 3 * PROBE) == (True, True)


def test_one_success_wakes_all(house: House) -> None:
    chosen = house.effects(state="planned")[1]
    with transaction(house.engine) as session:
        session.execute(update(Effect).where(Effect.id == chosen.id).values(not_before=real_now()))
    send_message(chosen.id)
    mend.mend(house.world)
    house.run()
    assert len(house.postman.mails) == len(REFS)
    assert {effect.state for effect in house.effects()} == {"done"}


def test_while_it_is_away_nobody_is_woken_by_what_it_took_before(house: House) -> None:
    test_one_success_wakes_all(house)
    house.deliver("woocommerce", WooOrder(4010, email="jon@cliente.example").tell("order.created").sent[0])
    house.postman.trouble = [ServerAway("421 closing")]
    house.run()
    before = waiting(house)
    mend.mend(house.world)
    assert (len(before), waiting(house)) == (1, before)


def test_a_long_outage_kills_no_mail(house: House) -> None:
    for _ in range(len(BACKOFF)):
        fail(house)
    assert len(house.effects(state="planned")) == len(REFS)
