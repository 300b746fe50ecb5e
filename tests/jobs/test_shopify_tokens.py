"""Access tokens that end within the hour: renewed in time, once, and never lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from connectors.errors import ConnectorError, Refused
from connectors.shops.shopify.oauth import Grant
from jobs import queue, shop_api, shopify_tokens
from jobs.shopify_tokens import pair_of
from postventa import alarms, failpoints, leases
from postventa.clock import real_now
from postventa.models.db import reading, transaction
from tests.conftest import TestClock
from tests.jobs.shopify_house import LOLA, OTTO, AppHouse, peer
from tests.peers.shop import BROKEN
from tests.peers.shopify import ShopifyPeer


@pytest.fixture
def lola() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    made = peer()
    with made.open():
        yield made


@pytest.fixture
def app(engine: Engine, clock: TestClock, tmp_path: Path, lola: ShopifyPeer, redis_url: str) -> AppHouse:
    made = AppHouse.build(engine, clock, tmp_path, lola)
    made.world.settings = made.world.settings.model_copy(update={"redis": made.world.settings.redis.model_copy(update={"url": redis_url})})
    made.open()
    return made


def opened(app: AppHouse) -> list[str]:
    with reading(app.engine) as session:
        return [alarm.name for alarm in alarms.open_alarms(session)]


def ask(app: AppHouse, domain: str = LOLA) -> str:
    return str(shop_api.client(app.world, app.shop(domain)).check())


@pytest.mark.parametrize(
    ("grant", "days"), [(Grant("a", 3600.0, (), "r", 7776000.0), 0), (Grant("a", 0.0, (), "r"), 0), (Grant("a", 0.0), 365), (Grant("a", 86400.0), 1)]
)
def test_a_token_without_an_end_is_not_given_one_of_ours(grant: Grant, days: int) -> None:
    assert (pair_of(grant).expires_at - real_now() + timedelta(minutes=1)).days == days


def test_a_fresh_token_is_used_as_it_is(app: AppHouse, lola: ShopifyPeer) -> None:
    assert "Zapatería Lola" in ask(app)
    assert lola.office.grants == ["exchange"]


def test_a_token_that_ends_soon_is_renewed_first(app: AppHouse, lola: ShopifyPeer) -> None:
    before = app.tokens().token()
    app.ends_in(299)
    assert "Zapatería Lola" in ask(app)
    held = app.held()
    assert held is not None
    assert (lola.office.grants, held.generation) == (["exchange", "refresh"], 2)
    assert app.tokens().token() == held.pair.access_token != before


def test_a_token_that_was_revoked_before_its_time_is_replaced_and_the_question_asked_again(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.office.end_access()
    assert "Zapatería Lola" in ask(app)
    assert lola.office.grants == ["exchange", "refresh"]


def test_a_token_that_ended_by_shopifys_clock_only_is_renewed_and_after_ninety_days_nothing_helps(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.office.now = lambda: time.time() + 3700
    assert "Zapatería Lola" in ask(app)
    assert [call.path.rpartition("/")[2] for call in lola.calls] == ["access_token", "graphql.json", "access_token", "graphql.json"]
    lola.office.now = lambda: time.time() + 3700 + 91 * 86400
    with pytest.raises(Refused, match="connected again"):
        ask(app)


@pytest.mark.parametrize("seconds", [200, -5], ids=["ends soon", "is over"])
def test_of_workers_at_the_same_moment_one_renews_and_all_use_what_it_got(app: AppHouse, lola: ShopifyPeer, seconds: float) -> None:
    app.ends_in(seconds)
    old = app.held()
    lola.slowness = 0.3
    found: list[str] = []
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait(90)
        found.append(app.tokens().token())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = app.held()
    assert old is not None
    assert held is not None
    assert lola.office.grants.count("refresh") == 1
    allowed = {held.pair.access_token} | ({old.pair.access_token} if seconds > 0 else set())
    assert set(found) <= allowed, "who did not renew uses the winner's, or the old one while that is good"
    assert held.pair.access_token in found


def test_four_questions_that_are_refused_at_once_lead_to_one_renewal(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.office.end_access()
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(app))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert lola.office.grants.count("refresh") == 1


def test_a_renewal_that_was_answered_and_not_stored_is_made_again(
    app: AppHouse, lola: ShopifyPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.ends_in(-5)
    before = app.held()
    monkeypatch.setattr(failpoints, "_folder", tmp_path)
    (tmp_path / "token.after_answer").write_text("raise", encoding="utf-8")
    with pytest.raises(failpoints.FailpointReached):
        app.tokens().token()
    assert app.held() == before, "nothing of the answer was kept"
    assert "Zapatería Lola" in ask(app)
    assert lola.office.grants == ["exchange", "refresh", "refresh"]


def test_a_renewal_that_nobody_answered_is_made_again(app: AppHouse, lola: ShopifyPeer) -> None:
    app.ends_in(-5)
    lola.trouble = BROKEN
    with pytest.raises(ConnectorError) as caught:
        app.tokens().token()
    assert not caught.value.permanent
    lola.trouble = None
    assert "Zapatería Lola" in ask(app)


def test_a_worker_that_died_while_renewing_holds_nobody_up(app: AppHouse, lola: ShopifyPeer) -> None:
    app.ends_in(-5)
    with transaction(app.engine) as session:
        row = leases.take(session, shopify_tokens.lease_name(LOLA), f"{app.world.owner.rpartition(':')[0]}:1", 3600)
        assert row is not None
    assert "Zapatería Lola" in ask(app)


def test_somebody_elses_renewal_is_waited_for_and_then_the_work_rests(app: AppHouse, lola: ShopifyPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shopify_tokens, "PATIENCE", 0.2)
    app.ends_in(-5)
    with transaction(app.engine) as session:
        assert leases.take(session, shopify_tokens.lease_name(LOLA), app.world.owner, 3600)
    with pytest.raises(ConnectorError, match="is being renewed") as caught:
        app.tokens().token()
    assert (caught.value.permanent, caught.value.retry_after) == (False, 5.0)
    app.ends_in(100)
    assert app.tokens().token(), "a token that is good for a while is used meanwhile"


def test_a_refresh_token_that_is_dead_asks_the_merchant_to_open_the_app(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.uninstall()
    with pytest.raises(Refused, match="open the app once in the shop's admin") as caught:
        ask(app)
    with transaction(app.engine) as session:
        shop_api.failed(session, app.world, app.shop(), caught.value)
    assert opened(app) == ["shop-refuses-us"]
    app.open()
    assert opened(app) == []
    assert "Zapatería Lola" in ask(app)


def test_an_installation_in_the_middle_of_a_renewal_wins(app: AppHouse, lola: ShopifyPeer) -> None:
    app.ends_in(-5)
    stale = app.tokens()
    known = app.held()
    assert known is not None
    with transaction(app.engine) as session:
        session.execute(text("UPDATE shop SET api_refused_at = created_at"))
    app.open()
    assert lola.office.grants == ["exchange", "exchange"]
    assert stale._renew(known) == app.tokens().token(), "who still knew the old pair takes the new one"
    assert lola.office.grants == ["exchange", "exchange"]


def test_a_renewal_and_an_installation_do_not_overtake_each_other(app: AppHouse, lola: ShopifyPeer) -> None:
    app.ends_in(-5)
    with transaction(app.engine) as session:
        session.execute(text("UPDATE shop SET api_refused_at = created_at"))
    lola.slowness = 0.2
    threads = [threading.Thread(target=work) for work in (app.tokens().token, app.open, app.tokens().token, app.open)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lola.slowness = 0
    held = app.held()
    assert held is not None
    assert held.pair.refresh_token == lola.office.pairs[-1].refresh, "the last pair that was given is the one that is kept"
    app.ends_in(-5)
    assert "Zapatería Lola" in ask(app)


def test_tokens_near_their_end_are_renewed_though_nobody_needs_them(app: AppHouse, lola: ShopifyPeer, redis: Redis) -> None:
    shopify_tokens.keep_alive(app.world)
    assert queue.depth(redis)[queue.LATER] == 0
    app.ends_in(3000, refresh_days=29)
    shopify_tokens.keep_alive(app.world)
    assert queue.depth(redis)[queue.LATER] == 1
    queue.worker(redis, queue.LATER).work(burst=True)
    assert lola.office.grants == ["exchange", "refresh"]
    shopify_tokens.keep_alive(app.world)
    assert queue.depth(redis)[queue.LATER] == 0


def test_a_shop_that_cannot_be_asked_to_renew_is_no_error(app: AppHouse, lola: ShopifyPeer, caplog: pytest.LogCaptureFixture) -> None:
    lola.trouble = BROKEN
    shopify_tokens.renew(app.shop().id)
    assert "could not be renewed" in caplog.text


def test_each_shop_has_tokens_of_its_own(app: AppHouse, lola: ShopifyPeer) -> None:
    otto = peer(OTTO)
    with otto.open():
        app.peers[OTTO] = otto
        app.open(OTTO)
        lola.trouble = BROKEN
        with suppress(ConnectorError):
            ask(app, LOLA)
        assert OTTO in ask(app, OTTO)
        used = {call.headers.get("x-shopify-access-token", "") for call in otto.calls if "graphql" in call.path}
        held = app.held(OTTO)
        assert held is not None
        assert used == {held.pair.access_token}


def test_tokens_stand_nowhere_in_the_clear(app: AppHouse, lola: ShopifyPeer, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    app.ends_in(-5)
    ask(app)
    lola.office.end_access()
    ask(app)
    lola.uninstall()
    with pytest.raises(Refused) as caught:
        ask(app)
    secrets = {token for call in lola.calls for token in (call.headers.get("x-shopify-access-token", ""),) if token}
    held = app.held()
    assert held is not None
    assert len(secrets) == 2
    secrets |= {held.pair.refresh_token, app.world.settings.shopify.client_secret}
    with reading(app.engine) as session:
        kept = repr(session.execute(text("SELECT * FROM shop")).all()) + repr(session.execute(text("SELECT * FROM shop_token")).all())
        kept += repr(session.execute(text("SELECT * FROM audit")).all()) + repr(session.execute(text("SELECT * FROM alarm")).all())
    shown = f"{held!r} {app.tokens()!r} {caught.value!r} {caplog.text} {[record.__dict__ for record in caplog.records]!r}"
    for secret in secrets:
        assert secret not in kept
        assert secret not in shown
