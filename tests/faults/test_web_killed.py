"""The process that takes deliveries dies at the three moments that matter."""

from __future__ import annotations

from http.client import HTTPException

import pytest

from tests.faults.conftest import Stand
from tests.faults.stories import placed
from tests.pipeline.stories import WooOrder
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA


def deliver_until_taken(service: Service, order: WooOrder) -> int:
    """As a shop does: sent again until it is answered with 200; how many tries that took."""
    for attempt in range(1, 20):
        try:
            if service.deliver(ALBA, order.sent[0]).status == 200:
                return attempt
        except (OSError, HTTPException):
            continue
    raise AssertionError("never taken")


@scenario("F1", budget=90)
def test_killed_before_the_commit_nothing_was_promised_and_the_repetition_is_the_first(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    service.arm("web.before_commit")
    order = placed(order_ref, ana)
    with pytest.raises((OSError, HTTPException)):
        service.deliver(ALBA, order.sent[0])
    assert service.went_off("web.before_commit")
    assert service.deliveries() == []
    deliver_until_taken(service, order)
    service.rest()
    assert len(service.deliveries()) == 1
    assert stand.sink.followups(ana) == ["order_received"]


@scenario("F2", budget=90)
def test_killed_after_the_commit_the_repetition_is_known_already(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    service.arm("web.after_commit")
    order = placed(order_ref, ana)
    with pytest.raises((OSError, HTTPException)):
        service.deliver(ALBA, order.sent[0])
    assert service.went_off("web.after_commit")
    deliver_until_taken(service, order)
    service.rest()
    assert len(service.deliveries()) == 1
    assert stand.sink.followups(ana) == ["order_received"]


@scenario("F3", budget=90)
def test_killed_after_the_answer_the_sweep_finds_the_delivery(stand: Stand, order_ref: int, ana: str) -> None:
    service = stand.service().start()
    web = service.parts["pv-web-1"]
    service.arm("web.before_wake", "sleep=2,exit9")  # the answer is out by then
    assert service.deliver(ALBA, placed(order_ref, ana).sent[0]).status == 200
    stand.sink.wait(ana)
    assert service.went_off("web.before_wake")
    service.until(lambda: service.parts.get("pv-web-1", web) != web, 10, "another process")
    service.rest()
    assert stand.sink.followups(ana) == ["order_received"]
