"""Any permutation, repetition and delay of the same deliveries ends in the same state and the same mails, each exactly once."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from postventa.models import Base, EventRow, Order, OrderLine, Parcel, ReturnCase
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import DAY, HOUR, Sent, shopify_journey, woo_block_checkout, woo_cancelled, woo_journey
from tests.scenarios import scenario

STORIES: dict[str, tuple[str, Callable[[], list[Sent]]]] = {
    "a WooCommerce journey": ("woocommerce", lambda: woo_journey(2 * HOUR)),
    "a cancelled WooCommerce order": ("woocommerce", woo_cancelled),
    "a block checkout": ("woocommerce", woo_block_checkout),
    "a Shopify journey": ("shopify", lambda: shopify_journey(2 * HOUR)),
}
PROMISE = {"days": {"ES": 2}}
EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "5"))
"""Per story, database and property; the nightly run takes many more."""
TIMES = ("seen_at", "learned_at", "id", "shop_id", "order_id", "customer_id", "inbound_id", "revision", "created_at")
"""What may differ: our own counters, and when we learnt of it."""


def state(house: House) -> dict[str, list[Any]]:
    """Everything that the deliveries made, without our own counters."""
    result: dict[str, list[Any]] = {}
    with reading(house.engine) as session:
        for table in (Order, OrderLine, Parcel, ReturnCase, EventRow):
            rows = session.execute(select(table.__table__)).mappings()
            result[table.__tablename__] = sorted(json.dumps({k: str(v) for k, v in row.items() if k not in TIMES}, sort_keys=True) for row in rows)
    return result


_STRAIGHT: dict[tuple[int, str], tuple[dict[str, list[Any]], Counter[tuple[str, str]]]] = {}


def straight(engine: Engine, clock: TestClock, folder: Path, name: str) -> tuple[dict[str, list[Any]], Counter[tuple[str, str]]]:
    """What the story ends in when every delivery comes once and in order."""
    key = (id(engine), name)
    if key not in _STRAIGHT:
        platform, story = STORIES[name]
        made, mails, _ = play(engine, clock, folder, platform, [(sent, timedelta(0)) for sent in story()])
        assert len(mails) >= 1
        _STRAIGHT[key] = made, mails
    return _STRAIGHT[key]


def play(
    engine: Engine, clock: TestClock, folder: Path, platform: str, deliveries: list[tuple[Sent, timedelta]]
) -> tuple[dict[str, list[Any]], Counter[tuple[str, str]], House]:
    """Start from nothing and deliver in that order, each after its wait; then let forty days pass."""
    with transaction(engine) as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
    clock.set(max(sent.at for sent, _ in deliveries))
    house = House(engine, clock, folder, alba(delivery=PROMISE), lola(delivery=PROMISE))
    for sent, wait in deliveries:
        if wait:
            house.until(clock.now() + wait)
        house.deliver(platform, sent)
        house.run()
    house.until(clock.now() + 40 * DAY)
    return state(house), house.sent(), house


@scenario("F14", budget=600)
@pytest.mark.parametrize("name", STORIES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_the_same_breath_in_any_order(engine: Engine, clock: TestClock, tmp_path: Path, name: str, data: st.DataObject) -> None:
    platform, story = STORIES[name]
    told = story()
    expected_state, expected_mails = straight(engine, clock, tmp_path, name)
    shuffled = data.draw(st.permutations(told))
    repeated = shuffled + data.draw(st.lists(st.sampled_from(told), max_size=5))
    found_state, found_mails, _ = play(engine, clock, tmp_path, platform, [(sent, timedelta(0)) for sent in repeated])
    assert found_state == expected_state
    assert found_mails == expected_mails
    assert set(found_mails.values()) == {1}


@scenario("F14", budget=600)
@pytest.mark.parametrize("name", STORIES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_hours_apart_in_any_order(engine: Engine, clock: TestClock, tmp_path: Path, name: str, data: st.DataObject) -> None:
    """Delayed by up to 30 hours in all: the same state; no mail twice, none out of turn, and whatever is left out says why."""
    platform, story = STORIES[name]
    told = story()
    expected_state, expected_mails = straight(engine, clock, tmp_path, name)
    shuffled = data.draw(st.permutations(told)) + data.draw(st.lists(st.sampled_from(told), max_size=3))
    share = 30 * HOUR / (2 * len(shuffled))
    waits = [data.draw(st.sampled_from([timedelta(0), share, 2 * share])) for _ in shuffled]
    found_state, found_mails, house = play(engine, clock, tmp_path, platform, list(zip(shuffled, waits, strict=True)))
    assert found_state == expected_state
    assert max(found_mails.values(), default=1) == 1
    missing = expected_mails - found_mails
    reasons = {(e.followup, e.subject_ref): e.reason for e in house.effects()}
    for what in missing:
        assert reasons[what].split(":")[0] in ("overtaken", "stale", "merged"), (what, reasons[what])
    in_turn = [str(m["X-Postventa-Followup"]) for m in house.postman.mails]
    if "order_received" in in_turn:
        assert in_turn[0] == "order_received"
