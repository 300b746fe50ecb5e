"""Whoever tries order numbers with a known address learns nothing, is slowed down, and disturbs the owner once an hour at most."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from werkzeug.test import TestResponse

from jobs.look_up import look_up
from postventa.clock import now, real_now
from postventa.models import Link, LookUp, Order
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, WooOrder
from tests.scenarios import scenario
from tests.web import scene as town
from tests.web.forms import read
from tests.web.parcels import journey, parcel
from tests.web.shop_names import look_up_page


@pytest.fixture
def scene(engine: Engine, tmp_path: Path, clock: TestClock) -> town.Scene:
    clock.set(town.NOW)
    built = town.build(tmp_path, engine)
    journey(built, parcel())
    return built


def ask(client: FlaskClient, page: str, number: str, email: str = "ana@correo.example", address: str = "203.0.113.9") -> TestResponse:
    """Fill in the form as somebody at that address."""
    form = read(client.get(page))
    typed = {**form.fields, "number": number, "email": email}
    return client.post(form.action, data=typed, environ_base={"REMOTE_ADDR": address})


def waiting(scene: town.Scene) -> int:
    with reading(scene.engine) as session:
        return session.scalar(select(func.count()).select_from(LookUp)) or 0


@scenario("S6", budget=60)
def test_the_answer_is_the_same_whether_there_is_such_an_order_or_not(scene: town.Scene) -> None:
    client, page = scene.app.test_client(use_cookies=False), look_up_page(scene, town.MARAS_KEY)
    seen = set()
    for place, (number, email) in enumerate((("1042", "ana@correo.example"), ("1042", "otra@correo.example"), ("9999", "ana@correo.example"))):
        answer = ask(client, page, number, email, f"198.51.100.{place}")
        headers = {name: value for name, value in answer.headers if name not in ("Date", "Content-Length")}
        seen.add((answer.status_code, answer.data, repr(sorted(headers.items()))))
    assert len(seen) == 1
    assert waiting(scene) == 3, "all are written down alike, and looked for later"


@scenario("S6", budget=60)
def test_one_network_asks_five_times_in_a_quarter_of_an_hour(scene: town.Scene, clock: TestClock) -> None:
    client, page = scene.app.test_client(use_cookies=False), look_up_page(scene, town.MARAS_KEY)
    same = [f"2001:db8:1:2::{host:x}" for host in range(1, 9)]
    assert [ask(client, page, str(number), address=same[number]).status_code for number in range(8)] == [303] * 5 + [429] * 3
    assert ask(client, page, "1042", address="2001:db8:1:3::1").status_code == 303, "another network"
    assert waiting(scene) == 6
    clock.advance(minutes=16)
    assert ask(client, page, "1042", address=same[0]).status_code == 303


@scenario("S6", budget=60)
def test_one_order_is_asked_for_ten_times_an_hour_however_it_is_written_and_from_wherever(scene: town.Scene) -> None:
    client, page = scene.app.test_client(use_cookies=False), look_up_page(scene, town.MARAS_KEY)
    spellings = ("1042", "#1042", " 1042 ", "10 42")
    told = [ask(client, page, spellings[place % 4], address=f"198.51.100.{place}").status_code for place in range(12)]
    assert told == [303] * 10 + [429] * 2
    other = look_up_page(scene, town.OTTOS_KEY)
    assert ask(client, other, "1042", address="198.51.100.99").status_code == 303, "another shop's order has its own count"


@scenario("S6", budget=60)
def test_fifty_at_once_from_one_network_are_five(scene: town.Scene) -> None:
    page, codes = look_up_page(scene, town.MARAS_KEY), []
    form = read(scene.app.test_client().get(page))

    def press(number: int) -> None:
        typed = {**form.fields, "number": str(number), "email": "ana@correo.example"}
        codes.append(scene.app.test_client().post(form.action, data=typed, environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303] * 5 + [429] * 45
    assert waiting(scene) == 5


@scenario("S6", budget=60)
def test_beyond_a_hundred_an_hour_a_shops_look_ups_wait_longer_and_longer(scene: town.Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postventa.web.portal.look_up_limits.BY_SHOP", 3)
    client, page = scene.app.test_client(use_cookies=False), look_up_page(scene, town.MARAS_KEY)
    asked_at = list[datetime]()
    for place in range(6):
        asked_at.append(real_now())
        assert ask(client, page, str(place), address=f"198.51.100.{place}").status_code == 303, "nobody is told"
    with reading(scene.engine) as session:
        rows = session.scalars(select(LookUp).order_by(LookUp.id)).all()
    waits = [int((row.due_at - at).total_seconds() / 30) for row, at in zip(rows, asked_at, strict=True)]
    assert waits == [0, 0, 0, 1, 2, 3]


@scenario("S6", budget=60)
def test_the_time_tells_nothing_as_the_request_does_the_very_same_work(scene: town.Scene) -> None:
    client, page = scene.app.test_client(use_cookies=False), look_up_page(scene, town.MARAS_KEY)
    work: list[str] = []
    event.listen(scene.engine, "before_cursor_execute", lambda _c, _k, statement, *_: work.append(statement))
    ask(client, page, "1042", address="198.51.100.1")
    real = list(work)
    work.clear()
    ask(client, page, "7777", address="198.51.100.2")
    assert work == real
    assert any("look_up" in statement for statement in work)
    assert not any(table in statement for statement in work for table in ("orders", "customer", "effect"))


@scenario("S17", budget=60)
def test_what_no_address_can_mean_is_no_page_and_no_fault(scene: town.Scene) -> None:
    client, page, asked = scene.app.test_client(use_cookies=False), look_up_page(scene, town.MARAS_KEY), 0
    for value in ("%00", "x%00y", "%ED%A0%80", "%FF", "9" * 40, "-1", "a" * 3000, "..%5C..%5Cetc", "%E2%80%AE"):
        for rule in scene.app.url_map.iter_rules():
            if rule.endpoint.startswith("portal.") and not rule.endpoint.endswith("static"):
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    asked += 1
                    path = re.sub("<[a-z]+>", value, rule.rule)
                    assert client.open(path, method=method).status_code in (403, 404), (method, path)
        for name in ("number", "lang", "purpose"):
            assert client.get(f"{page}?{name}={value}").status_code == 200, (name, value)
    assert asked > 50


@pytest.fixture
def house(engine: Engine, redis_url: str, clock: TestClock, tmp_path: Path) -> House:
    clock.set(NOON)
    (tmp_path / "var").mkdir()
    made = House(engine, clock, tmp_path, alba(), redis_url=redis_url)
    old = made.world.settings
    made.world.settings = old.model_copy(update={"server": old.server.model_copy(update={"public_url": "https://posventa.example"})})
    for sent in WooOrder().tell("order.created").sent:
        made.deliver("woocommerce", sent)
    made.run()
    made.postman.mails.clear()
    return made


def asked(house: House, number: str = "4001", email: str = "ana@cliente.example") -> None:
    """Somebody fills in the form, and the job answers."""
    with transaction(house.engine) as session:
        row = LookUp(
            shop_id=house.shops["woocommerce"], purpose="track", number=number, email=email, asked_at=now(), due_at=now() - timedelta(days=1)
        )
        session.add(row)
        session.flush()
        row_id = row.id
    look_up(row_id)
    look_up(row_id)
    house.run()


@scenario("S6", budget=60)
def test_the_owner_is_written_to_once_an_hour_and_only_if_both_belong_together(house: House, clock: TestClock) -> None:
    for number, email in (("4002", "ana@cliente.example"), ("4001", "eva@cliente.example"), ("", "ana@cliente.example")):
        asked(house, number, email)
    assert house.postman.mails == []
    for _ in range(5):
        asked(house, "# 4001")
    (mail,) = house.postman.mails
    assert (mail["To"], mail["X-Postventa-Followup"]) == ("ana@cliente.example", "order_link")
    assert "Ver mi pedido: https://posventa.example/t/" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    clock.advance(minutes=61)
    asked(house)
    assert len(house.postman.mails) == 2
    with reading(house.engine) as session:
        assert session.scalars(select(LookUp)).all() == [], "what was typed in is forgotten"
        assert len(session.scalars(select(Link).where(Link.purpose == "track")).all()) == 2


@scenario("S6", budget=60)
def test_whoever_knows_an_address_and_tries_all_its_orders_has_three_mails_an_hour_sent(house: House, clock: TestClock) -> None:
    numbers = [str(number) for number in range(5001, 5009)]
    with transaction(house.engine) as session:
        known = session.scalars(select(Order)).one()
        for number in numbers:
            own = {"shop_id": known.shop_id, "ref": number, "number": number, "email": known.email, "seen_at": now(), "placed_at": now()}
            session.add(Order(**own, currency="EUR", total=1))
    for number in numbers:
        asked(house, number)
    assert len(house.postman.mails) == 3
    clock.advance(minutes=61)
    asked(house, numbers[-1])
    assert len(house.postman.mails) == 4
