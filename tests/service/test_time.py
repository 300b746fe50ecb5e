"""Deliveries at their own time: `[clock] offset` puts the service there, and it may be stopped and started at any moment of the forty days."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from postventa.clock import Clock
from tests.peers.smtp import Mail, Sink, smtp_sink
from tests.pipeline.stories import DAY, HOUR, MINUTE, NOON, Sent, ShopifyOrder, WooOrder, shopify_journey, woo_journey
from tests.service.running import Service, moment, service
from tests.service.shops import ALBA, LOLA, Shop

QUICKER = {"settle": 0.1}
MADRID = ZoneInfo("Europe/Madrid")
STORY: list[tuple[Shop, Sent]] = sorted(
    [*((ALBA, sent) for sent in woo_journey()), *((LOLA, sent) for sent in shopify_journey())], key=lambda told: (told[1].at, told[1].delivery_id)
)
"""One order of each platform, two parcels each."""
EXPECTED = {
    "Cerámica Alba": [
        ("delivered", ""),
        ("order_prepared", ""),
        ("order_received", ""),
        ("refunded", "71"),
        ("review_reminder", "wst-idPK1"),
        ("review_request", "wst-idPK1"),
        ("shipped", "wst-idPK1"),
        ("shipped", "wst-idPK2"),
    ],
    "Zapatería Lola": [
        ("delivered", ""),
        ("out_for_delivery", "901"),
        ("out_for_delivery", "902"),
        ("review_reminder", "901"),
        ("review_request", "901"),
        ("review_request", "902"),
        ("shipped", "901"),
        ("shipped", "902"),
    ],
}
STARTS = (
    NOON + 2 * MINUTE,
    NOON + HOUR + 15 * MINUTE,
    NOON + DAY + HOUR + 15 * MINUTE,
    NOON + DAY + 2 * HOUR + 15 * MINUTE,
    NOON + DAY + 3 * HOUR + 5 * MINUTE,
    NOON + 2 * DAY + 2 * HOUR + 5 * MINUTE,
    NOON + 2 * DAY + 4 * HOUR + MINUTE,
    NOON + 2 * DAY + 6 * HOUR + MINUTE,
    NOON + 9 * DAY + 10 * HOUR + 30 * MINUTE,
    NOON + 9 * DAY + 21 * HOUR + 30 * MINUTE,
    NOON + 17 * DAY,
    NOON + 24 * DAY + HOUR,
    NOON + 41 * DAY,
)
"""When the service happens to run: all is told in time, but it sleeps through most of it, wakes once at night, and once after the end."""


@pytest.fixture
def sink() -> Iterator[Sink]:
    """One for each test: both runs write to the same Ana."""
    with smtp_sink() as server:
        yield server


def start_at(running: Service, at: datetime) -> None:
    """So that it is `at` now."""
    running.start(clock={"offset": (at - datetime.now(UTC)).total_seconds()})


def sent_at(mail: Mail) -> datetime:
    return parsedate_to_datetime(str(mail.message["Date"]))


def shop_of(mail: Mail) -> str:
    return str(mail.message["From"].addresses[0].display_name)


def check_journey(running: Service, sink: Sink) -> None:
    """Every mail once, in a sensible order, at a decent hour, within the budget; and no effect without an end and a reason."""
    effects = {effect["id"]: effect for effect in running.effects()}
    found = {name: sorted((m.followup, effects[m.effect]["subject"]) for m in sink.mails if shop_of(m) == name) for name in EXPECTED}
    assert found == EXPECTED
    for name in EXPECTED:
        asking = [mail for mail in sink.mails if mail.followup.startswith("review") and shop_of(mail) == name]
        assert all(9 <= sent_at(mail).astimezone(MADRID).hour < 21 for mail in asking)
        times = [sent_at(mail) for mail in asking]
        assert all(later - earlier >= timedelta(days=7, seconds=-1) for earlier, later in itertools.pairwise(times))
        assert times[0] >= NOON + 8 * DAY
        told = [mail.followup for mail in sink.mails if shop_of(mail) == name]
        assert told.index("shipped") < told.index("delivered") < told.index("review_request") < told.index("review_reminder")
    assert all(effect["state"] == "done" or effect["reason"] for effect in effects.values())
    assert {effect["state"] for effect in effects.values()} <= {"done", "suppressed", "cancelled"}
    assert all(running.outcomes(number) == ["sending", "sent"] * (effect["state"] == "done") for number, effect in effects.items())


def test_a_service_that_runs_all_the_time_tells_the_whole_journey(tmp_path: Path, sink: Sink) -> None:
    with service(tmp_path / "up", sink, journey=QUICKER) as running:
        clock = Clock(0.0, 1.0, tmp_path / "up" / "var" / "clock.json")
        clock.set(NOON)
        running.start()
        left = list(STORY)
        while True:
            planned = [moment(effect["due_at"]) for effect in running.effects(state="planned")]
            coming = min([*planned, *(sent.at for _, sent in left[:1])], default=None)
            if coming is None or coming > NOON + 40 * DAY:
                break
            clock.set(max(coming, running.now()))
            while left and left[0][1].at <= running.now():
                running.play(left[0][0], [left.pop(0)[1]])
            running.rest()
        assert left == []
        check_journey(running, sink)


def test_a_service_that_sleeps_through_most_of_it_tells_the_same(tmp_path: Path, sink: Sink) -> None:
    with service(tmp_path / "up", sink, journey=QUICKER) as running:
        left = list(STORY)
        for at in STARTS:
            start_at(running, at)
            before = len(sink.mails)
            while left and left[0][1].at <= at:
                running.play(left[0][0], [left.pop(0)[1]])
            running.rest()
            assert all(at <= sent_at(mail) + timedelta(seconds=1) < at + 10 * MINUTE for mail in sink.mails[before:]), (
                "mails are dated as the service is"
            )
            if at != STARTS[-1]:
                known = running.effects(), running.deliveries()
                assert running.stop() == 0
                assert (running.effects(), running.deliveries()) == known, "the next start finds everything where it was"
        check_journey(running, sink)

        told = len(sink.mails)
        for number, (shop, sent) in enumerate(STORY):
            assert running.deliver(shop, sent).status == 200
            assert running.deliver(shop, sent, delivery_id=f"again-{number}").status == 200
        running.rest()
        assert len(sink.mails) == told, "a replay of it all, weeks later, is no news"


def test_after_day_thirty_nobody_is_asked_for_anything(tmp_path: Path, sink: Sink) -> None:
    with service(tmp_path / "up", sink, journey=QUICKER) as running:
        start_at(running, NOON)
        woo = WooOrder(4100, NOON, "ana@cliente.example").tell("order.created").tell(after=MINUTE, status="entregado")
        shopify = (
            ShopifyOrder(5100, NOON, "ana@cliente.example").tell("orders/create").fulfil(910, 11, after=MINUTE).scan(910, "delivered", after=MINUTE)
        )
        running.play(ALBA, woo.sent)
        running.play(LOLA, shopify.sent)
        running.rest()
        told = sorted(mail.followup for mail in sink.mails)
        assert {"order_received", "delivered"} <= set(told)
        running.stop()
        start_at(running, NOON + 31 * DAY)
        running.rest()
        assert sorted(mail.followup for mail in sink.mails) == told
        asked = running.effects(followup="review_request")
        assert {(effect["state"], "window ended" in effect["reason"]) for effect in asked} == {("suppressed", True)}
        assert len(asked) == 2
