"""Some deliveries never come, or the webhook is gone: comparing finds what they would have told, once, and says so; the webhook is put back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.faults.conftest import Stand
from tests.faults.sellers import SELLERS, ShopifySeller, WooSeller, address
from tests.scenarios import scenario
from tests.service.running import Service

EVERY = 6.0
"""Seconds between two looks at the webhooks: long enough to sell something meanwhile that nobody tells."""
MANY, LATER, AFTER = 66, 10, 3
"""Orders while all is well but for 3 % of the deliveries, without a webhook, and when it is back."""


@pytest.fixture(params=["woocommerce", "shopify"])
def seller(request: pytest.FixtureRequest) -> Iterator[WooSeller | ShopifySeller]:
    if request.param == "shopify":
        pytest.importorskip("graphql", reason="graphql-core is not installed")
    with SELLERS[request.param].open() as made:
        yield made


def running(stand: Stand, seller: WooSeller | ShopifySeller, grace: float, webhooks_every: float) -> Service:
    """A service that compares every second; what shops sell from now on is newer than their connection, as they count whole seconds."""
    service = stand.service(
        shops=(seller.shop,),
        security={"allow_private_hosts": ["127.0.0.1"]},
        reconcile={"every": 1.0, "grace": grace, "webhooks_every": webhooks_every},
        recovery={"sweep_every": 0.5, "doubt_after": 1.5, "watch_every": 0.5},
    ).start()
    service.until(lambda: at_work(seller), 20, "subscribed")
    time.sleep(1.1)
    return service


def at_work(seller: WooSeller | ShopifySeller) -> bool:
    """Whether each topic that we need is told us, once."""
    return seller.looks > 0 and all(seller.told(topic) == [seller.shop.path] for topic in seller.wanted)


def found(service: Service) -> set[str]:
    """Orders that were asked for."""
    return {str(effect["subject"]) for effect in service.effects(followup="fetch_order")}


@pytest.mark.long
@scenario("F15", budget=60)
def test_what_no_webhook_told_is_found_by_comparing(
    stand: Stand, order_ref: int, seller: WooSeller | ShopifySeller, tell: Callable[[str], None]
) -> None:
    service = running(stand, seller, grace=3.0, webhooks_every=3600)
    refs = [order_ref * 100 + number for number in range(8)]
    lost = tuple(refs[number] for number in (2, 5, 7))
    seller.sell(service, refs, lost)
    began = time.monotonic()
    for ref in refs:
        stand.sink.wait(address(ref))
    tell(f"{len(lost)} of {len(refs)} orders were never told; they were followed up within {time.monotonic() - began:.0f} s")
    service.rest()
    service.until(lambda: "orders-found-by-poll" in service.alarms(), 5, "said")
    time.sleep(2.5)  # two more comparisons
    assert [stand.sink.followups(address(ref)) for ref in refs] == [["order_received"]] * len(refs)
    (shop,) = service.json("shop", "list")["shops"]
    assert shop["found_by_poll"] == len(lost)
    seller.change(refs[0])
    stand.sink.wait(address(refs[0]), 2)
    assert stand.sink.followups(address(refs[0])) == ["order_received", "shipped"], "a change that nobody told is found, too"


@pytest.mark.long
@scenario("F15", budget=120)
@pytest.mark.parametrize("harm", ["switch_off", "delete"])
def test_webhooks_that_are_gone_come_back_and_no_order_is_missed(
    stand: Stand, order_ref: int, seller: WooSeller | ShopifySeller, harm: str, tell: Callable[[str], None]
) -> None:
    service = running(stand, seller, grace=8.0, webhooks_every=EVERY)
    others, first = seller.others, order_ref * 1000
    refs = [first + number for number in range(MANY)]
    lost = (refs[20], refs[50])
    seller.sell(service, refs, lost)
    looks = seller.looks
    service.until(lambda: seller.looks > looks and at_work(seller), EVERY + 20, "looked at")
    getattr(seller, harm)()
    gone, writes = time.monotonic(), seller.writes
    untold = [first + MANY + number for number in range(LATER)]
    seller.sell(service, untold)
    service.until(lambda: at_work(seller), EVERY + 20, "put right")
    back = time.monotonic() - gone
    service.until(lambda: "webhooks-restored" in service.alarms(), 20, "told")
    later = [first + MANY + LATER + number for number in range(AFTER)]
    seller.sell(service, later)
    everyone = [*refs, *untold, *later]
    for ref in everyone:
        stand.sink.wait(address(ref))
    tell(f"webhooks back after {back:.0f} s; {len(lost)} + {len(untold)} of {len(everyone)} orders were never told and all followed up")
    service.rest()
    written = seller.writes
    assert written > writes
    looks = seller.looks
    service.until(lambda: seller.looks > looks + 1, 2 * EVERY + 20, "looked at twice more")
    assert seller.writes == written, "what is well is left alone"
    assert at_work(seller)
    assert seller.others == others, "other programs' are not touched"
    assert [stand.sink.followups(address(ref)) for ref in everyone] == [["order_received"]] * len(everyone)
    assert {str(ref) for ref in (*lost, *untold)} <= found(service)
    assert not {str(ref) for ref in later} & found(service), "the webhook tells again"
    assert "orders-found-by-poll" in service.alarms()
    assert "webhooks-not-restored" not in service.alarms()
