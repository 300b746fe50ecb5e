"""Many at once: as few statements as for one, and nobody harmed by whoever fails, is slow, or has changed meanwhile."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from connectors.mail.base import Letter, RecipientRefused
from jobs import read_inbox, send_mails
from postventa import effects
from postventa.clock import now
from postventa.emails import compose
from postventa.models import Effect
from postventa.models.db import transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder
from tests.runtime.processes import eventually
from webhooks.inbox import Inbox, Raw


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """All mails wait for their turn, as they do behind a slow mail server; `test_at_hand.py` has the others."""
    monkeypatch.setattr(read_inbox, "pace", SimpleNamespace(within=lambda seconds: 0))


@pytest.fixture
def house(engine: Engine, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    return House(engine, clock, tmp_path, alba())


def stored(house: House, *orders: WooOrder) -> None:
    inbox = Inbox(house.engine, lambda shops: None)
    for order in orders:
        for sent in order.sent:
            inbox.store(Raw(house.shops["woocommerce"], "woocommerce", sent.topic, sent.delivery_id, {}, sent.body))


def orders(*refs: int) -> list[WooOrder]:
    return [WooOrder(ref, email=f"ana.{ref}@cliente.example").tell("order.created") for ref in refs]


def read(house: House) -> None:
    read_inbox.read_inbox(house.shops["woocommerce"])


def everything_due(house: House) -> None:
    with transaction(house.engine) as session:
        session.execute(update(Effect).where(Effect.followup == "order_received").values(due_at=now()))


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_twenty_deliveries_take_as_many_statements_as_one(house: House) -> None:
    stored(house, *orders(4001))
    with statements(house.engine) as for_one:
        read(house)
    stored(house, *orders(*range(4002, 4022)))
    with statements(house.engine) as for_twenty:
        read(house)
    assert Counter(row.state for row in house.inbound()) == {"done": 21}
    assert len(for_twenty) <= len(for_one), sorted((Counter(for_twenty) - Counter(for_one)).elements())


def test_twenty_mails_take_as_many_statements_as_one_but_for_what_is_in_doubt_at_most(house: House) -> None:
    stored(house, *orders(4001))
    read(house)
    everything_due(house)
    with statements(house.engine) as for_one:
        send_mails.send_mails(1)
    stored(house, *orders(*range(4002, 4022)))
    read(house)
    everything_due(house)
    with statements(house.engine) as for_twenty:
        send_mails.send_mails(1)
    assert len(house.postman.mails) == 21
    a_few = 6 * -(-20 // send_mails.TOGETHER)  # `sending`, and its end, for each few
    assert len(for_twenty) <= len(for_one) + a_few, sorted((Counter(for_twenty) - Counter(for_one)).elements())


def test_one_that_fails_among_many_is_found_and_harms_no_other(house: House) -> None:
    fine, broken = orders(*range(4001, 4009)), WooOrder(4100).tell("order.created")
    broken.sent[0] = broken.sent[0].__class__("order.created", b'{"id": 4100', broken.sent[0].at, "b" * 32)
    stored(house, *fine[:4], broken, *fine[4:])
    read(house)
    assert Counter(row.state for row in house.inbound()) == {"done": 8, "poison": 1}
    assert [row.order_ref for row in house.inbound() if row.state == "done"] == [str(ref) for ref in range(4001, 4009)]


def test_what_orders_tell_in_one_breath_ends_where_one_by_one_does(house: House) -> None:
    for first in (4001, 4101):
        story = [order.tell(after=timedelta(minutes=1), status="enviado") for order in orders(*range(first, first + 5))]
        story.append(story[0].tell(after=timedelta(minutes=1), status="cancelled"))
        if first == 4001:
            stored(house, *story)
            read(house)
        else:
            for sent in (sent for order in story for sent in order.sent):
                house.deliver("woocommerce", sent)
    ends = [Counter((e.followup, e.state) for e in house.effects() if e.key.split(":")[1].startswith(first)) for first in ("40", "41")]
    assert ends[0] == ends[1]
    assert ends[0]["order_received", "planned"] == 5


def test_an_order_that_changed_after_its_mail_was_composed_is_judged_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(house, *orders(4001, 4002))
    read(house)
    everything_due(house)
    really, cancelled = effects.begin_all, WooOrder(4001, email="ana.4001@cliente.example").tell("order.created")
    cancelled.tell(after=timedelta(minutes=1), status="cancelled")

    def begin_all(session: Any, wanted: Any, worker: str) -> set[int]:
        monkeypatch.setattr(effects, "begin_all", really)
        raise _Changed

    monkeypatch.setattr(effects, "begin_all", begin_all)
    claims = send_mails._claim(house.world)
    with pytest.raises(_Changed):  # the first try ends before `sending`; meanwhile the shop cancels
        send_mails.send_claimed(house.world, claims)
    assert {effect.state for effect in house.effects(followup="order_received")} == {"planned"}, "given back"
    ready = send_mails._prepare(house.world, send_mails._claim(house.world))
    assert len(ready) == 2
    house.deliver("woocommerce", cancelled.sent[1])
    with transaction(house.engine) as session:
        begun = effects.begin_all(session, [send_mails._beginning(one) for one in ready], house.world.owner)
    states = {effect.order_id: effect.state for effect in house.effects(followup="order_received")}
    assert Counter(states.values()) == {"sending": 1, "planned": 1}
    assert len(begun) == 1


class _Changed(Exception):
    pass


def test_a_stale_claim_begins_and_ends_nothing(house: House) -> None:
    stored(house, *orders(4001))
    read(house)
    everything_due(house)
    (ready,) = send_mails._prepare(house.world, send_mails._claim(house.world))
    with transaction(house.engine) as session:
        session.execute(update(Effect).values(fence=Effect.fence + 1))
    with transaction(house.engine) as session:
        assert effects.begin_all(session, [send_mails._beginning(ready)], "late") == set()
        assert effects.done_all(session, {ready.held: "250"}, "late") == set()
    assert house.effects(followup="order_received")[0].state == "claimed"


def test_of_two_late_steps_in_one_batch_only_the_newer_one_goes_out(house: House) -> None:
    stored(house, *[order.tell(after=timedelta(seconds=30), status="preparando") for order in orders(4001, 4002)])
    read(house)
    house.clock.set(NOON + timedelta(hours=2))
    for _ in range(2):  # the newer one waits for its turn behind the older one, which the first round drops
        send_mails.send_mails(1)
        house.clock.set(house.clock.now() + timedelta(minutes=2))
    ends = Counter((effect.followup, effect.state) for effect in house.effects(kind="mail"))
    assert ends == {("order_received", "cancelled"): 2, ("order_prepared", "done"): 2}
    assert len(house.postman.mails) == 2


def test_who_slept_through_its_lease_hands_over_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that was suspended between `sending` and the mail server's first word: meanwhile another worker made it good."""
    stored(house, *orders(4001, 4002))
    read(house)
    everything_due(house)
    really, sleepy = effects.begin_all, SimpleNamespace(monotonic=time.monotonic, sleep=time.sleep)

    def begin_all(session: Any, wanted: Any, worker: str) -> set[int]:
        begun = really(session, wanted, worker)
        session.execute(update(Effect).where(Effect.id == min(begun)).values(fence=Effect.fence + 1))
        sleepy.monotonic = lambda: time.monotonic() + house.world.settings.recovery.lease
        return begun

    monkeypatch.setattr(effects, "begin_all", begin_all)
    monkeypatch.setattr(send_mails, "time", sleepy)
    send_mails.send_claimed(house.world, send_mails._claim(house.world))
    assert [mail["To"] for mail in house.postman.mails] == ["ana.4002@cliente.example"]
    assert [effect.state for effect in house.effects(followup="order_received")] == ["sending", "done"]


def test_the_slower_the_mail_server_the_fewer_are_taken_at_once() -> None:
    pace = send_mails.Pace()
    assert pace.within(send_mails.TURN) == send_mails.FIRST
    for _ in range(40):
        pace.took(0.001)
    assert pace.within(send_mails.TURN) == send_mails.BATCH
    for _ in range(40):
        pace.took(0.1)
    assert pace.within(send_mails.TURN) == 5
    for _ in range(40):
        pace.took(600)
    assert pace.within(send_mails.TURN) == 1


def test_behind_a_slow_mail_the_others_are_sent_by_somebody_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_mails, "SLOW", 0.2)
    stored(house, *orders(*range(4001, 4007)))
    read(house)
    everything_due(house)
    slow, go_on = threading.Event(), threading.Event()
    really = house.postman.send

    def send(letter: Letter, recipient: str) -> str:
        if not slow.is_set():
            slow.set()
            assert go_on.wait(90)
        return really(letter, recipient)

    monkeypatch.setattr(house.postman, "send", send)
    first = threading.Thread(target=send_mails.send_claimed, args=(house.world, send_mails._claim(house.world)))
    first.start()
    assert slow.wait(60)
    eventually(lambda: Counter(effect.state for effect in house.effects(followup="order_received")) == {"sending": 1, "planned": 5})
    send_mails.send_claimed(house.world, send_mails._claim(house.world))
    assert len(house.postman.mails) == 5
    go_on.set()
    first.join(90)
    assert Counter(mail["To"] for mail in house.postman.mails) == {f"ana.{ref}@cliente.example": 1 for ref in range(4001, 4007)}
    assert {effect.state for effect in house.effects(followup="order_received")} == {"done"}


def test_an_address_that_was_just_refused_gets_no_other_mail_of_the_batch(house: House) -> None:
    stored(house, *[WooOrder(ref, email="ana@cliente.example").tell("order.created") for ref in (4001, 4002)], *orders(4003))
    read(house)
    everything_due(house)
    house.postman.trouble = [RecipientRefused("550 5.1.1 no such user")]
    send_mails.send_mails(1)
    assert [mail["To"] for mail in house.postman.mails] == ["ana.4003@cliente.example"]
    assert Counter(effect.state for effect in house.effects(followup="order_received")) == {"suppressed": 2, "done": 1}


def test_a_mail_that_cannot_be_composed_is_counted_on_its_row_and_the_others_go_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(house, *orders(4001, 4002))
    read(house)
    everything_due(house)

    def broken_compose(mail: Any, **more: Any) -> Any:
        if mail.recipient == "ana.4001@cliente.example":
            raise ZeroDivisionError("no mail has that")
        return compose(mail, **more)

    monkeypatch.setattr("jobs.send_message.compose", broken_compose)
    send_mails.send_mails(1)
    broken, fine = house.effects(followup="order_received")
    assert (broken.state, fine.state, len(house.postman.mails)) == ("planned", "done", 1)
    assert broken.reason == "will be tried again: ZeroDivisionError: no mail has that"
