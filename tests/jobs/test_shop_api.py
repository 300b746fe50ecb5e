"""Who asks a shop whose API is in trouble, when, and at whose cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from jobs import shop_api, watch
from jobs.refetch import refetch
from postventa import effects
from postventa.clock import real_now
from postventa.models import Attempt, Effect, Shop
from postventa.models.db import reading, transaction
from postventa.shops import find
from tests.conftest import TestClock
from tests.peers.shop import BROKEN, REVOKED, Call, Reply
from tests.peers.woocommerce import PREFIX, WooCommercePeer
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder

A, B, C = 1, 2, 3
"""Three orders whose parcels have to be asked for."""


@dataclass
class Choosy(WooCommercePeer):
    """A shop that breaks at one order."""

    unbearable: int = 0
    unbearable_answer: Reply = BROKEN

    def answer(self, call: Call) -> Reply:
        return self.unbearable_answer if call.path == f"{PREFIX}orders/{self.unbearable}" else super().answer(call)


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


def test_the_first_failure_stops_the_others_and_the_next_one_asks_for_nothing_in_particular(house: House, shop: Choosy) -> None:
    shop.trouble = BROKEN
    ask(house)
    assert len(shop.calls) == 1, "the others did not ask"
    time_passes(house, 31)
    ask(house)
    assert [call.path for call in shop.calls] == [f"{PREFIX}orders/{A}", f"{PREFIX}orders"], "after trouble, nothing in particular is asked for"
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


@pytest.mark.parametrize("answer", [BROKEN, REVOKED], ids=["503", "401"])
def test_the_one_question_of_a_shop_that_always_fails_ends_after_the_usual_number_of_tries(house: House, shop: Choosy, answer: Reply) -> None:
    shop.unbearable, shop.unbearable_answer = A, answer
    ask(house)
    for _ in range(3):
        time_passes(house, 3700)
        ask(house)
    assert [question(house, ref).state for ref in (A, B, C)] == ["planned", "done", "done"]
    for _ in range(len(effects.BACKOFF)):
        time_passes(house, 25 * 3600)
        ask(house)
    assert question(house, A).state == "dead"
    assert question(house, A).reason.startswith(f"failed {len(effects.BACKOFF) + 1} times: ")
    assert tries(house, A) == ["retry"] * (len(effects.BACKOFF) + 1)
    assert row(house).api_paused_until is None, "the shop is in no trouble"
    assert len(house.effects(followup="keys_refused")) == (1 if answer is REVOKED else 0), "the merchant reads of it once, not at each try"
    assert {finding.name for finding in watch.dead_letters(house.world)} == {"dead-mails"}


def test_an_outage_costs_a_question_no_try_however_long_it_lasts(house: House, shop: Choosy) -> None:
    shop.trouble = BROKEN
    for _ in range(30):
        ask(house)
        time_passes(house, 25 * 3600)
    assert [question(house, ref).state for ref in (A, B, C)] == ["planned"] * 3
    assert sum(len(tries(house, ref)) for ref in (A, B, C)) == 1
    shop.trouble = None
    ask(house)
    assert [question(house, ref).state for ref in (A, B, C)] == ["done"] * 3


def test_a_shop_that_uninstalled_the_app_is_asked_nothing_until_it_is_back(house: House, shop: Choosy) -> None:
    with transaction(house.engine) as session:
        session.scalars(select(Shop)).one().disconnected_at = real_now()
    for _ in range(3):
        ask(house)
        time_passes(house, 3700)
    assert shop.calls == []
    assert {(question(house, ref).state, question(house, ref).reason) for ref in (A, B, C)} == {("planned", "waits: the shop is disconnected")}
    with transaction(house.engine) as session:
        session.scalars(select(Shop)).one().disconnected_at = None
    ask(house)
    assert [question(house, ref).state for ref in (A, B, C)] == ["done"] * 3
