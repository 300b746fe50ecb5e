"""Dead letters: rehearsed without a trace, replayed under the same keys, discarded with a reason; and the pause of a handler that fails."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, update

from jobs import breaker, read_inbox, replay
from jobs.process_inbound import process_inbound
from jobs.rehearse import Rehearsal, rehearse
from postventa import alarms, audit
from postventa.choice import Choice
from postventa.clock import now, real_now
from postventa.models import AuditEntry, Base, Inbound, Lease
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, Sent, ShopifyOrder, WooOrder
from webhooks.inbox import Inbox, Raw

JON = "cli:jon@almacen"


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    return House(engine, clock, tmp_path, alba())


def stored(house: House, *deliveries: Sent) -> list[int]:
    """In the inbox, not read."""
    inbox = Inbox(house.engine, lambda shops: None)
    raws = [Raw(house.shops["woocommerce"], "woocommerce", s.topic, s.delivery_id, {}, s.body, received_at=now()) for s in deliveries]
    for raw in raws:
        inbox.store(raw)
    return [number for raw in raws if (number := house.unread(raw)) is not None]


def everything(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {table.name: sorted(map(str, connection.execute(text(f"SELECT * FROM {table.name}")))) for table in Base.metadata.sorted_tables}


def played(house: House, *numbers: int) -> list[Rehearsal]:
    before = everything(house.engine)
    found = list(rehearse(house.world, numbers))
    assert everything(house.engine) == before, "a rehearsal writes nothing"
    return found


def test_a_rehearsal_tells_events_changes_and_what_would_go_out(house: House) -> None:
    (number,) = stored(house, *WooOrder().tell("order.created").sent)
    (found,) = played(house, number)
    assert (found.would, found.order, found.error) == ("done", "4001", "")
    assert "OrderSeen" in [event["event"] for event in found.events]
    assert {"what": "order 4001", "field": "email", "before": None, "after": "***"} in found.changes
    assert not [word for word in ("Ana", "Peña", "Betis") if word in str(found)]
    assert ("send", "order_received", "a***@***.example", "new") in [(e["would"], e["followup"], e["recipient"], e["change"]) for e in found.effects]


def test_a_rehearsal_says_what_went_out_already(house: House) -> None:
    number = house.deliver("woocommerce", WooOrder().tell("order.created").sent[0])
    house.run()
    assert number is not None
    (found,) = played(house, number)
    assert (found.would, found.changes) == ("superseded", [])
    assert [(e["would"], "does not go out again" in e["reason"]) for e in found.effects] == [("nothing", True)]


def test_deliveries_of_one_order_are_rehearsed_one_after_the_other(house: House) -> None:
    order = WooOrder().tell("order.created").tell(after=timedelta(minutes=1), status="enviado")
    first, second = played(house, *stored(house, *order.sent))
    assert [effect["followup"] for effect in first.effects] == ["order_received"]
    fates = {effect["followup"]: (effect["would"], effect["reason"]) for effect in second.effects}
    assert fates == {"order_received": ("send", ""), "shipped": ("wait", "waits for «order_received» to go first")}


def test_a_rehearsal_says_why_it_still_fails_and_the_others_are_played_all_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Sent("order.created", b'{"id": 1', NOON, "broken")
    unknown = Sent("order.exploded", b"{}", NOON, "unknown")
    fine = WooOrder().tell("order.created").sent[0]
    numbers = stored(house, broken, unknown, fine)
    house.deliver("woocommerce", WooOrder(4009).tell("order.created").sent[0])
    with transaction(house.engine) as session:
        forgotten = session.scalars(select(Inbound).where(Inbound.order_ref == "4009")).one()
        forgotten.body = None
    found = {one.id: one for one in played(house, *numbers, forgotten.id)}
    assert [found[n].would for n in numbers] == ["poison", "poison", "done"]
    assert "still fails: Unreadable: the body is not JSON" in found[numbers[0]].error
    assert "forgotten" in found[forgotten.id].error


def test_a_replay_takes_what_was_chosen_and_names_what_it_could_not(house: House) -> None:
    numbers = stored(house, *(Sent("order.exploded", b'{"n": %d}' % n, NOON, f"{n}") for n in range(5)))
    for number in numbers:
        process_inbound(number)
    with transaction(house.engine) as session:
        session.get_one(Inbound, numbers[4]).body = None
    chosen = Choice(ranges=((numbers[1], numbers[4]), (999, 999)), unreadable=True)
    with transaction(house.engine) as session:
        taken = replay.replay(session, chosen, actor=JON, reason="new version")
    assert (taken.done, taken.forgotten, taken.not_found) == (numbers[1:4], [numbers[4]], [999])
    assert [row.state for row in house.inbound()] == ["poison", "new", "new", "new", "poison"]
    with transaction(house.engine) as session:
        assert replay.replay(session, Choice(error="no such thing"), actor=JON).done == []
    with reading(house.engine) as session:
        (entry,) = session.scalars(select(AuditEntry)).all()
        assert audit.verify(session) == []
    assert (entry.action, entry.subject, entry.reason) == ("inbox.replay", f"deliveries {numbers[1]}-{numbers[3]}", "new version")
    assert (entry.before, entry.after) == ({"poison": 3}, {"new": 3})


def test_every_filter_chooses(engine: Engine, clock: TestClock, tmp_path: Path) -> None:
    from tests.pipeline.house import lola

    clock.set(NOON)
    house = House(engine, clock, tmp_path, alba(), lola())
    woo = house.deliver("woocommerce", WooOrder().tell("order.created").sent[0])
    clock.advance(hours=2)
    shopify = house.deliver("shopify", ShopifyOrder(5001).tell("orders/create").sent[0])
    poison = house.deliver("shopify", Sent("orders/create", b"{", NOON, "p"))
    for choice, expected in (
        (Choice(state="done"), [woo, shopify]),
        (Choice(unreadable=True), [poison]),
        (Choice(shop="cerámica alba".title()), [woo]),
        (Choice(shop="zapateria-lola.myshopify.com"), [shopify, poison]),
        (Choice(topic="orders/create"), [shopify, poison]),
        (Choice(order="#5001"), [shopify]),
        (Choice(order="4001"), [woo]),
        (Choice(error="NOT JSON"), [poison]),
        (Choice(since=NOON + timedelta(hours=1)), [shopify, poison]),
        (Choice(until=NOON + timedelta(hours=1)), [woo]),
        (Choice(ranges=((1, 2),), topic="order.created"), [woo]),
    ):
        with reading(engine) as session:
            assert choice.numbers(session) == expected, choice


def test_only_what_could_not_be_read_is_discarded(house: House) -> None:
    (number,) = stored(house, Sent("order.exploded", b"{}", NOON, "x"))
    process_inbound(number)
    good = house.deliver("woocommerce", WooOrder().tell("order.created").sent[0])
    assert good is not None
    with transaction(house.engine) as session:
        taken, others = replay.discard(session, Choice(ranges=((number, good),)), actor=JON, reason="a test of the shop's")
    assert (taken.done, others) == ([number], [good])
    assert [(row.state, row.reason) for row in house.inbound()] == [("ignored", "discarded: a test of the shop's"), ("done", "")]


def test_numbers_are_said_in_ranges() -> None:
    assert replay.ranges([3, 1, 2, 7, 9, 10]) == "1-3, 7, 9-10"


# the pause of a handler


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Orders whose deliveries fail while they are read."""
    from jobs import process_inbound as module

    refs: set[str] = set()
    really = module.absorb_all

    def absorb_all(session: Any, world: Any, shop: Any, told: Any, *rest: Any) -> Any:
        if refs & {event.order_ref for reading, _ in told for event in reading.events}:
            raise ZeroDivisionError("no shop has that")
        return really(session, world, shop, told, *rest)

    monkeypatch.setattr(module, "absorb_all", absorb_all)
    return refs


def read(house: House) -> None:
    with transaction(house.engine) as session:
        session.execute(update(Inbound).where(Inbound.state == "new").values(not_before=real_now() - timedelta(seconds=1)))
    for _ in range(30):  # a turn may end before all is read, the sooner the busier the machine is
        if read_inbox.anything_left(house.world, house.shops["woocommerce"]):
            read_inbox.read_inbox(house.shops["woocommerce"])


def paused(house: House) -> bool:
    with reading(house.engine) as session:
        return bool(session.scalars(select(Lease).where(Lease.owner != "", Lease.name.startswith("breaker:"))).all())


def minute_passes(house: House) -> None:
    with transaction(house.engine) as session:
        session.execute(
            update(Lease).where(Lease.name.startswith("breaker:"), Lease.owner != "").values(expires_at=real_now() - timedelta(seconds=1))
        )
    breaker.tend(house.world)


def orders(*refs: int) -> list[Sent]:
    return [WooOrder(ref).tell("order.created").sent[0] for ref in refs]


def test_one_order_that_always_fails_pauses_nothing_however_often_it_comes(house: House, failing: set[str]) -> None:
    failing.add("4001")
    order = WooOrder(4001)
    for number in range(30):
        order.tell("order.updated", after=timedelta(seconds=1), customer_note=str(number))
    stored(house, *order.sent)
    read(house)
    assert not paused(house)
    assert {row.attempts for row in house.inbound()} == {1}
    assert {row.order_ref for row in house.inbound()} == {"4001"}, "whose it is, is known although it failed"


def test_a_few_that_fail_among_many_pause_nothing(house: House, failing: set[str]) -> None:
    failing |= {str(ref) for ref in range(4001, 4013)}
    stored(house, *orders(*range(4100, 4160)))
    read(house)
    stored(house, *orders(*range(4001, 4013)))
    read(house)
    assert not paused(house), "12 of 72 is less than a fifth"


def test_many_that_fail_alike_pause_their_handler_and_no_more_tries_are_counted(house: House, failing: set[str]) -> None:
    refs = range(4001, 4031)
    failing |= {str(ref) for ref in refs}
    stored(house, *orders(*refs))
    read(house)
    assert paused(house)
    tries = sum(row.attempts for row in house.inbound())
    assert tries < breaker.LEAST
    read(house)
    read(house)
    assert sum(row.attempts for row in house.inbound()) == tries
    with reading(house.engine) as session:
        (alarm,) = alarms.open_alarms(session)
    assert (alarm.name, alarm.subject, alarm.level) == ("handler-paused", "Cerámica Alba: order.created", "page")
    assert "ZeroDivisionError in absorb_all" in alarm.message
    shipped = WooOrder(4100).tell("order.updated").sent[0]
    stored(house, shipped)
    read(house)
    assert [row.state for row in house.inbound() if row.topic == "order.updated"] == ["done"], "another handler goes on"


def test_a_pause_lets_one_through_and_ends_when_that_one_is_read(house: House, failing: set[str]) -> None:
    refs = range(4001, 4021)
    failing |= {str(ref) for ref in refs}
    stored(house, *orders(*refs))
    read(house)
    minute_passes(house)
    before = {row.id: row.failed_at for row in house.inbound()}
    read(house)
    tried = [row.id for row in house.inbound() if row.failed_at != before[row.id]]
    assert len(tried) == 1, "one is let through"
    assert paused(house)
    failing.clear()
    read(house)
    assert {row.state for row in house.inbound()} == {"new"}, "for another minute"
    minute_passes(house)
    read(house)
    assert [row.state for row in house.inbound()].count("done") == 1
    breaker.tend(house.world)
    assert not paused(house)
    with reading(house.engine) as session:
        assert alarms.open_alarms(session) == []
    read(house)
    assert {row.state for row in house.inbound()} == {"done"}


def test_an_order_that_fails_for_good_is_not_let_through_again_and_again(house: House, failing: set[str]) -> None:
    refs = range(4001, 4021)
    failing |= {str(ref) for ref in refs}
    stored(house, *orders(*refs))
    read(house)
    failing &= {"4001"}
    for _ in range(3):
        minute_passes(house)
        read(house)
        breaker.tend(house.world)
    assert not paused(house), "those that have not been tried for longest go first"
    read(house)
    assert {row.order_ref: row.state for row in house.inbound()}["4001"] == "new"
    assert [row.state for row in house.inbound()].count("done") == 19
    assert not paused(house), "what failed before the pause is history"


def test_what_fails_in_another_way_is_counted_as_ever(house: House, failing: set[str]) -> None:
    failing |= {str(ref) for ref in range(4001, 4021)}
    stored(house, *orders(*range(4001, 4021)))
    read(house)
    assert paused(house)
    (number,) = stored(house, Sent("order.created", b"{", NOON, "broken"))
    process_inbound(number)
    assert [(row.state, row.attempts) for row in house.inbound() if row.id == number] == [("poison", 1)]
