"""Some deliveries never come, or the webhook was switched off: comparing finds what they would have told, once, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.faults.conftest import Stand
from tests.faults.test_shop_api import at
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.stories import WooOrder
from tests.scenarios import scenario
from tests.service.shops import ALBA

LOST = (2, 5, 7)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.mark.long
@scenario("F15", budget=60)
def test_what_no_webhook_told_is_found_by_comparing(stand: Stand, order_ref: int, tell: Callable[[str], None]) -> None:
    with WooCommercePeer().open() as peer:
        assert isinstance(peer, WooCommercePeer)
        alba = at(ALBA, peer)
        service = stand.service(
            shops=(alba,),
            security={"allow_private_hosts": ["127.0.0.1"]},
            reconcile={"every": 1.0, "grace": 3.0},
            recovery={"sweep_every": 0.5, "doubt_after": 1.5, "watch_every": 0.5},
        ).start()
        time.sleep(1.1)  # shops count whole seconds: what is sold now is newer than the shop's connection
        refs = [order_ref * 100 + number for number in range(8)]
        for number, ref in enumerate(refs):
            order = WooOrder(ref, now(), f"{ref}@cliente.example").tell("order.created")
            peer.orders[ref] = order.body
            if number not in LOST:
                assert service.deliver(alba, order.sent[0]).status == 200
        began = time.monotonic()
        for ref in refs:
            stand.sink.wait(f"{ref}@cliente.example", seconds=20)
        tell(f"{len(LOST)} of {len(refs)} deliveries never came; their orders were followed up within {time.monotonic() - began:.0f} s")
        service.rest()
        service.until(lambda: "orders-found-by-poll" in service.alarms(), 5, "said")
        time.sleep(2.5)  # two more comparisons
        assert [stand.sink.followups(f"{ref}@cliente.example") for ref in refs] == [["order_received"]] * len(refs)
        (shop,) = service.json("shop", "list")["shops"]
        assert shop["found_by_poll"] == len(LOST)
        peer.orders[refs[0]] = WooOrder(refs[0], now(), f"{refs[0]}@cliente.example").tell(status="enviado").body
        stand.sink.wait(f"{refs[0]}@cliente.example", 2, seconds=20)
        assert stand.sink.followups(f"{refs[0]}@cliente.example") == ["order_received", "shipped"], "a change that nobody told is found, too"
