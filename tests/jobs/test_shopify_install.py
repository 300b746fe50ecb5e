"""Installing the app, removing it, installing it again: what is kept, what is thrown away, what goes on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from redis import Redis
from sqlalchemy import Engine, func, select, text

from connectors.errors import ConnectorError, NotTrusted, Refused
from connectors.shops.shopify.signed_query import signature
from connectors.signing import Lowered
from jobs import learn_shop, queue, shop_api, shopify_install, world
from postventa import alarms, shops
from postventa.clock import real_now
from postventa.config import ConfigError, Settings, ShopSettings
from postventa.directory import Shops
from postventa.models import AuditEntry, InstallState, Shop
from postventa.models.db import reading, transaction
from postventa.shops import everyone
from tests.conftest import TestClock
from tests.jobs.shopify_house import APP, LOLA, OTTO, SCOPES, SECRET, AppHouse, peer, uninstalled
from tests.peers.shop import BROKEN
from tests.peers.shopify import ShopifyPeer
from tests.peers.shopify_oauth import id_token
from tests.pipeline.stories import DAY, HOUR, NOON, ShopifyOrder
from webhooks.inbox import Raw
from webhooks.noticed import Noticed
from webhooks.reception import Answer, Reception
from webhooks.strangers import Strangers


@pytest.fixture
def lola() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    made = peer()
    with made.open():
        yield made


@pytest.fixture
def app(engine: Engine, clock: TestClock, tmp_path: Path, lola: ShopifyPeer) -> AppHouse:
    clock.set(NOON)
    return AppHouse.build(engine, clock, tmp_path, lola)


def alarmed(app: AppHouse) -> list[str]:
    with reading(app.engine) as session:
        return [alarm.name for alarm in alarms.open_alarms(session)]


def query(**values: str) -> str:
    pairs = sorted({"shop": LOLA, "timestamp": str(int(time.time())), **values}.items())
    return urlencode([*pairs, ("hmac", signature(urlencode(pairs).encode(), SECRET).decode())])


def test_opening_the_app_for_the_first_time_connects_the_shop(app: AppHouse, lola: ShopifyPeer) -> None:
    opened = app.open()
    assert (opened.domain, opened.user, opened.new, opened.missing) == (LOLA, "42", True, ())
    assert opened.address == f"https://{LOLA}/admin/apps/{APP}"
    [shop] = everyone(app.engine, app.world.settings, app.world.secret)
    assert (shop.settings.domain, shop.settings.signing_secrets, shop.settings.webhooks) == (LOLA, [SECRET], "leave")
    assert LOLA in shop_api.client(app.world, shop).check()
    with reading(app.engine) as session:
        [entry] = session.scalars(select(AuditEntry))
        assert (entry.action, entry.actor, entry.subject) == ("app/installed", "shopify:42", LOLA)


def test_opening_it_again_asks_shopify_for_nothing(app: AppHouse, lola: ShopifyPeer) -> None:
    app.open()
    asked = len(lola.calls)
    assert not app.open().new
    assert len(lola.calls) == asked


def test_whoever_proves_nothing_connects_nothing(app: AppHouse, lola: ShopifyPeer) -> None:
    for token in ("", "x.y.z", id_token(LOLA, APP, "shpss_of_somebody_else_000000000000000"), id_token(LOLA, "another", SECRET)):
        with pytest.raises(NotTrusted):
            shopify_install.open_app(app.world, token, app.door())
    assert lola.calls == []
    with reading(app.engine) as session:
        assert session.scalar(select(func.count()).select_from(Shop)) == 0


def test_an_installation_that_shopify_does_not_answer_leaves_nothing_behind(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.trouble = BROKEN
    with pytest.raises(ConnectorError):
        app.open()
    lola.trouble = None
    assert app.open().new


def test_two_tabs_connect_one_shop(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.slowness = 0.2
    found: list[shopify_install.Opened] = []
    door, token = app.door(), id_token(LOLA, APP, SECRET)
    threads = [threading.Thread(target=lambda: found.append(shopify_install.open_app(app.world, token, door))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({opened.shop_id for opened in found}) == 1
    assert sorted(opened.new for opened in found) == [False, False, True]
    with reading(app.engine) as session:
        assert session.scalar(select(func.count()).select_from(Shop)) == 1
    assert lola.office.grants == ["exchange"], "each exchange would end the refresh token of the one before"


def test_a_shop_that_is_at_work_without_the_app_is_not_connected_twice(app: AppHouse, lola: ShopifyPeer) -> None:
    own = ShopSettings(key="k" * 24, platform="shopify", name="Lola", domain=LOLA, access_token="shpat_own", webhook_secrets=["w" * 32])
    with transaction(app.engine) as session:
        shops.add(session, app.world.secret, own)
    with pytest.raises(ConnectorError, match="connected already") as caught:
        shopify_install.open_app(app.world, id_token(LOLA, APP, SECRET), app.door())
    assert caught.value.permanent
    with transaction(app.engine) as session:
        assert session.scalar(select(func.count()).select_from(Shop)) == 1
        session.scalars(select(Shop)).one().disconnected_at = real_now()
    opened = shopify_install.open_app(app.world, id_token(LOLA, APP, SECRET), app.door())
    led = Shops(everyone(app.engine, app.world.settings, app.world.secret)).by_domain(LOLA)
    assert led is not None
    assert (opened.new, led.id) == (True, opened.shop_id)


def test_the_shops_own_words_are_taken_where_nobody_chose_others(app: AppHouse, lola: ShopifyPeer) -> None:
    opened = app.open()
    with transaction(app.engine) as session:
        row = session.get_one(Shop, opened.shop_id)
        row.settings = {**row.settings, "alert_email": "mara@lola.example"}
    world.install(app.world)
    learn_shop.learn_shop(opened.shop_id)
    settings = app.shop().settings
    assert (app.row().name, settings.name, settings.timezone, settings.currency) == ("Zapatería Lola", "Zapatería Lola", "Atlantic/Canary", "EUR")
    assert (settings.alert_email, settings.brand.legal_name) == ("mara@lola.example", "Zapatería Lola, S. L.")
    assert settings.brand.website == "https://zapateria-lola.example"


def test_an_alarm_goes_along_when_the_shop_says_its_name(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.office.scopes = lola.scopes = ("read_orders", "read_returns", "read_customers")
    opened = app.open()
    learn_shop.learn_shop(opened.shop_id)
    assert alarmed(app) == ["app-lacks-scopes"]
    later = (real_now() + timedelta(seconds=1)).isoformat()
    app.deliver("app/scopes_update", {"id": 1, "previous": [], "current": list(SCOPES), "updated_at": later})
    assert alarmed(app) == []


def test_new_shops_are_asked_who_they_are_until_they_said_so(app: AppHouse, lola: ShopifyPeer, redis: Redis, redis_url: str) -> None:
    app.world.settings = app.world.settings.model_copy(update={"redis": app.world.settings.redis.model_copy(update={"url": redis_url})})
    app.open()
    lola.trouble = BROKEN
    for trouble in (BROKEN, None):
        lola.trouble = trouble
        learn_shop.learn_all(app.world)
        assert queue.depth(redis)[queue.LATER] == 1
        queue.worker(redis, queue.LATER).work(burst=True)
    learn_shop.learn_all(app.world)
    assert queue.depth(redis)[queue.LATER] == 0
    assert app.row().name == "Zapatería Lola"


def test_deliveries_of_the_apps_shops_are_known_by_their_domain_and_the_apps_secret(app: AppHouse, lola: ShopifyPeer) -> None:
    app.open()
    directory = Shops(everyone(app.engine, app.world.settings, app.world.secret))
    reception = Reception(10_000, lambda: directory, Strangers(), Noticed(app.engine))
    body = json.dumps(uninstalled()).encode()

    def judged(secret: str, domain: str = LOLA) -> Raw | Answer:
        said = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        headers = {"x-shopify-hmac-sha256": said, "x-shopify-shop-domain": domain, "x-shopify-topic": "app/uninstalled", "x-shopify-webhook-id": "1"}
        return reception.judge("shopify", Lowered(headers), body, "192.0.2.1")

    taken = judged(SECRET)
    assert isinstance(taken, Raw)
    assert (taken.shop_id, taken.topic) == (app.shop().id, "app/uninstalled")
    assert [getattr(judged(*wrong), "status", 0) for wrong in (("another secret",), (SECRET, OTTO))] == [401, 401]


def test_a_scope_that_is_missing_is_said_until_it_is_granted(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.office.scopes = ("read_orders", "write_returns", "read_customers")
    assert app.open().missing == ("read_fulfillments",), "whoever may write may read"
    assert alarmed(app) == ["app-lacks-scopes"]
    later = real_now() + timedelta(seconds=1)
    body = {"id": 1, "shop_id": "gid://shopify/Shop/1", "previous": ["read_orders"], "current": list(SCOPES), "updated_at": later.isoformat()}
    app.deliver("app/scopes_update", body)
    held = app.held()
    assert held is not None
    assert held.pair.scopes == SCOPES
    assert alarmed(app) == []
    app.deliver("app/scopes_update", body | {"id": 2, "current": ["read_orders"], "updated_at": (real_now() - timedelta(days=1)).isoformat()})
    assert alarmed(app) == [], "what was told before the tokens were given is known to them"


def test_after_removal_the_tokens_are_gone_and_follow_ups_wait_until_it_is_installed_again(app: AppHouse, lola: ShopifyPeer) -> None:
    opened = app.open()
    house = app.house
    with transaction(app.engine) as session:
        session.get_one(Shop, opened.shop_id).created_at = NOON - DAY
    order = ShopifyOrder().tell("orders/create").fulfil(901, 11, after=HOUR).scan(901, "delivered", after=DAY)
    for sent in order.sent:
        house.clock.set(max(sent.at, house.clock.now()))
        house.deliver("shopify", sent)
        house.run()
    lola.uninstall()
    app.deliver("app/uninstalled", uninstalled(), {"x-shopify-triggered-at": (real_now() + timedelta(seconds=1)).isoformat()})
    assert app.held() is None
    assert app.shop().disconnected
    assert alarmed(app) == ["app-uninstalled"]
    with pytest.raises(Refused, match="connected again"):
        shop_api.client(app.world, app.shop()).check()
    house.until(NOON + 12 * DAY)
    assert [(e.state, e.reason) for e in house.effects(followup="review_request")] == [("planned", "the shop is disconnected")]
    house.deliver("shopify", order.tell("orders/updated", after=12 * DAY).sent[-1])
    assert app.shop().disconnected, "a late order proves nothing: without tokens the app is not installed"
    again = app.open()
    assert (again.shop_id, again.new) == (opened.shop_id, False)
    assert alarmed(app) == []
    assert LOLA in shop_api.client(app.world, app.shop()).check()
    house.until(NOON + 15 * DAY)
    assert "review_request" in [str(mail["X-Postventa-Followup"]) for mail in house.postman.mails]


def test_a_removal_that_is_told_after_the_new_installation_ends_nothing(app: AppHouse, lola: ShopifyPeer) -> None:
    app.open()
    late = {"X-Shopify-Triggered-At": (real_now() - timedelta(hours=2)).isoformat()}
    app.deliver("app/uninstalled", uninstalled(), late)
    assert not app.shop().disconnected
    assert app.held() is not None
    assert LOLA in shop_api.client(app.world, app.shop()).check()


def test_a_removal_without_a_time_counts_from_its_arrival(app: AppHouse, lola: ShopifyPeer) -> None:
    app.open()
    with transaction(app.engine) as session:
        session.execute(text("UPDATE shop SET created_at = :then"), {"then": "2026-01-01T00:00:00.000000Z"})
    app.deliver("app/uninstalled", uninstalled())
    assert app.shop().disconnected
    assert app.held() is None


def test_one_shops_removal_leaves_the_other_alone(app: AppHouse, lola: ShopifyPeer) -> None:
    otto = peer(OTTO)
    with otto.open():
        app.peers[OTTO] = otto
        app.open()
        app.open(OTTO)
        app.deliver("app/uninstalled", uninstalled(OTTO), {"x-shopify-triggered-at": (real_now() + timedelta(seconds=1)).isoformat()}, OTTO)
        assert (app.shop(LOLA).disconnected, app.held(LOLA) is None) == (False, False)
        assert app.held(OTTO) is None


def test_a_standalone_installation_goes_to_shopify_and_back_once(app: AppHouse, lola: ShopifyPeer) -> None:
    begun = shopify_install.begin(app.world, query())
    parts = urlsplit(begun.url)
    asked = parse_qs(parts.query)
    assert (parts.netloc, asked["redirect_uri"], asked["state"]) == (LOLA, ["https://posventa.example/shopify/installed"], [begun.state])
    assert begun.state not in repr(begun)
    with reading(app.engine) as session:
        assert begun.state not in repr(session.execute(text("SELECT * FROM install_state")).all()), "only its hash is kept"
    lola.office.codes |= {"c0de", "c1de"}
    opened = shopify_install.finish(app.world, query(code="c0de", state=begun.state), begun.state, app.door())
    assert (opened.domain, opened.new, opened.address) == (LOLA, True, f"https://{LOLA}/admin/apps/{APP}")
    with pytest.raises(NotTrusted):
        shopify_install.finish(app.world, query(code="c1de", state=begun.state), begun.state, app.door())
    assert lola.office.grants == ["code"]


def test_a_return_that_is_not_ours_is_refused(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.office.codes.add("c0de")
    begun = shopify_install.begin(app.world, query())
    own = query(code="c0de", state=begun.state)
    for said, carried in (
        (own, "another browser's"), (own, ""), (own, "é"), (query(code="c0de"), begun.state), (query(code="c0de", state=""), ""),
        (own.replace("c0de", "c1de"), begun.state), (query(state=begun.state), begun.state), (query(error="access_denied"), begun.state), ("", ""),
    ):  # fmt: skip
        with pytest.raises(NotTrusted):
            shopify_install.finish(app.world, said, carried, app.door())
    assert lola.calls == []
    assert shopify_install.finish(app.world, own, begun.state, app.door()).new, "the merchant's own return still counts"


def test_a_state_counts_for_the_shop_that_it_was_made_for_and_a_quarter_of_an_hour(app: AppHouse, lola: ShopifyPeer) -> None:
    lola.office.codes.add("c0de")
    other = shopify_install.begin(app.world, query(shop=OTTO))
    with pytest.raises(NotTrusted):
        shopify_install.finish(app.world, query(code="c0de", state=other.state), other.state, app.door())
    late = shopify_install.begin(app.world, query())
    with transaction(app.engine) as session:
        session.query(InstallState).update({"expires_at": real_now() - timedelta(seconds=1)})
    with pytest.raises(NotTrusted):
        shopify_install.finish(app.world, query(code="c0de", state=late.state), late.state, app.door())
    shopify_install.begin(app.world, query())
    with reading(app.engine) as session:
        assert session.scalar(select(func.count()).select_from(InstallState)) == 1, "old ones are thrown away"


def test_an_installation_needs_an_address_to_come_back_to(app: AppHouse) -> None:
    with pytest.raises(NotTrusted):
        shopify_install.begin(app.world, query() + "x")
    server = app.world.settings.server.model_copy(update={"public_url": ""})
    app.world.settings = app.world.settings.model_copy(update={"server": server})
    with pytest.raises(ConfigError, match="public_url"):
        shopify_install.begin(app.world, query())


def test_the_secret_that_is_replaced_signs_until_it_is_gone(app: AppHouse, lola: ShopifyPeer) -> None:
    app.open()
    fresh = app.world.settings.shopify.model_copy(
        update={"client_secret": "shpss_new_0000000000000000000000000000000", "previous_client_secret": SECRET}
    )
    app.world.settings = app.world.settings.model_copy(update={"shopify": fresh})
    assert app.shop().settings.signing_secrets == [fresh.client_secret, SECRET], "every shop of the app, without touching its row"
    assert app.open().domain == LOLA


def test_without_the_app_in_the_configuration_its_shops_answer_no_more(app: AppHouse, lola: ShopifyPeer) -> None:
    app.open()
    bare = Settings.model_validate({**app.world.settings.model_dump(exclude={"shopify"}), "source": app.world.settings.source})
    assert everyone(app.engine, bare, app.world.secret) == []


def test_a_shop_of_the_file_cannot_name_an_app_that_there_is_not() -> None:
    shop = {"key": "0123456789abcdef", "platform": "shopify", "domain": LOLA, "through_app": True}
    with pytest.raises(ValueError, match=r"\[shopify\] has no client_id"):
        Settings.model_validate({"shops": [shop]})
    with pytest.raises(ValueError, match="through_app is for Shopify"):
        Settings.model_validate({"shops": [{**shop, "platform": "woocommerce", "url": "https://a.example"}]})
