"""Who asks a shop whose API is in trouble, when, and at whose cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from jobs import shop_api
from jobs.refetch import refetch
from postventa import effects
from postventa.clock import real_now
from postventa.models import Attempt, Effect, Shop
from postventa.models.db import reading, transaction
from postventa.shops import find
from tests.conftest import TestClock
from tests.peers.shop import BROKEN, Call, Reply
from tests.peers.woocommerce import PREFIX, WooCommercePeer
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder

A, B, C = 1, 2, 3
"""Three orders whose parcels have to be asked for."""


@dataclass
class Choosy(WooCommercePeer):
    """A shop that breaks at one order."""

    unbearable: int = 0

    def answer(self, call: Call) -> Reply:
        return BROKEN if call.path == f"{PREFIX}orders/{self.unbearable}" else super().answer(call)


@pytest.fixture
def shop() -> Iterator[Choosy]:
    peer = Choosy()
    with peer.open():
        yield peer


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path, shop: Choosy) -> House:
    clock.set(NOON)
    made = House(engine, clock, tmp_path, alba(url=shop.url, consumer_key="ck_alba", consumer_secret="cs"))
    reachable = made.settings.security.model_copy(update={"allow_private_hosts": ["127.0.0.1"]})
    made.world.settings = made.settings.model_copy(update={"security": reachable})
    for ref in (A, B, C):
        order = WooOrder(ref).tell("order.created", meta_data=[{"id": 1, "key": "_fulfillment_status", "value": "fulfilled"}])
        shop.orders[ref] = order.body
        made.deliver("woocommerce", order.sent[0])
    clock.advance(seconds=3)
    return made


def ask(house: House) -> None:
    """All questions that are due, the oldest first."""
    with reading(house.engine) as session:
        due = [effect.id for effect in effects.due(session, 100) if effect.kind == "fetch"]
    for effect_id in due:
        refetch(effect_id)


def time_passes(house: House, seconds: float) -> None:
    """Nothing rests as long as before, by so much; what comes first stays first."""
    earlier = timedelta(seconds=seconds)
    with transaction(house.engine) as session:
        for shop in session.scalars(select(Shop).where(Shop.api_paused_until.is_not(None))):
            shop.api_paused_until = (shop.api_paused_until or real_now()) - earlier
        for effect in session.scalars(select(Effect).where(Effect.kind == "fetch")):
            effect.not_before -= earlier


def others_are_answered(house: House) -> None:
    with transaction(house.engine) as session:
        shop_api.answered(session, find(session, house.shops["woocommerce"], house.world.settings, house.world.secret))


def question(house: House, ref: int) -> Effect:
    [effect] = house.effects(kind="fetch", subject_ref=str(ref))
    return effect


def row(house: House) -> Shop:
    with reading(house.engine) as session:
        return session.scalars(select(Shop)).one()


def tries(house: House, ref: int) -> list[str]:
    with reading(house.engine) as session:
        return list(session.scalars(select(Attempt.outcome).where(Attempt.effect_id == question(house, ref).id)))


def test_the_first_failure_stops_the_others_and_the_next_probe_is_another_question(house: House, shop: Choosy) -> None:
    shop.trouble = BROKEN
    ask(house)
    assert len(shop.calls) == 1, "the others did not ask"
    time_passes(house, 31)
    ask(house)
    assert [call.path for call in shop.calls] == [f"{PREFIX}orders/{A}", f"{PREFIX}orders/{B}"]
    assert row(house).api_failures == 2
    assert (tries(house, A), tries(house, B), tries(house, C)) == (["retry"], [], []), "who waits for the end spends no try"
    assert "trouble of its own: 503" in question(house, C).reason


def test_one_question_that_the_shop_cannot_bear_does_not_stop_the_others(house: House, shop: Choosy) -> None:
    shop.unbearable = A
    ask(house)
    time_passes(house, 31)
    ask(house)
    assert [question(house, ref).state for ref in (A, B, C)] == ["planned", "done", "done"]
    assert (row(house).api_failures, row(house).api_paused_until) == (0, None)
    for _ in range(len(effects.BACKOFF)):
        time_passes(house, 25 * 3600)
        ask(house)
        others_are_answered(house)
    assert question(house, A).state == "dead", "it ends some day, and somebody sees it"
