"""Installing the app from outside of the admin: to Shopify and back, once, in one browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from postventa import shops
from postventa.config import ShopSettings
from postventa.models.db import transaction
from postventa.web.shopify.install import COOKIE
from tests.jobs.shopify_house import APP, LOLA
from tests.peers.shop import BROKEN
from tests.peers.shopify import ShopifyPeer
from tests.web.shopify.front import SITE, Front, front, signed


@pytest.fixture
def plain(sqlite_engine: Engine, tmp_path: Path, lola: ShopifyPeer) -> Iterator[Front]:
    with front(sqlite_engine, tmp_path, lola, public_url="http://posventa.example") as made:
        yield made


def begin(house: Front, browser: FlaskClient) -> str:
    """Set out; the state that Shopify is to bring back."""
    answer = house.get(f"/shopify/install?{signed()}", browser)
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def words(answer: object) -> str:
    return str(answer.get_data(as_text=True))  # type: ignore[attr-defined]


def test_a_merchant_goes_to_shopify_and_comes_back_into_the_app(house: Front, lola: ShopifyPeer) -> None:
    browser = house.browser()
    answer = house.get(f"/shopify/install?{signed()}", browser)
    way = urlsplit(answer.headers["Location"])
    asked = parse_qs(way.query)
    assert (answer.status_code, way.scheme, way.netloc, way.path) == (303, "https", LOLA, "/admin/oauth/authorize")
    assert (asked["client_id"], asked["redirect_uri"]) == ([APP], [f"{SITE}/shopify/installed"])
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}={asked['state'][0]};")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=900"):
        assert part in cookie
    assert "Domain" not in cookie
    assert answer.headers["X-Frame-Options"] == "DENY"
    lola.office.codes |= {"c0de"}
    back = house.get(f"/shopify/installed?{signed(code='c0de', state=asked['state'][0])}", browser)
    assert (back.status_code, back.headers["Location"]) == (303, f"https://{LOLA}/admin/apps/{APP}")
    assert browser.get_cookie(COOKIE, "posventa.example") is None
    assert [shop.domain for shop in house.shops()] == [LOLA]
    assert house.said() == [("shopify:installation", "app/installed")]


def test_whoever_says_no_has_installed_nothing_and_may_come_again(house: Front, lola: ShopifyPeer) -> None:
    browser = house.browser()
    begin(house, browser)
    answer = house.get(f"/shopify/installed?{signed(error='access_denied')}", browser)
    assert (answer.status_code, "No has dado permiso" in words(answer), house.shops()) == (403, True, [])


def test_an_old_link_says_what_to_do(house: Front) -> None:
    for path in ("/shopify/install", f"/shopify/install?{signed(time.time() - 600)}", "/shopify/installed", f"/shopify/installed?{signed()}"):
        answer = house.get(path)
        assert (answer.status_code, "Este enlace de instalación ha caducado" in words(answer)) == (403, True), path


def test_when_shopify_is_away_the_merchant_hears_that_nothing_is_lost(house: Front, lola: ShopifyPeer) -> None:
    browser = house.browser()
    state = begin(house, browser)
    lola.trouble = BROKEN
    answer = house.get(f"/shopify/installed?{signed(code='c0de', state=state)}", browser)
    assert (answer.status_code, "No se ha perdido nada" in words(answer)) == (503, True)


def test_a_code_that_shopify_does_not_take_is_told(house: Front, lola: ShopifyPeer) -> None:
    browser = house.browser()
    state = begin(house, browser)
    answer = house.get(f"/shopify/installed?{signed(code='another', state=state)}", browser)
    assert (answer.status_code, "Shopify no nos deja entrar" in words(answer)) == (502, True)


def test_a_shop_that_is_at_work_with_its_own_app_is_told_to_remove_one(house: Front, lola: ShopifyPeer) -> None:
    own = ShopSettings(key="k" * 24, platform="shopify", name="Lola", domain=LOLA, access_token="shpat_own", webhook_secrets=["w" * 32])
    with transaction(house.engine) as session:
        shops.add(session, house.app.extensions["postventa"].secret, own)
    browser = house.browser()
    lola.office.codes |= {"c0de"}
    answer = house.get(f"/shopify/installed?{signed(code='c0de', state=begin(house, browser))}", browser)
    assert (answer.status_code, "ya está conectada de otra manera" in words(answer)) == (409, True)


def test_without_a_public_https_address_nobody_is_sent_away(plain: Front) -> None:
    answer = plain.get(f"/shopify/install?{signed()}")
    assert (answer.status_code, "A este servicio le falta su dirección" in words(answer)) == (503, True)
    assert "Set-Cookie" not in answer.headers
