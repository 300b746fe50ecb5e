"""Each delivery five times, shuffled, with the fulfilment before the order: through the real door, past real workers."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.faults.conftest import Stand
from tests.faults.stories import lately
from tests.faults.traffic import shopify_journey, whole_journey
from tests.pipeline.stories import HOUR, Sent
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import Shop

SEEDS = (1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long))


def state_of(service: Service, order: str) -> list[tuple[str, str, str]]:
    """What the ledger ends in, without what may differ: a mail that fresher news has overtaken, and when."""
    return sorted((e["followup"], e["subject"], e["recipient"]) for e in service.effects(order))


@scenario("F14", budget=90)
@pytest.mark.parametrize("seed", SEEDS)
def test_repeated_and_shuffled_deliveries_end_where_straight_ones_do(stand: Stand, order_ref: int, seed: int) -> None:
    service = stand.service(journey={"settle": 2.0, "quiet_from": "00:00", "quiet_until": "00:00"}).start()
    for number, story in enumerate((whole_journey, shopify_journey)):
        straight, shuffled = (story(ref, "ana@cliente.example", lately() - HOUR) for ref in (order_ref * 10 + number, order_ref * 10 + number + 5))
        deliver(service, straight.shop, list(straight.sent))
        mixed = list(shuffled.sent) * 5
        random.Random(seed).shuffle(mixed)
        deliver(service, shuffled.shop, mixed)
        service.rest()
        names = [strip(state_of(service, one.order_ref), one.order_ref) for one in (straight, shuffled)]
        assert names[0] == names[1]
        arrived = Counter(mail.effect for mail in stand.sink.mails)
        assert set(arrived.values()) == {1}
        assert len({row["id"] for row in service.deliveries(order=shuffled.order_ref)}) == len(shuffled.sent)


def strip(effects: list[tuple[str, str, str]], order: str) -> list[str]:
    """The orders' numbers are part of their parcels' names."""
    return sorted(f"{followup} {subject.replace(order, 'N')}" for followup, subject, _ in effects)


def deliver(service: Service, shop: Shop, deliveries: list[Sent]) -> None:
    for sent in deliveries:
        assert service.deliver(shop, sent).status == 200
