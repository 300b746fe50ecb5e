"""New orders are worked out before the transaction that writes them: the same rows as otherwise, whatever others write meanwhile."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, select, update

from jobs import process_inbound
from postventa import state
from postventa.models import Base, Customer, Effect, EventRow, Inbound, Order, OrderLine, Parcel, ReturnCase
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import HOUR, MINUTE, NOON, Sent, ShopifyOrder, WooOrder, tracked
from webhooks.inbox import Inbox, Raw

NOT_MEANT = {"id", "order_id", "customer_id", "inbound_id", "shop_id", "revision", "reason", "merged_into", "stored_at", "not_before"}
"""Our own counters and the machine's clock."""


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON + 3 * HOUR)
    return House(engine, clock, tmp_path, alba(), lola())


def store(house: House, platform: str, sent: list[Sent]) -> None:
    inbox = Inbox(house.engine, lambda shops: None)
    for n, one in enumerate(sent):
        inbox.store(Raw(house.shops[platform], platform, one.topic, f"{n}-{one.delivery_id}", {}, one.body))


def waiting(house: House, platform: str, most: int = 1000) -> list[process_inbound.Delivery]:
    with reading(house.engine) as session:
        return process_inbound.unread(session, house.shops[platform], most)


def rows(house: House) -> dict[str, list[str]]:
    """Everything that was written and meant."""
    result = {}
    with reading(house.engine) as session:
        for table in (Order, OrderLine, Parcel, ReturnCase, EventRow, Customer, Effect, Inbound):
            found = session.execute(select(table.__table__)).mappings()
            result[table.__tablename__] = sorted(
                json.dumps({k: str(v) for k, v in row.items() if k not in NOT_MEANT}, sort_keys=True) for row in found
            )
    return result


def woo() -> list[Sent]:
    """Eight orders, of which some are told once, some move on, one is refunded, and two are the same person's."""
    sent = []
    for ref in range(4001, 4009):
        order = WooOrder(ref, NOON, email=f"ana.{ref // 2}@cliente.example").tell("order.created")
        if ref % 2:
            order.tell(after=MINUTE, status="preparando")
        if ref % 3 == 0:
            order.tell(after=HOUR, status="enviado", meta_data=tracked((f"PK{ref}", NOON), (f"PQ{ref}", NOON + HOUR)))
        if ref % 4 == 0:
            order.tell(after=MINUTE, refunds=[{"id": ref * 10, "reason": "llegó rota", "total": "-12.50"}])
        sent += order.sent
    return sent


def shopify() -> list[Sent]:
    sent = []
    for ref in range(5001, 5007):
        order = ShopifyOrder(ref, NOON, email=f"ana.{ref}@cliente.example").tell("orders/create").tell("orders/paid", after=MINUTE)
        sent += (order.fulfil(ref * 10, order.body["line_items"][0]["id"], after=HOUR) if ref % 2 else order).sent
    return sent


@pytest.mark.parametrize(("platform", "story"), [("woocommerce", woo), ("shopify", shopify)])
@pytest.mark.parametrize("seed", range(4))
def test_drafted_and_told_under_lock_are_the_same_rows(
    house: House, platform: str, story: Callable[[], list[Sent]], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    sent = story()
    chance.shuffle(sent)
    sizes = [chance.choice([1, 2, 5, 9]) for _ in sent]
    drafted = []
    really = process_inbound._drafted

    def counted(*args: Any) -> state.Draft:
        drafted.append(really(*args))
        return drafted[-1]

    made = []
    for way in (counted, lambda *args: None):
        monkeypatch.setattr(process_inbound, "_drafted", way)
        with transaction(house.engine) as session:
            for table in (Effect, EventRow, ReturnCase, Parcel, OrderLine, Order, Customer, Inbound):
                session.execute(delete(Base.metadata.tables[table.__tablename__]))
        store(house, platform, sent)
        for size in sizes:
            if batch := waiting(house, platform, size):
                assert process_inbound.process_together(house.shops[platform], batch)
        made.append(rows(house))
    assert made[0] == made[1]
    assert {json.loads(row)["state"] for row in made[0]["inbound"]} <= {"done", "superseded"}
    assert sum(len(one.dossiers) for one in drafted) >= 2


def test_nobody_is_kept_from_writing_while_a_draft_is_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    store(house, "woocommerce", woo()[:1])
    begun: list[str] = []
    event.listen(
        house.engine, "begin", lambda connection: begun.append("write" if not connection.get_execution_options().get("read_only") else "read")
    )
    really, seen = state.draft, []

    def draft(*args: Any) -> state.Draft:
        seen.append(begun.count("write"))
        return really(*args)

    monkeypatch.setattr(state, "draft", draft)
    assert process_inbound.process_together(house.shops["woocommerce"], waiting(house, "woocommerce"))
    assert (seen, begun.count("write")) == ([0], 1)


def meanwhile(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], object]) -> None:
    """Once, between the draft and the transaction that writes it."""
    really = process_inbound._drafted

    def drafted(*args: Any) -> state.Draft:
        made = really(*args)
        monkeypatch.setattr(process_inbound, "_drafted", really)
        deed()
        return made

    monkeypatch.setattr(process_inbound, "_drafted", drafted)


def orders(*refs: int) -> list[Sent]:
    return [sent for ref in refs for sent in WooOrder(ref, NOON, email=f"ana.{ref}@cliente.example").tell("order.created").sent]


def test_another_worker_was_faster(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It read one of the deliveries, and so wrote its order."""
    store(house, "woocommerce", orders(4001, 4002, 4003))
    batch = waiting(house, "woocommerce")
    meanwhile(monkeypatch, lambda: process_inbound.process_inbound(batch[1].id))
    assert process_inbound.process_together(house.shops["woocommerce"], batch)
    assert [row.state for row in house.inbound()] == ["done"] * 3
    assert sorted(effect.key.split(":")[1] for effect in house.effects(followup="order_received")) == ["4001", "4002", "4003"]


def test_the_order_came_another_way(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop's answer to a question of ours told of the same order; the delivery is still to be read."""
    store(house, "woocommerce", orders(4001, 4002))
    batch = waiting(house, "woocommerce")
    told = WooOrder(4001, NOON, email="ana.4001@cliente.example").tell("order.created").tell(after=MINUTE, status="preparando").sent[-1]
    meanwhile(monkeypatch, lambda: house.deliver("woocommerce", told))
    assert process_inbound.process_together(house.shops["woocommerce"], batch)
    assert [row.state for row in house.inbound()] == ["done"] * 3
    with reading(house.engine) as session:
        assert [(order.ref, order.status, order.prepared_at is not None) for order in session.scalars(select(Order).order_by(Order.ref))] == [
            ("4001", "preparando", True),
            ("4002", "processing", False),
        ]


def test_a_customer_who_objected_meanwhile_stays_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    store(house, "woocommerce", orders(4001))
    assert process_inbound.process_together(house.shops["woocommerce"], waiting(house, "woocommerce"))
    again = WooOrder(4002, NOON, email="ana.4001@cliente.example").tell("order.created").sent
    store(house, "woocommerce", again)

    def objects() -> None:
        with transaction(house.engine) as session:
            session.execute(update(Customer).values(marketing=False, marketing_at=NOON + HOUR))

    meanwhile(monkeypatch, objects)
    assert process_inbound.process_together(house.shops["woocommerce"], waiting(house, "woocommerce"))
    with reading(house.engine) as session:
        (customer,) = session.scalars(select(Customer))
        assert (customer.marketing, customer.marketing_at) == (False, NOON + HOUR)
        assert {order.customer_id for order in session.scalars(select(Order))} == {customer.id}
