"""Mails that go out with the reading of what they answer: the same mails as otherwise, and nothing lost when something comes in between."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import OperationalError

from connectors.mail.base import ServerAway
from jobs import at_hand as at_hand_module
from jobs import mend, process_inbound, read_inbox, send_mails
from jobs.at_hand import AtHand
from postventa.models import Effect, Shop
from postventa.models.db import reading, transaction
from postventa.models.many import execute_many
from tests.conftest import TestClock
from tests.pipeline.house import House, alba, lola
from tests.pipeline.stories import NOON, ShopifyOrder, WooOrder, woo_line
from webhooks.inbox import Inbox, Raw


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    return House(engine, clock, tmp_path, alba(), lola(on=["order_received"]))


def stored(house: House, *orders: WooOrder | ShopifyOrder) -> None:
    inbox = Inbox(house.engine, lambda shops: None)
    for order in orders:
        platform = "woocommerce" if isinstance(order, WooOrder) else "shopify"
        for sent in order.sent:
            inbox.store(Raw(house.shops[platform], platform, sent.topic, sent.delivery_id, {}, sent.body))


def orders(*refs: int) -> list[WooOrder]:
    return [WooOrder(ref, email=f"ana.{ref}@cliente.example").tell("order.created") for ref in refs]


def taken(house: House, platform: str = "woocommerce") -> AtHand:
    """Read what waits; the mails at hand are not sent yet."""
    at_hand = AtHand(house.world.owner, house.world.settings.recovery.lease, send_mails.BATCH)
    with reading(house.engine) as session:
        waiting = process_inbound.unread(session, house.shops[platform], 100)
    assert process_inbound.process_together(house.shops[platform], waiting, at_hand)
    return at_hand


def test_reading_orders_sends_their_mails(house: House) -> None:
    stored(house, *orders(4001, 4002, 4003))
    read_inbox.read_inbox(house.shops["woocommerce"])
    assert Counter(mail["To"] for mail in house.postman.mails) == {f"ana.{ref}@cliente.example": 1 for ref in (4001, 4002, 4003)}
    effects = house.effects(followup="order_received")
    assert {(effect.state, effect.attempts, effect.fence) for effect in effects} == {("done", 1, 1)}


def test_they_say_what_mails_made_from_the_ledger_say(house: House) -> None:
    """To the byte: amounts, lines and addresses have been to the database and back in the one case only."""
    lines = [woo_line(1, "Cuenco «luna»", 3, "20.6600"), woo_line(2, "Plato <hondo>", 1, "5.00")]
    stored(house, *orders(4001), WooOrder(4002).tell("order.created", line_items=lines, discount_total="2.10", shipping_total="4.90"))
    stored(house, ShopifyOrder().tell("orders/create"), ShopifyOrder(5002).tell("orders/create", total_discounts="3.50"))
    for platform in ("woocommerce", "shopify"):
        at_hand = taken(house, platform)
        assert len(at_hand.mails) == 2
        sooner = send_mails._judged(house.world, at_hand.opened)
        later = send_mails._prepare(house.world, [held for held, _, _ in at_hand.mails])
        assert [ready.message.raw for ready in sooner] == [ready.message.raw for ready in later]
        assert [(ready.held, ready.recipient, ready.order_id, ready.revision) for ready in sooner] == [
            (ready.held, ready.recipient, ready.order_id, ready.revision) for ready in later
        ]


def test_behind_a_slow_mail_server_they_wait_for_their_turn_among_other_shops_mails(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_inbox, "pace", SimpleNamespace(within=lambda seconds: 2))
    stored(house, *orders(4001, 4002, 4003))
    read_inbox.read_inbox(house.shops["woocommerce"])
    assert {effect.state for effect in house.effects(followup="order_received")} == {"planned"}
    assert house.postman.mails == []


def test_an_order_that_changed_since_it_was_read_is_judged_anew(house: House) -> None:
    order = WooOrder(4001).tell("order.created")
    stored(house, order)
    at_hand = taken(house)
    more = [woo_line(1, "Cuenco", 3), woo_line(2, "Plato")]
    house.deliver("woocommerce", order.tell(after=timedelta(minutes=1), total="99.90", line_items=more).sent[1])
    send_mails.send_at_hand(house.world, at_hand)
    assert house.postman.mails == []
    assert [effect.state for effect in house.effects(followup="order_received")] == ["planned"]
    house.run()
    (mail,) = house.postman.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert "99,90" in body.get_content()


def test_what_a_dead_worker_had_at_hand_is_planned_again_and_goes_out_once(house: House) -> None:
    stored(house, *orders(4001, 4002))
    house.world.owner = "host:1:0"  # no process has that number and that start
    taken(house)
    assert {effect.state for effect in house.effects(followup="order_received")} == {"claimed"}
    with transaction(house.engine) as session:
        session.execute(update(Effect).where(Effect.state == "claimed").values(lease_until=Effect.not_before))
    mend.mend(house.world)
    house.run()
    assert len(house.postman.mails) == 2
    assert {(effect.state, effect.maybe_duplicate) for effect in house.effects(followup="order_received")} == {("done", False)}


def test_a_mail_server_that_is_away_leaves_them_planned(house: House) -> None:
    stored(house, *orders(4001, 4002))
    house.postman.trouble = [ServerAway("nobody there")] * 2
    read_inbox.read_inbox(house.shops["woocommerce"])
    assert {effect.state for effect in house.effects(followup="order_received")} == {"planned"}
    assert all(effect.reason.startswith("will be tried again") for effect in house.effects(followup="order_received"))


def test_a_transaction_that_fails_takes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the deliveries cannot be written: the others are read one by one, and their mails wait in the ledger."""
    stored(house, *orders(4001, 4002))
    trouble = [ZeroDivisionError("once")]

    def fail_once(connection: Any, statement: Any, rows: Any) -> None:
        if trouble:
            raise trouble.pop()
        execute_many(connection, statement, rows)

    monkeypatch.setattr(process_inbound, "execute_many", fail_once)
    assert taken(house).mails == []
    assert {effect.state for effect in house.effects(followup="order_received")} == {"planned"}
    house.run()
    assert len(house.postman.mails) == 2


def test_trouble_before_any_was_begun_gives_them_back_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(session: Any, dossiers: Any) -> None:
        raise OperationalError(None, None, Exception("the database is away"))

    stored(house, *orders(4001, 4002))
    with monkeypatch.context() as while_away:
        while_away.setattr(at_hand_module, "block", away)
        with pytest.raises(OperationalError):
            read_inbox.read_inbox(house.shops["woocommerce"])
    assert {(effect.state, effect.attempts) for effect in house.effects(followup="order_received")} == {("planned", 0)}
    house.run()
    assert len(house.postman.mails) == 2


def test_a_held_shop_keeps_them(house: House) -> None:
    with transaction(house.engine) as session:
        session.execute(update(Shop).values(hold=True))
    stored(house, *orders(4001))
    read_inbox.read_inbox(house.shops["woocommerce"])
    assert house.postman.mails == []
    (effect,) = house.effects(followup="order_received")
    assert (effect.state, effect.reason) == ("planned", "on hold: the merchant holds the shop")
