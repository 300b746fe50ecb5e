"""The app inside of the admin: who may frame it, how it finds a proof, and what it says of a shop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine

from connectors.shops.shopify.subscriptions import missing
from jobs import shopify_install
from postventa import shops
from postventa.clock import real_now
from postventa.config import ShopSettings
from postventa.models import Inbound, Shop
from postventa.models.db import transaction
from postventa.web.shopify import headers, limits
from postventa.web.shopify.limits import BURST, RATE, Limits
from tests.jobs.shopify_house import APP, LOLA, OTTO, SCOPES, SECRET, peer
from tests.peers.shop import BROKEN, Reply
from tests.peers.shopify import ShopifyPeer
from tests.peers.shopify_oauth import id_token
from tests.web.shopify.front import HOST, SITE, Front, front, opened

BOTH = f"frame-ancestors https://{LOLA} https://admin.shopify.com"
OLD = 600


def frames(policy: str) -> str:
    return next(part.strip() for part in policy.split(";") if "frame-ancestors" in part)


def test_the_page_opens_in_its_shops_admin_and_holds_nothing_of_the_shop(house: Front) -> None:
    answer = house.get(opened())
    text, policy = answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert frames(policy) == BOTH
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert f'<meta name="shopify-api-key" content="{APP}">' in text
    assert text.index(headers.APP_BRIDGE) < text.index("app.js"), "Shopify wants its script first"
    assert text.count("<script") == 2
    assert SECRET not in text
    assert LOLA not in text
    assert "Activa JavaScript para ver esta página" in text
    assert house.shops() == [], "looking at it connects nothing"


def test_a_page_that_is_loaded_again_is_known_by_a_new_session_token(house: Front) -> None:
    late = opened(time.time() - OLD)
    fresh = id_token(LOLA, APP, SECRET)
    old = parse_qs(urlsplit(late).query)["id_token"][0]
    answer = house.get(late.replace(old, fresh))
    assert (answer.status_code, frames(answer.headers["Content-Security-Policy"])) == (200, BOTH)


def test_without_a_proof_app_bridge_gets_a_new_token_and_comes_back_once(house: Front) -> None:
    answer = house.get(opened(time.time() - OLD))
    assert answer.status_code == 303
    way = urlsplit(answer.headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(way.query).items()}
    assert (way.netloc, way.path, asked["shop"], asked["host"]) == ("", "/shopify/app/again", LOLA, HOST)
    home = urlsplit(asked["shopify-reload"])
    assert (f"{home.scheme}://{home.netloc}", home.path) == (SITE, "/shopify/app")
    assert not {"id_token", "hmac", "session"} & {*asked, *parse_qs(home.query)}, "proofs do not wander on"
    page = house.get(answer.headers["Location"])
    assert page.status_code == 200
    assert frames(page.headers["Content-Security-Policy"]) == "frame-ancestors https://admin.shopify.com"
    assert headers.APP_BRIDGE in page.get_data(as_text=True)
    back = f"{home.path}?{home.query}"
    assert house.get(f"{back}&id_token={id_token(LOLA, APP, SECRET)}").status_code == 200
    lost = house.get(f"{back}&id_token=nonsense")
    assert lost.status_code == 403, "and not for ever"
    assert "Abrir mi panel de Shopify" in lost.get_data(as_text=True)


def test_opening_it_for_the_first_time_connects_the_shop_and_says_so(house: Front) -> None:
    answer = house.open()
    told = answer.get_json()
    assert (answer.status_code, told["state"], told["title"], told["notices"]) == (200, "connected", "Tu tienda está conectada", [])
    assert [(shop.domain, shop.settings["through_app"]) for shop in house.shops()] == [(LOLA, True)]
    assert house.said() == [("shopify:42", "app/installed")]
    assert told["facts"][0]["lines"] == ["Aún no ha llegado ninguno. Haz un pedido de prueba y vuelve a mirar."]
    assert [mail["name"] for mail in told["mails"]["list"]][:2] == ["Confirmación de envío", "En reparto"]
    assert told["mails"]["left"] == ["«Confirmación de pedido» no se puede apagar en Shopify, así que ese no lo enviamos nosotros."]
    assert told["service"]["href"] == f"{SITE}/account/sign-in"
    assert "Set-Cookie" not in answer.headers


def test_it_speaks_the_language_of_the_admin(house: Front) -> None:
    assert house.open(locale="de").get_json()["title"] == "Dein Shop ist verbunden"
    assert house.open(locale="pt-PT").get_json()["title"] == "A sua loja está ligada"
    assert house.open(locale="xx").get_json()["title"] == "Tu tienda está conectada"


def test_deliveries_pauses_and_mails_that_are_off_are_told(house: Front) -> None:
    house.open()
    with transaction(house.engine) as session:
        row = session.query(Shop).one()
        row.hold, row.found_by_poll, row.settings = True, 3, {**row.settings, "off": ["shipped"]}
        when = real_now() - timedelta(minutes=5)
        moments = {"received_at": when, "stored_at": when, "not_before": when}
        session.add(Inbound(shop_id=row.id, platform="shopify", topic="orders/create", dedupe="1", body=b"{}", **moments))
    told = house.open().get_json()
    assert [notice["title"] for notice in told["notices"]] == ["Los correos están en pausa"]
    assert told["facts"][0]["lines"] == [
        "Llegan bien. El último: hace 5 minutos.",
        "Pedidos que la tienda no contó y encontramos preguntando: 3.",
    ]
    assert "Confirmación de envío" not in [mail["name"] for mail in told["mails"]["list"]]


def test_a_scope_that_is_missing_is_asked_for_and_the_page_notices_when_it_is_granted(house: Front, lola: ShopifyPeer) -> None:
    lola.office.scopes = ("read_orders", "read_customers")
    told = house.open().get_json()
    (notice,) = told["notices"]
    assert ", ".join(missing(lola.office.scopes)) in notice["text"]
    assert notice["button"] == {"label": "Dar permiso en Shopify", "href": f"https://{LOLA}/admin/oauth/install?client_id={APP}"}
    lola.office.scopes = SCOPES
    told = house.open().get_json()
    assert (told["title"], told["notices"]) == ("Tu tienda está conectada", [])
    asked = len(lola.calls)
    house.open()
    assert len(lola.calls) == asked, "then Shopify is left in peace"


def test_what_it_lacks_is_still_told_while_shopify_is_away(house: Front, lola: ShopifyPeer) -> None:
    lola.office.scopes = ("read_orders",)
    house.open()
    lola.trouble = BROKEN
    answer = house.open()
    assert (answer.status_code, [notice["title"] for notice in answer.get_json()["notices"]]) == (200, ["Falta un permiso"])


def test_a_shop_that_is_at_work_with_its_own_app_is_told_to_remove_one(house: Front, lola: ShopifyPeer) -> None:
    own = ShopSettings(key="k" * 24, platform="shopify", name="Lola", domain=LOLA, access_token="shpat_own", webhook_secrets=["w" * 32])
    with transaction(house.engine) as session:
        shops.add(session, house.app.extensions["postventa"].secret, own)
    answer = house.open()
    assert (answer.status_code, answer.get_json()["title"]) == (409, "Esta tienda ya está conectada de otra manera")


@pytest.mark.parametrize(
    ("trouble", "status", "title"),
    [
        (BROKEN, 503, "Shopify no contesta ahora"),
        (Reply(400, {"error": "invalid_subject_token"}), 502, "Shopify no nos deja entrar en tu tienda"),
    ],
)
def test_shopifys_own_trouble_is_told_and_may_be_tried_again(house: Front, lola: ShopifyPeer, trouble: Reply, status: int, title: str) -> None:
    lola.trouble = trouble
    answer = house.open()
    assert (answer.status_code, answer.get_json()["title"], answer.get_json()["again"]) == (status, title, "Probar otra vez")
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert house.shops() == []
    lola.trouble = None
    assert house.open().status_code == 200


def test_a_removed_app_that_is_installed_again_goes_on_with_its_settings(house: Front, lola: ShopifyPeer) -> None:
    house.open()
    lola.uninstall()
    with transaction(house.engine) as session:
        row = session.query(Shop).one()
        row.disconnected_at, row.settings = real_now(), {**row.settings, "name": "Mi zapatería"}
    told = house.open().get_json()
    assert (told["state"], told["shop"]) == ("connected", "Mi zapatería")
    (row,) = house.shops()
    assert row.disconnected_at is None


def test_an_expired_token_is_answered_so_that_app_bridge_brings_another_one(house: Front) -> None:
    answer = house.open(id_token(LOLA, APP, SECRET, time.time() - OLD))
    assert (answer.status_code, answer.headers["X-Shopify-Retry-Invalid-Session-Request"]) == (401, "1")


@pytest.mark.timeout(60)
def test_while_shopify_hangs_for_some_shops_pages_have_threads_left(house: Front) -> None:
    for _ in range(shopify_install.AT_ONCE):
        assert shopify_install._turns.acquire(timeout=1)
    try:
        answer = house.open()
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    finally:
        for _ in range(shopify_install.AT_ONCE):
            shopify_install._turns.release()
    assert house.open().status_code == 200


def test_strangers_that_ask_without_end_are_slowed_down_and_the_shop_is_not(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE", 0.0)  # on a slow machine the bucket would fill as fast as it is emptied
    statuses = {house.open("nonsense").status_code for _ in range(int(BURST) + 5)}
    assert statuses == {401, 429}
    assert house.get("/shopify/app?shop=x").status_code == 429
    assert house.open().status_code == 200
    assert house.get(opened()).status_code == 200


def test_one_shop_that_asks_without_end_does_not_slow_down_another(house: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE", 0.0)  # as above
    assert {house.open().status_code for _ in range(int(BURST) + 2)} == {200, 429}
    with peer(OTTO).open() as otto:
        house.lead_to(otto)
        assert house.open(id_token(OTTO, APP, SECRET)).status_code == 200


def test_a_bucket_fills_again_and_names_are_forgotten() -> None:
    now = [0.0]
    buckets = Limits(lambda: now[0])
    assert [buckets.pass_on("a") for _ in range(int(BURST) + 1)] == [True] * int(BURST) + [False]
    now[0] += 1 / RATE
    assert [buckets.pass_on("a"), buckets.pass_on("a"), buckets.pass_on("b")] == [True, False, True]


@pytest.fixture
def without(sqlite_engine: Engine, tmp_path: Path) -> Iterator[Front]:
    with front(sqlite_engine, tmp_path, client_id="", client_secret="") as made:
        yield made


def test_an_installation_without_an_app_says_so(without: Front) -> None:
    for path in (opened(), "/shopify/app/again", "/shopify/install", "/shopify/installed"):
        answer = without.get(path)
        assert (answer.status_code, "Aquí no hay ninguna app de Shopify" in answer.get_data(as_text=True)) == (404, True), path
    assert without.open().status_code == 404
