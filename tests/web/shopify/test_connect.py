"""An owner connects a shop by hand: through the app, by an app of the shop's own, by a token of the older kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import Engine, select, text, update

from jobs import connect_shopify, purge, queue, world
from postventa import shops
from postventa.accounts.roles import Role
from postventa.clock import real_now
from postventa.config import Settings
from postventa.connecting import candidates
from postventa.models import AuditEntry, Shop, ShopCandidate
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop
from tests.accounts.visits import Office, form_of
from tests.jobs.shopify_house import APP, LOLA, SCOPES
from tests.peers.shop import BROKEN, Reply
from tests.peers.shopify import ShopifyPeer
from tests.web.shopify.front import Front, front

OWN, OWN_SECRET = "0ff1ce0123456789abcdef0123456789", "shpss_own56789abcdef0123456789abcdef"
CONNECT = "/shopify/connect"
HERS = {"domain": LOLA, "client_id": OWN, "client_secret": OWN_SECRET}


@dataclass
class Desk:
    """Mara, signed in, and a worker that tries keys when it is told to."""

    house: Front
    office: Office
    mara: FlaskClient

    def send(self, path: str, /, **fields: str) -> tuple[int, str, str]:
        """A form that Mara sends: status, where it leads, the text."""
        return self.send_by(self.mara, path, **fields)

    def send_by(self, browser: FlaskClient, path: str, /, **fields: str) -> tuple[int, str, str]:
        """A form that somebody sends."""
        answer = browser.post(path, data={**form_of(browser, CONNECT), "domain": "", **fields})
        return answer.status_code, answer.headers.get("Location", ""), unescape(answer.get_data(as_text=True))

    def try_keys(self) -> None:
        """What the worker does with those that wait."""
        with reading(self.house.engine) as session:
            waiting = candidates.waiting(session)
        for number in waiting:
            connect_shopify.try_keys(number, self.house.door())

    def typed(self, **fields: str) -> str:
        """Keys are typed in and tried; the page's path."""
        status, page, said = self.send(f"{CONNECT}/own", **{**HERS, **fields})
        assert status == 303, said
        self.try_keys()
        return page

    def see(self, path: str) -> str:
        return unescape(self.mara.get(path).get_data(as_text=True))

    def shop(self) -> ConnectedShop:
        with reading(self.house.engine) as session:
            row = session.scalars(select(Shop).order_by(Shop.id.desc())).first()
            assert row is not None
            return shops.find(session, row.id, self.house.settings, self.office.secret)

    def kept(self) -> str:
        """All that the database holds of keys."""
        with reading(self.house.engine) as session:
            return "".join(repr(session.execute(text(f"SELECT * FROM {name}")).all()) for name in ("shop", "shop_candidate", "audit"))


@pytest.fixture
def own() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    made = ShopifyPeer(domain=LOLA, tokens={"shpat_0123456789abcdef0123456789abcdef"}, apps={OWN: OWN_SECRET}, scopes=SCOPES)
    with made.open():
        yield made


@pytest.fixture
def desk(engine: Engine, tmp_path: Path, own: ShopifyPeer) -> Iterator[Desk]:
    with front(engine, tmp_path, own, public_url="") as house:
        office = Office(house.app)
        yield Desk(house, office, office.sit_down(office.employ()))


def test_three_ways_are_shown_in_the_order_in_which_to_try_them(desk: Desk) -> None:
    page = desk.see(CONNECT)
    places = [page.index(title) for title in ("1. Con la app", "2. Con una app tuya", "3. Con una app antigua")]
    assert places == sorted(places)
    assert all(scope in page for scope in SCOPES)
    assert f'href="{CONNECT}"' in desk.see("/shops/connect"), "where a platform is chosen leads here"


def test_the_way_through_the_app_leads_to_shopifys_own_page_and_shows_whose(desk: Desk) -> None:
    status, _, said = desk.send(f"{CONNECT}/app", domain=f" https://{LOLA.upper()}/admin ")
    assert status == 200
    assert f'href="https://{LOLA}/admin/oauth/install?client_id={APP}"' in said
    assert f"Abrir {LOLA}" in said


def test_without_an_app_that_way_is_shut_and_says_why(sqlite_engine: Engine, tmp_path: Path) -> None:
    with front(sqlite_engine, tmp_path, public_url="", client_id="", client_secret="") as house:
        office = Office(house.app)
        desk = Desk(house, office, office.sit_down(office.employ()))
        assert "Este servicio aún no tiene app propia" in desk.see(CONNECT)
        assert desk.send(f"{CONNECT}/app", domain=LOLA)[0] == 422


def test_keys_that_work_connect_the_shop_as_it_describes_itself(desk: Desk, own: ShopifyPeer) -> None:
    status, page, _ = desk.send(f"{CONNECT}/own", **HERS)
    assert (status, page.startswith(f"{CONNECT}/")) == (303, True)
    waiting = desk.mara.get(page)
    assert (waiting.headers["Refresh"], "Comprobando" in waiting.get_data(as_text=True)) == ("2", True)
    assert own.calls == [], "a page asks nobody"
    assert desk.house.shops() == []
    desk.try_keys()
    said = desk.see(page)
    assert "Zapatería Lola está conectada" in said
    assert "Refresh" not in desk.mara.get(page).headers
    settings = desk.shop().settings
    assert (settings.domain, settings.client_id, settings.client_secret, settings.signing_secrets) == (LOLA, OWN, OWN_SECRET, [OWN_SECRET])
    assert (settings.name, settings.timezone, settings.webhooks, settings.through_app) == ("Zapatería Lola", "Atlantic/Canary", "keep", False)
    with reading(desk.house.engine) as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "shop.add"))
        assert (entry.actor, entry.subject, entry.shop_id) == ("account:1", LOLA, desk.shop().id)
        assert session.scalars(select(ShopCandidate)).one().secrets is None
    assert OWN_SECRET not in desk.kept()
    assert "Zapatería Lola" in desk.see(CONNECT)


def test_an_app_of_the_older_kind_is_connected_by_its_token(desk: Desk, own: ShopifyPeer) -> None:
    page = desk.typed(client_id="", access_token="shpat_0123456789abcdef0123456789abcdef", client_secret="shpss_old")
    assert "está conectada" in desk.see(page)
    settings = desk.shop().settings
    assert (settings.access_token, settings.client_id, settings.signing_secrets) == ("shpat_0123456789abcdef0123456789abcdef", "", ["shpss_old"])
    assert own.office.grants == [], "its token was used, and no other asked for"


@pytest.mark.parametrize(
    ("trouble", "fields", "words"),
    [
        (None, {"client_secret": "shpss_wrong"}, "Shopify no acepta estas claves"),
        (None, {"client_id": "", "access_token": "shpat_wrong"}, "Shopify no acepta estas claves"),
        (Reply(400, {"error": "shop_not_permitted"}), {}, "no es de la misma organización"),
        (Reply(404, {"errors": "Not Found"}), {}, f"Shopify no conoce {LOLA}"),
        (BROKEN, {}, "Shopify no contesta ahora"),
    ],
)
def test_what_is_wrong_stands_in_one_sentence_and_may_be_tried_again(
    desk: Desk, own: ShopifyPeer, trouble: Reply | None, fields: dict[str, str], words: str
) -> None:
    own.trouble = trouble
    page = desk.typed(**fields)
    said = desk.see(page)
    assert words in said
    assert "Todavía no está conectada" in said
    assert "Conectar aunque falten permisos" not in said
    assert desk.send(f"{page}/finish")[0] == 422
    assert desk.house.shops() == []
    own.trouble = None
    assert desk.send(f"{page}/again")[0] == 303
    desk.try_keys()
    assert ("está conectada" in desk.see(page).replace("Todavía no está conectada", "")) is (not fields)


def test_missing_scopes_are_named_and_the_owner_decides(desk: Desk, own: ShopifyPeer) -> None:
    own.scopes = ("read_orders", "read_fulfillments")
    page = desk.typed()
    said = desk.see(page)
    assert "A la app le faltan permisos: read_customers, read_returns." in said
    assert desk.house.shops() == []
    assert desk.send(f"{page}/finish")[:2] == (303, page)
    assert "está conectada" in desk.see(page)
    assert desk.shop().settings.client_id == OWN
    assert desk.send(f"{page}/finish")[0] == 422, "once"


def test_scopes_that_were_added_meanwhile_are_seen_at_the_next_look(desk: Desk, own: ShopifyPeer) -> None:
    own.scopes = ("read_returns",)
    page = desk.typed()
    assert "Conectar aunque falten permisos" not in desk.see(page), "without orders there is nothing to follow up"
    own.scopes = SCOPES
    desk.send(f"{page}/again")
    desk.try_keys()
    assert "está conectada" in desk.see(page)
    assert own.office.grants == ["client_credentials"] * 2, "an old token might not know"


def test_a_shop_whose_app_was_removed_comes_back_with_new_keys_and_its_settings(desk: Desk, own: ShopifyPeer) -> None:
    desk.typed()
    before = desk.shop()
    own.apps.clear()
    own.apps["ne3w"] = "shpss_new"
    with transaction(desk.house.engine) as session:
        row = session.get_one(Shop, before.id)
        row.disconnected_at, row.settings = real_now(), {**row.settings, "off": ["shipped"]}
    assert "Para volver, instala tu app en la tienda y escribe aquí sus claves." in desk.see(CONNECT)
    desk.typed(client_id="ne3w", client_secret="shpss_new")
    after = desk.shop()
    assert (after.id, after.disconnected, after.settings.off, after.settings.client_id) == (before.id, False, ["shipped"], "ne3w")
    assert after.settings.signing_secrets == ["shpss_new", OWN_SECRET], "what the old app signed is still on its way"
    assert [action for _, action in desk.house.said()][-1] == "shop.keys"


def test_a_shop_that_has_the_app_is_not_connected_twice(desk: Desk, own: ShopifyPeer) -> None:
    with transaction(desk.house.engine) as session:
        shops.add(session, desk.office.secret, shops.of_app_at_first(LOLA, "a" * 32))
    page = desk.typed()
    assert "ya está conectada con la app de este servicio" in desk.see(page)
    assert len(desk.house.shops()) == 1
    with transaction(desk.house.engine) as session:
        session.execute(update(Shop).values(disconnected_at=real_now()))
    assert "instala la app otra vez: tus ajustes siguen aquí" in desk.see(CONNECT)
    desk.typed()
    assert len(desk.house.shops()) == 2


@pytest.mark.parametrize("domain", ["", "lola", "zapateria-lola.es", f"{LOLA}.evil.example", f"evil.example/{LOLA}", f"x@{LOLA}", "..myshopify.com"])
def test_what_is_no_domain_of_shopify_is_asked_for_again_and_nothing_is_kept(desk: Desk, domain: str) -> None:
    for path in ("app", "own"):
        status, _, said = desk.send(f"{CONNECT}/{path}", **{**HERS, "domain": domain})
        assert (status, "Eso no es el dominio de una tienda de Shopify" in said) == (422, True)
        assert "oauth/install" not in said
        assert OWN_SECRET not in said
    with reading(desk.house.engine) as session:
        assert session.scalars(select(ShopCandidate)).all() == []


@pytest.mark.parametrize("fields", [{"client_id": ""}, {"client_secret": ""}, {"access_token": "shpat_x"}])
def test_a_form_that_lacks_a_key_or_mixes_two_ways_is_asked_for_again(desk: Desk, fields: dict[str, str]) -> None:
    status, _, said = desk.send(f"{CONNECT}/own", **{**HERS, **fields})
    assert (status, "rellena los tres campos" in said) == (422, True)


def test_nobody_else_sees_what_came_of_it_or_decides(desk: Desk, own: ShopifyPeer) -> None:
    own.scopes = ("read_orders",)
    page = desk.typed()
    jon = desk.office.sit_down(desk.office.employ(Role.OWNER, "jon@zapateriamara.example", "Jon"))
    assert jon.get(page).status_code == 404
    for path in (f"{page}/again", f"{page}/finish"):
        assert desk.send_by(jon, path)[0] == 404
    assert desk.house.shops() == []


def test_keys_that_nobody_came_back_for_are_thrown_away(desk: Desk, own: ShopifyPeer) -> None:
    own.scopes = ("read_orders",)
    page = desk.typed()
    with transaction(desk.house.engine) as session:
        session.execute(update(ShopCandidate).values(expires_at=real_now()))
    assert "Esta comprobación ya no existe" in desk.see(page)
    assert desk.send(f"{page}/finish")[0] == 422
    purge.forget_approvals(world.current())
    with reading(desk.house.engine) as session:
        assert [(row.step, row.secrets) for row in session.scalars(select(ShopCandidate))] == [("ended", None)]
    with transaction(desk.house.engine) as session:
        session.execute(update(ShopCandidate).values(expires_at=real_now() - timedelta(days=2)))
    purge.forget_approvals(world.current())
    assert desk.mara.get(page).status_code == 404


def test_what_redis_lost_is_found_by_the_clock_and_a_dead_workers_try_too(desk: Desk, own: ShopifyPeer, redis: Redis, redis_url: str) -> None:
    desk.send(f"{CONNECT}/own", **HERS)  # its Redis is away
    here = world.World(Settings.model_validate({**desk.house.settings.model_dump(), "redis": {"url": redis_url}}))
    connect_shopify.try_all(here)
    assert queue._queue(redis, queue.NOW).job_ids == ["try_keys-1"]
    with transaction(desk.house.engine) as session:
        row = candidates.take(session, 1)
        assert row is not None
        assert candidates.take(session, 1) is None, "one at a time"
        assert candidates.waiting(session) == []
        row.asked_at = real_now() - candidates.LOST
    with reading(desk.house.engine) as session:
        assert candidates.waiting(session) == [1]
    here.engine.dispose()
    here.redis.close()


def test_an_answer_that_comes_too_late_changes_nothing(desk: Desk, own: ShopifyPeer) -> None:
    desk.send(f"{CONNECT}/own", **HERS)
    with transaction(desk.house.engine) as session:
        row = candidates.take(session, 1)
        assert row is not None
        asked = row.asked_at
        assert asked is not None
        row.asked_at = real_now() + timedelta(seconds=1)
    with transaction(desk.house.engine) as session:
        assert candidates.tell(session, 1, asked, [], None) is None
