"""A shop's API slows us down, breaks, answers with something else, never answers, or does not know us any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.faults.conftest import Stand
from tests.faults.stories import placed
from tests.peers.shop import BROKEN, LOGIN_PAGE, REVOKED, SILENCE, SLOW_DOWN, Reply
from tests.peers.woocommerce import WooCommercePeer
from tests.pipeline.stories import WooOrder
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, OTTO, Shop

PAUSE = 2.0
KEYS = {"consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40}


def at(shop: Shop, peer: WooCommercePeer, **more: str) -> Shop:
    """That shop, with its API at the peer."""
    return replace(shop, settings={**shop.settings, "url": peer.url, **KEYS, **more})


def sent_without_a_number(ref: int, email: str, peer: WooCommercePeer) -> WooOrder:
    """Left the warehouse, and only the API knows with whom: a question is due."""
    order = placed(ref, email).tell(status="enviado", meta_data=[{"id": 63, "key": "_fulfillment_status", "value": "fulfilled"}])
    peer.orders[ref] = order.body
    return order


def questions(service: Service, order: int) -> list[str]:
    return [f"{e['state']}: {e['reason']}" for e in service.effects(kind="fetch") if e["order"] == str(order)]


def answered(service: Service, *orders: int) -> bool:
    return all(any(said.startswith("done") for said in questions(service, order)) for order in orders)


def two_shops(stand: Stand, held: ExitStack, **first: str) -> tuple[Service, WooCommercePeer, WooCommercePeer, Shop, Shop]:
    ours, others = held.enter_context(WooCommercePeer().open()), held.enter_context(WooCommercePeer().open())
    assert isinstance(ours, WooCommercePeer)
    assert isinstance(others, WooCommercePeer)
    alba, otto = at(ALBA, ours, webhooks="leave", **first), at(OTTO, others, webhooks="leave")
    service = stand.service(
        shops=(alba, otto),
        security={"allow_private_hosts": ["127.0.0.1"]},
        recovery={"sweep_every": 0.5, "doubt_after": 1.5, "watch_every": 0.5, "api_pause": PAUSE},
    )
    return service.start(), ours, others, alba, otto


@scenario("F16", budget=90)
@pytest.mark.parametrize(
    "trouble",
    [
        SLOW_DOWN,
        pytest.param(BROKEN, marks=pytest.mark.long),
        pytest.param(LOGIN_PAGE, marks=pytest.mark.long),
        pytest.param(SILENCE, marks=pytest.mark.long),
    ],
    ids=["429", "503", "html", "half-open"],
)
def test_a_shop_in_trouble_is_asked_rarely_the_others_as_ever_and_all_goes_on_by_itself(
    stand: Stand, order_ref: int, trouble: Reply, tell: Callable[[str], None]
) -> None:
    with ExitStack() as held:
        service, ours, others, alba, otto = two_shops(stand, held)
        refs = [order_ref * 100 + number for number in range(4)]
        ours.trouble = trouble
        began = time.monotonic()
        for ref in refs:
            service.play(alba, sent_without_a_number(ref, f"{ref}@cliente.example", ours).sent)
        service.until(lambda: ours.calls, 15, "asked")
        elsewhere = order_ref * 100 + 50
        service.play(otto, sent_without_a_number(elsewhere, "otto@kunde.example", others).sent)
        service.until(lambda: answered(service, elsewhere), 25, "answered by the other shop")
        time.sleep(max(0.0, began + 4 * PAUSE - time.monotonic()))
        spent, asked = time.monotonic() - began, len(ours.calls)
        tell(f"{asked} questions in {spent:.0f} s to the shop in trouble, at most one each {PAUSE:g} s; the other shop was answered meanwhile")
        assert asked <= spent / PAUSE + 1, "no tight loop"
        ours.trouble = None
        service.until(lambda: answered(service, *refs), 60, "answered")
        tries = [(e["order"], e["followup"], e["state"], e["attempts"], e["reason"]) for e in service.effects(kind="fetch") if e["attempts"] != 1]
        assert tries == [], "the wait cost no try"
        service.until(lambda: service.alarms() == set(), 10, "quiet again")


@scenario("F17", budget=60)
def test_revoked_keys_stop_nothing_but_what_needs_them_and_the_merchant_is_told_once(
    stand: Stand, order_ref: int, ana: str, tell: Callable[[str], None]
) -> None:
    stand.judged = False  # it ends with a question that rests
    with ExitStack() as held:
        mara = f"mara.{order_ref}@ceramica-alba.example"
        service, ours, _, alba, _ = two_shops(stand, held, alert_email=mara)
        ours.trouble = REVOKED
        began = time.monotonic()
        service.play(alba, sent_without_a_number(order_ref, ana, ours).sent)
        service.until(lambda: "shop-refuses-us" in service.alarms(), 20, "noticed")
        stand.sink.wait(mara)
        tell(f"the merchant read of it {time.monotonic() - began:.1f} s after the keys were revoked")
        stand.sink.wait(ana, 2)
        assert stand.sink.followups(ana) == ["order_received", "shipped"], "order mails need no key"
        time.sleep(4 * PAUSE)
        assert len(ours.calls) == 1, "no storm: the next try is in an hour"
        (question,) = questions(service, order_ref)
        assert question.startswith("planned: waits:")
        (shop,) = [row for row in service.json("shop", "list")["shops"] if row["name"] == "Cerámica Alba"]
        assert "does not accept" in shop["api"]
        (mail,) = stand.sink.to(mara)
        assert (mail.followup, str(mail.message["Subject"])) == ("keys_refused", "Cerámica Alba ya no acepta nuestras claves")
        assert "WooCommerce" in mail.text
        assert service.api(alba, "GET", "/alarms")[1]["alarms"][0]["name"] == "shop-refuses-us"
        ours.trouble = None
