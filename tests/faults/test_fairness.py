"""One shop's flood is its own affair: another shop's mails are not kept waiting."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest

from tests.faults.conftest import Stand
from tests.faults.stories import placed
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, OTTO

FLOOD = 300
LONGEST = 6.0
"""Seconds from Otto's order to his customer's mail while Alba floods; alone it is a few tenths, with all of the flood before it some thirty."""


def seconds_to_the_mail(stand: Stand, service: Service, ref: int) -> float:
    email, began = f"otto.{ref}@kunde.example", time.monotonic()
    assert service.deliver(OTTO, placed(ref, email).sent[0]).status == 200
    (mail,) = stand.sink.wait(email)
    return mail.at - began


@pytest.mark.long
@scenario("F23", budget=120)
def test_a_flood_of_one_shop_does_not_delay_anothers_mails(stand: Stand, order_ref: int, tell: Callable[[str], None]) -> None:
    service = stand.service().start()
    stand.sink.slowness = 0.2  # so that the flood's mails take long: two workers, some ten a second
    for ref in range(FLOOD):
        assert service.deliver(ALBA, placed(order_ref * 1000 + ref, f"{ref}.{order_ref}@cliente.example").sent[0]).status == 200
    waits = [seconds_to_the_mail(stand, service, order_ref + number) for number in range(3)]
    still = FLOOD + 3 - len(stand.sink.mails)
    tell(f"Otto's mails took {', '.join(f'{wait:.1f}' for wait in waits)} s while {still} of {FLOOD} of the flood's were still to go")
    assert still > FLOOD / 4, "the flood was over already: the test shows nothing"
    assert statistics.median(waits) < LONGEST
    stand.sink.slowness = 0.0
    service.rest(seconds=60)
