"""Money goes back once: workers that die at the worst moment, lines that break, and fifty wishes at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from connectors.shops.writes import Refund
from jobs.deeds.refund import plan_refund
from postventa.models import Order
from postventa.models.db import connect, transaction
from postventa.secrets import load_secret
from postventa.shops import find
from tests.faults.conftest import Stand
from tests.faults.stories import placed
from tests.peers.shop import CUT, Fault
from tests.peers.woocommerce import WooCommercePeer
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, OTTO, Shop

KEYS = {"consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40, "webhooks": "leave"}
CUP = [{"id": 1, "name": "Taza", "product_id": 10, "quantity": 2, "total": "41.32", "taxes": [{"id": 3, "total": "8.68"}], "total_tax": "8.68"}]


@pytest.fixture
def peer() -> Iterator[WooCommercePeer]:
    running = WooCommercePeer()
    with running.open():
        yield running


@pytest.fixture
def shop(peer: WooCommercePeer) -> Shop:
    return replace(ALBA, settings={**ALBA.settings, "url": peer.url, **KEYS})


@pytest.fixture
def service(stand: Stand, peer: WooCommercePeer, shop: Shop, order_ref: int, ana: str) -> Service:
    """An order that was paid by card."""
    recovery = {"sweep_every": 0.5, "doubt_after": 1.5, "watch_every": 0.5, "api_pause": 1.0}
    made = stand.service(shops=(shop, OTTO), security={"allow_private_hosts": ["127.0.0.1"]}, recovery=recovery).start()
    order = placed(order_ref, ana)
    order.tell(line_items=CUP, payment_method="stripe")
    peer.orders[order_ref] = order.body
    made.play(shop, order.sent)
    made.rest()
    return made


@pytest.fixture
def engine(service: Service) -> Iterator[Engine]:
    made = connect(service.settings.database_url)
    yield made
    made.dispose()


def pay(service: Service, engine: Engine, order_ref: int, key: str = "R-1") -> bool:
    """Whether this wish was the first of its key."""
    wanted = Refund(str(order_ref), Decimal("25.00"), "EUR", lines=(("1", 1),), reason="Taza rota")
    with transaction(engine) as session:
        order = session.scalars(select(Order).where(Order.ref == str(order_ref))).one()
        shop = find(session, order.shop_id, service.settings, load_secret(service.settings))
        return plan_refund(session, shop, order, wanted, key=key, actor="mara") is not None


def paid_once(service: Service, peer: WooCommercePeer, order_ref: int) -> list[str]:
    """How the one refund came to be done."""
    service.until(lambda: service.effects(str(order_ref), kind="write", state="done"), 40, "the refund is done")
    service.rest()
    (effect,) = service.effects(str(order_ref), kind="write")
    assert (peer.books.paid, len(peer.books.refunds[order_ref])) == ([Decimal("25.00")], 1)
    return [step["outcome"] for step in service.attempts(effect["id"])]


@pytest.mark.parametrize(
    ("name", "story"),
    [
        pytest.param("write.after_sending", ["sending", "in_doubt"], marks=[pytest.mark.long, pytest.mark.scenario("F8", budget=60)]),
        pytest.param("write.after_answer", ["sending", "in_doubt", "sending", "sent"], marks=[pytest.mark.scenario("F9", budget=60)]),
        pytest.param("write.after_done", ["sending", "sent"], marks=[pytest.mark.long, pytest.mark.scenario("F9", budget=60)]),
    ],
)
def test_killed_on_the_way_the_customer_is_paid_once(
    service: Service, engine: Engine, peer: WooCommercePeer, order_ref: int, name: str, story: list[str]
) -> None:
    service.arm(name)
    assert pay(service, engine, order_ref)
    service.until(lambda: service.went_off(name), 15, f"at {name}")
    told = paid_once(service, peer, order_ref)
    assert told[: len(story)] == story
    assert told[-1] == "sent"


@scenario("F10", budget=60)
@pytest.mark.long
@pytest.mark.parametrize("there", [True, False], ids=["paid", "not paid"])
def test_a_line_that_breaks_is_a_doubt_that_looking_ends(
    service: Service, engine: Engine, peer: WooCommercePeer, order_ref: int, there: bool
) -> None:
    peer.faults.append(Fault("POST", CUT, after=there))
    assert pay(service, engine, order_ref)
    told = paid_once(service, peer, order_ref)
    assert (told[:2], told[-1]) == (["sending", "in_doubt"], "sent")


@scenario("S20", budget=60)
@pytest.mark.long
def test_fifty_wishes_at_once_pay_once(service: Service, engine: Engine, peer: WooCommercePeer, order_ref: int) -> None:
    peer.slowness = 0.05
    with ThreadPoolExecutor(10) as pool:
        first = list(pool.map(lambda _: pay(service, engine, order_ref), range(50)))
    assert first.count(True) == 1
    assert paid_once(service, peer, order_ref) == ["sending", "sent"]
