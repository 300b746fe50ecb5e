"""Fifty equal requests in the same moment: a finger that trembles, a browser that repeats, or somebody who wants two labels."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.conftest import Stand
from tests.faults.stories import lately
from tests.pipeline.stories import HOUR, WooOrder
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA

AT_ONCE = 50


def had(stand: Stand, service: Service, ref: int, ana: str) -> str:
    """An order that Ana has received."""
    service.play(ALBA, WooOrder(ref, lately(), ana).tell("order.created").tell(after=HOUR, status="entregado").sent)
    stand.sink.wait(ana, 2)
    return str(ref)


@pytest.mark.long
@scenario("S20", budget=120)
def test_fifty_equal_requests_for_a_return_are_one_return_and_one_label(stand: Stand, order_ref: int, ana: str, tell: Callable[[str], None]) -> None:
    service = stand.service().start()
    order = had(stand, service, order_ref, ana)

    def at_once(item: str, reference: str) -> tuple[list[int], set[str]]:
        wanted = {"order": order, "items": [{"item": item, "quantity": 1}], "reference": reference}
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(lambda _: service.api(ALBA, "POST", "/returns", wanted), range(AT_ONCE)))
        tell(f"{AT_ONCE} requests at once were answered within {time.monotonic() - began:.1f} s")
        return sorted(status for status, _ in answers), {document["number"] for status, document in answers if status in (200, 201)}

    statuses, known = at_once("SKU-1", "caso-77")
    assert (statuses, len(known)) == ([200] * (AT_ONCE - 1) + [201], 1)
    statuses, bare = at_once("SKU-2", "")
    assert (statuses, len(bare)) == ([201] + [422] * (AT_ONCE - 1), 1), "without a reference the second asks for what is on its way back already"
    stand.sink.wait(ana, 4)
    service.rest(order)
    assert [effect["state"] for effect in service.effects(order, kind="label")] == ["done", "done"]
    assert stand.sink.followups(ana).count("return_label") == 2
    listed = service.json("return", "list", "--shop", ALBA.key)["returns"]
    assert {row["number"] for row in listed if row["order"] == order} == known | bare
