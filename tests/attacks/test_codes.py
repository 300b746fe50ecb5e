"""Whoever has somebody's link and guesses codes has five tries of each, however many browsers and networks they are."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from jobs import codes as asking
from postventa import track_links
from postventa.clock import now
from postventa.models import OneTimeCode, Order
from postventa.models.db import reading, transaction
from postventa.step_up import Purpose
from tests.conftest import TestClock
from tests.peers.woocommerce import WooCommercePeer
from tests.returns.scene import shop_of
from tests.scenarios import scenario
from tests.web.forms import read
from tests.web.returns import counter as town
from tests.web.returns import gate
from tests.web.returns.counter import Counter


@pytest.fixture
def counter(engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[Counter]:
    """On both databases: the race is theirs to judge."""
    yield from built(engine, clock, tmp_path)


@pytest.fixture
def quick(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[Counter]:
    yield from built(sqlite_engine, clock, tmp_path)


def built(engine: Engine, clock: TestClock, folder: Path) -> Iterator[Counter]:
    peer = WooCommercePeer()
    with peer.open():
        made = town.counter(engine, clock, folder, peer, town.ALL_WAYS)
        yield made
        made.close()


def fifty(press: Callable[[str], int]) -> Tally[int]:
    """What fifty requests at once were answered, from ten networks."""
    with ThreadPoolExecutor(10) as pool:
        return Tally(pool.map(press, [f"198.51.100.{place % 10}" for place in range(50)]))


def rows(counter: Counter) -> list[OneTimeCode]:
    with reading(counter.house.engine) as session:
        return list(session.scalars(select(OneTimeCode).order_by(OneTimeCode.id)))


@scenario("S7", budget=120)
def test_fifty_guesses_from_ten_networks_are_five_and_the_code_is_burnt(counter: Counter) -> None:
    browser, page = counter.browser(), gate.address(counter)
    form = read(gate.send(browser, page))
    right = gate.code(counter)

    def guess(network: str, code: str = gate.wrong(right)) -> int:
        return counter.browser().post(form.action, data={**form.fields, "code": code}, environ_base={"REMOTE_ADDR": network}).status_code

    assert fifty(guess) == {422: 50}
    (row,) = rows(counter)
    assert (row.tries, row.used_at) == (5, None)
    answer = browser.post(form.action, data={**form.fields, "code": right})
    assert (answer.status_code, "se ha escrito mal cinco veces" in answer.text, "Set-Cookie" in answer.headers) == (422, True, False)
    assert rows(counter)[0].tries == 5
    assert "tiene que pasar un minuto" in gate.send(browser, page).text


@scenario("S7", budget=120)
def test_of_fifty_equal_requests_with_the_right_code_one_gets_through(counter: Counter) -> None:
    form = read(gate.send(counter.browser(), gate.address(counter)))
    right = gate.code(counter)

    def enter(network: str) -> int:
        answer = counter.browser().post(form.action, data={**form.fields, "code": right}, environ_base={"REMOTE_ADDR": network})
        assert ("Set-Cookie" in answer.headers) is (answer.status_code == 303)
        return answer.status_code

    assert fifty(enter) == {303: 1, 422: 49}
    assert [(row.tries, row.used_at is not None) for row in rows(counter)] == [(1, True)]


@scenario("S7", budget=120)
def test_fifty_wishes_at_once_are_one_mail(counter: Counter) -> None:
    form = read(counter.browser().get(gate.address(counter)))

    def press(network: str) -> int:
        return counter.browser().post(form.action, data={"seal": form.fields["seal"]}, environ_base={"REMOTE_ADDR": network}).status_code

    assert fifty(press) == {303: 50}
    assert (gate.codes(counter), len(rows(counter))) == (1, 1)


@scenario("S7", budget=60)
def test_new_codes_give_few_new_tries(quick: Counter, clock: TestClock) -> None:
    """Five an hour and ten a day for an order; then nobody is told anything but to wait, and nothing is mailed."""
    page, told = gate.address(quick), []
    clock.set((now() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0))
    for hour in range(3):
        for minute in range(7):
            clock.set(clock.now().replace(hour=hour, minute=2 * minute + 1))
            answer = gate.send(quick.browser(), page, network=f"203.0.113.{minute}")
            told.append(answer.status_code)
            assert "Vamos a esperar un poco" in answer.text or answer.status_code == 200
    assert told == [*[200] * 5, *[429] * 2, *[200] * 5, *[429] * 9]
    assert len(rows(quick)) == 10


@scenario("S7", budget=60)
def test_one_network_asks_twenty_times_in_a_quarter_of_an_hour(quick: Counter) -> None:
    form = read(quick.browser().get(gate.address(quick)))
    told = {"seal": form.fields["seal"]}
    here, there = ({"REMOTE_ADDR": f"2001:db8:1:{net}::7"} for net in (2, 3))
    assert [quick.browser().post(form.action, data=told, environ_base=here).status_code for _ in range(23)] == [303] * 20 + [429] * 3
    assert quick.browser().post(form.action, data=told, environ_base=there).status_code == 303


@scenario("S7", budget=60)
def test_a_code_ends_after_ten_minutes_of_the_products_clock(quick: Counter, clock: TestClock) -> None:
    browser = quick.browser()
    page = gate.send(browser, gate.address(quick))
    right = gate.code(quick)
    clock.advance(minutes=10)
    late = gate.enter(browser, page, right)
    assert (late.status_code, "han pasado más de diez minutos" in late.text, rows(quick)[0].tries) == (422, True, 0)
    page = gate.send(browser, gate.address(quick))
    right = gate.code(quick)
    clock.advance(seconds=599)
    assert gate.enter(browser, page, right, follow=False).status_code == 303


@scenario("S7", budget=60)
def test_a_mail_that_comes_too_late_brings_no_code(quick: Counter, clock: TestClock) -> None:
    gate.send(quick.browser(), gate.address(quick))
    clock.advance(minutes=11)
    assert gate.codes(quick) == 0
    assert [str(effect.state) for effect in quick.house.effects(followup="code")] == ["suppressed"]


@scenario("S7", budget=60)
def test_neither_code_nor_proof_of_one_order_opens_another(quick: Counter) -> None:
    ana, browser = gate.address(quick), quick.browser(cookies=True)
    other = gate.address(quick, link=f"/r/{_another(quick)}")
    gate.send(browser, ana)
    right = gate.code(quick)
    theirs = gate.send(quick.browser(), other)
    assert gate.code(quick) != right
    assert gate.enter(browser, theirs, right).status_code == 422
    gate.enter(browser, browser.get(ana), right)
    assert "Ya está: eres tú" in browser.get(ana).text
    assert "Ya está: eres tú" not in browser.get(other).text
    assert "Ya está: eres tú" not in browser.get(gate.address(quick, Purpose.PAYMENT)).text


def _another(counter: Counter) -> str:
    """The token of another order of the same customer."""
    with transaction(counter.house.engine) as session:
        shop, ana = shop_of(counter.house, session), session.scalars(select(Order)).one()
        told = {"shop_id": ana.shop_id, "ref": "4002", "number": "4002", "email": ana.email, "currency": "EUR", "total": 1, "placed_at": now()}
        made = Order(**told, seen_at=now())
        session.add(made)
        session.flush()
        return track_links.token(counter.house.world.secret, shop.key, made.ref, made.id, track_links.RETURN)


@scenario("S7", budget=60)
def test_where_nothing_can_be_counted_nobody_gets_in(quick: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, page = quick.browser(), gate.address(quick)

    def away(*_: object) -> int:
        raise OperationalError("the database is away", None, Exception())

    with monkeypatch.context() as broken:
        broken.setattr(asking, "counted", away)
        assert gate.send(browser, page).status_code == 503
    assert (gate.codes(quick), rows(quick)) == (0, [])
    open_ = gate.send(browser, page)
    right = gate.code(quick)
    with monkeypatch.context() as broken:
        broken.setattr("postventa.step_up.store._count", away)
        answer = gate.enter(browser, open_, right)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (503, False)
