"""Links to an order: in all of its mails, and mailed to whoever asks with number and address."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, select, update

from jobs import look_up, queue
from postventa import links, track_links
from postventa.clock import now, real_now
from postventa.models import Effect, LookUp, Order
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder

PAGE = "https://posventa.example"


@pytest.fixture
def house(sqlite_engine: Engine, redis_url: str, clock: TestClock, tmp_path: Path) -> House:
    """Cerámica Alba with Ana's order, which is on its way."""
    clock.set(NOON)
    (tmp_path / "var").mkdir()
    made = House(sqlite_engine, clock, tmp_path, alba(), redis_url=redis_url)
    old = made.world.settings
    made.world.settings = old.model_copy(update={"server": old.server.model_copy(update={"public_url": PAGE})})
    story = WooOrder().tell("order.created")
    for sent in story.tell(status="enviado", after=timedelta(hours=2)).sent:
        clock.set(max(sent.at, clock.now()))
        made.deliver("woocommerce", sent)
        made.run()
        clock.advance(minutes=30)
        made.run()
    return made


def words(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def ask(house: House, purpose: str = "track", **typed: str) -> int:
    told = {"number": "4001", "email": "ana@cliente.example", **typed}
    with transaction(house.engine) as session:
        row = LookUp(shop_id=house.shops["woocommerce"], purpose=purpose, asked_at=now(), due_at=real_now(), **told)
        session.add(row)
        session.flush()
        return row.id


def answered(house: House, **typed: str) -> list[EmailMessage]:
    """The mails that go out for it."""
    before = len(house.postman.mails)
    look_up.look_up(ask(house, **typed))
    house.run()
    return house.postman.mails[before:]


def opened(house: House, address: str) -> track_links.Tracked | None:
    with reading(house.engine) as session:
        return track_links.find(session, house.world.secret, address.rpartition("/")[2], now())


def test_every_mail_of_an_order_leads_to_its_page_before_the_carriers(house: House) -> None:
    received, shipped = house.postman.mails
    (page,) = set(re.findall(rf"{PAGE}/t/[\w-]+", words(received)) + re.findall(rf"{PAGE}/t/[\w-]+", words(shipped)))
    assert f"Ver mi pedido: {page}" in words(received)
    assert f"Ver dónde está: {page}" in words(shipped)
    found = opened(house, page)
    assert found is not None
    assert (found.order.ref, found.over) == ("4001", False)


def test_the_mail_carries_a_link_of_its_own_that_ends(house: House, clock: TestClock) -> None:
    (mail,) = answered(house)
    (page,) = set(re.findall(rf"{PAGE}/t/[\w-]+", words(mail)))
    found = opened(house, page)
    assert found is not None
    assert not found.over
    assert "/r/" not in words(mail)
    clock.advance(days=400)
    later = opened(house, page)
    assert later is not None
    assert later.over


def test_where_things_can_be_sent_back_the_one_mail_does_for_both(house: House) -> None:
    (mail,) = answered(house, purpose="return")
    assert "Ver mi pedido" in words(mail)
    (back,) = re.findall(rf"Devolver algo: ({PAGE}/r/[\w-]+)", words(mail))
    token = back.rpartition("/")[2]
    with reading(house.engine) as session:
        assert links.find(session, token, "return", now()) is not None
        assert links.find(session, token, "track", now()) is None
    assert opened(house, back) is None


@pytest.mark.parametrize("hidden", [{"trashed_at": NOON}, {"test": True}, {"erased_at": NOON}, {"email": ""}])
def test_orders_of_which_nobody_may_hear_get_no_mail(house: House, hidden: dict[str, object]) -> None:
    with transaction(house.engine) as session:
        session.execute(update(Order).values(**hidden))
    assert answered(house) == []
    assert answered(house, email="") == []
    with reading(house.engine) as session:
        assert session.scalars(select(LookUp)).all() == []


def test_a_mail_that_was_asked_for_is_not_called_off_when_the_order_moves_on(house: House) -> None:
    look_up.look_up(ask(house))
    for sent in WooOrder().tell("order.created").tell(status="completed", after=timedelta(hours=5)).sent[1:]:
        house.deliver("woocommerce", sent)
    with reading(house.engine) as session:
        assert session.scalars(select(Effect.state).where(Effect.followup == "order_link")).all() == ["planned"]


def test_the_clock_has_asked_what_waits_once_a_minute_and_forgets_what_waited_for_a_day(house: House, redis: Redis, clock: TestClock) -> None:
    old, later, due = ask(house), ask(house, number="9"), ask(house, number="10")
    with transaction(house.engine) as session:
        session.execute(update(LookUp).where(LookUp.id == later).values(due_at=real_now() + timedelta(minutes=5)))
        session.execute(update(LookUp).where(LookUp.id == old).values(asked_at=now() - timedelta(hours=25)))
    look_up.look_all(house.world)
    look_up.look_all(house.world)
    assert queue.depth(redis)[queue.LATER] == 1
    look_up.look_up(later)
    with reading(house.engine) as session:
        assert set(session.scalars(select(LookUp.id))) == {later, due}, "what is not due yet waits, whoever asks"


def test_a_redis_that_is_away_loses_nothing(house: House) -> None:
    number = ask(house)
    house.world.__dict__["redis"] = Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0), socket_connect_timeout=0.1)
    look_up.look_all(house.world)
    with reading(house.engine) as session:
        assert session.get(LookUp, number) is not None
