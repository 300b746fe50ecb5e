"""The pages for Shopify: forged, expired and foreign session tokens, states that are used twice, framing, redirects and leaks."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from connectors.shops.shopify.signed_query import signature
from postventa.web.shopify.install import COOKIE
from tests.attacks.tenants import everything
from tests.conftest import on_sqlite
from tests.jobs.shopify_house import APP, LOLA, OTTO, SECRET, peer
from tests.peers.shopify import ShopifyPeer
from tests.peers.shopify_oauth import id_token, segment
from tests.scenarios import scenario
from tests.web.shopify.front import HOST, SITE, Front, front, opened, signed

EVIL = "evil.example"
FOREIGN = "shpss_of_somebody_else_000000000000000"


@pytest.fixture
def lola() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    made = peer()
    with made.open():
        yield made


@pytest.fixture
def house(engine: Engine, tmp_path: Path, lola: ShopifyPeer) -> Iterator[Front]:
    with front(engine, tmp_path, lola) as made:
        yield made


def unsigned(**changes: Any) -> str:
    head, body, _ = id_token(LOLA, APP, SECRET, **changes).split(".")
    return f"{head}.{body}."


TOKENS = {
    "forged": id_token(LOLA, APP, FOREIGN),
    "another app's": id_token(LOLA, "0ther0app", SECRET),
    "of no algorithm": f"{segment({'alg': 'none', 'typ': 'JWT'})}.{id_token(LOLA, APP, SECRET).split('.')[1]}.",
    "without a signature": unsigned(),
    "of no shop of Shopify": id_token(EVIL, APP, SECRET),
    "of two shops": id_token(LOLA, APP, SECRET, iss=f"https://{OTTO}/admin"),
    "of a shop that looks like one": id_token(f"{LOLA}.{EVIL}", APP, SECRET),
    "without an end": id_token(LOLA, APP, SECRET, exp=None),
    "for ever": id_token(LOLA, APP, SECRET, exp=2**40),
    "nothing": "",
    "long": "a" * 10_000,
}


def over() -> str:
    return id_token(LOLA, APP, SECRET, time.time() - 300)


@scenario("S17", budget=30)
@on_sqlite
def test_no_false_session_token_opens_or_connects_anything(house: Front, lola: ShopifyPeer) -> None:
    before = everything(house.engine)
    for kind, token in {**TOKENS, "expired": over()}.items():
        answer = house.browser().post("/shopify/app/session", base_url=SITE, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.get_json()["state"]) == (401, "trouble"), kind
        page = house.get(f"/shopify/app?{urlencode({'shop': LOLA, 'host': HOST, 'id_token': token})}")
        assert page.status_code == 303, kind
        assert LOLA not in page.headers["Content-Security-Policy"], kind
    assert everything(house.engine) == before
    assert lola.calls == []


@scenario("S17", budget=30)
@on_sqlite
def test_a_token_in_another_place_than_the_header_counts_for_nothing(house: Front) -> None:
    token = id_token(LOLA, APP, SECRET)
    browser = house.browser()
    browser.set_cookie("id_token", token, domain="posventa.example")
    for path in (f"/shopify/app/session?id_token={token}", f"/shopify/app/session?token={token}"):
        assert browser.post(path, base_url=SITE, data={"id_token": token}).status_code == 401
    assert browser.get("/shopify/app/session", base_url=SITE, headers={"Authorization": f"Bearer {token}"}).status_code == 405
    assert house.shops() == []


@scenario("S17", budget=30)
@on_sqlite
def test_a_shops_token_opens_that_shop_whatever_else_is_named(house: Front) -> None:
    house.open()
    (lola,) = house.shops()
    headers = {"Authorization": f"Bearer {id_token(LOLA, APP, SECRET)}"}
    told = house.browser().post(f"/shopify/app/session?shop={OTTO}", base_url=SITE, headers=headers, json={"shop": OTTO, "shop_id": 7})
    assert told.get_json()["shop"] == lola.name
    page = house.get(f"/shopify/app?{urlencode({'shop': OTTO, 'host': HOST, 'id_token': id_token(LOLA, APP, SECRET)})}")
    assert f"https://{LOLA} " in page.headers["Content-Security-Policy"]
    assert OTTO not in page.headers["Content-Security-Policy"]


@scenario("S18", budget=30)
@on_sqlite
def test_only_a_shop_that_proves_itself_may_frame_the_page(house: Front) -> None:
    pages = {
        opened(secret=FOREIGN): "https://admin.shopify.com",
        opened().replace(LOLA, OTTO): f"https://{LOLA} https://admin.shopify.com",  # whose token it is
        f"{opened()}&shop={OTTO}": f"https://{LOLA} https://admin.shopify.com",
        f"/shopify/app?shop={OTTO}&host={HOST}": "'none'",
        "/shopify/app?shop=https://evil.example;script-src%20*&host=x": "https://admin.shopify.com",
        f"/shopify/app/again?shop={OTTO}&host={HOST}": "'none'",
        f"/shopify/install?{signed()}": "'none'",
        "/shopify/install": "'none'",
        "/shopify/installed": "'none'",
        "/assets/shopify/app.js": "'none'",
    }
    for path, allowed in pages.items():
        with house.get(path) as answer:
            found = answer.headers["Content-Security-Policy"]
        said = next(part.strip() for part in found.split(";") if "frame-ancestors" in part)
        assert said in (f"frame-ancestors {allowed}", "frame-ancestors 'none'"), path
        assert "evil" not in found
        assert OTTO not in found


@scenario("S18", budget=30)
@on_sqlite
def test_no_page_of_another_site_gets_an_answer_of_the_session(house: Front) -> None:
    for method in ("OPTIONS", "POST"):
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
        answer = house.browser().open("/shopify/app/session", method=method, base_url=SITE, headers=headers)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-Allow")]


def set_out(house: Front, browser: FlaskClient) -> str:
    answer = house.get(f"/shopify/install?{signed()}", browser)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def come_back(house: Front, browser: FlaskClient, state: str, code: str = "c0de", **values: str) -> TestResponse:
    return house.get(f"/shopify/installed?{signed(code=code, state=state, **values)}", browser)


@scenario("S19", budget=30)
def test_a_state_counts_once_and_only_in_the_browser_that_set_out(house: Front, lola: ShopifyPeer) -> None:
    lola.office.codes |= {"c0de", "c1de", "c2de"}
    mara, thief = house.browser(), house.browser()
    state = set_out(house, mara)
    assert come_back(house, thief, state).status_code == 403, "another browser has not the cookie"
    stolen = set_out(house, thief)
    assert come_back(house, mara, stolen).status_code == 403, "nor does a stranger's state go with hers"
    assert lola.office.grants == []
    state = set_out(house, mara)
    assert come_back(house, mara, state).status_code == 303
    mara.set_cookie(COOKIE, state, domain="posventa.example", secure=True)
    assert come_back(house, mara, state, "c1de").status_code == 403, "used up"
    state = set_out(house, mara)
    assert come_back(house, mara, state, "c2de", shop=OTTO).status_code == 403, "for another shop"
    assert lola.office.grants == ["code"]


@scenario("S19", budget=30)
def test_many_who_bring_one_state_at_once_install_once(house: Front, lola: ShopifyPeer) -> None:
    lola.office.codes |= {"c0de"}
    state = set_out(house, house.browser())
    statuses: list[int] = []

    def act() -> None:
        browser = house.browser()
        browser.set_cookie(COOKIE, state, domain="posventa.example", secure=True)
        statuses.append(come_back(house, browser, state).status_code)

    threads = [threading.Thread(target=act) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert sorted(statuses) == [303, 403, 403, 403, 403, 403]


PLACES = ("evil.example/store/x", "admin.shopify.com@evil.example", "evil.example?admin.shopify.com")
HOSTS = [base64.b64encode(to.encode()).decode() for to in PLACES]
NAMES = (f"{LOLA}.evil.example", "evil.example", "//evil.example", "x.myshopify.com@evil.example", "evil.example/x.myshopify.com")


@scenario("S17", budget=60)
@on_sqlite
def test_no_parameter_leads_a_browser_to_another_place(house: Front) -> None:
    """Not even a signed one: `host` is Shopify's to read, and never becomes an address of ours."""
    asked = [opened(host=host) for host in HOSTS]
    asked += [f"/shopify/install?{signed(host=host, redirect_uri='https://evil.example')}" for host in HOSTS]
    for shop in NAMES:
        proof = {"shop": shop, "timestamp": str(int(time.time()))}
        right = signature("&".join(f"{name}={quote(value, safe='*-._')}" for name, value in sorted(proof.items())).encode(), SECRET).decode()
        for path in ("app", "app/again", "install", "installed"):
            asked += [f"/shopify/{path}?{urlencode({**proof, 'host': HOST})}", f"/shopify/{path}?{urlencode({**proof, 'hmac': right})}"]
    elsewhere = (
        "https://evil.example/",
        f"{SITE}.evil.example/shopify/app",
        f"{SITE}@evil.example",
        f"{SITE}/account/sign-in",
        "javascript:alert(1)",
    )
    for reload in elsewhere:
        asked.append(f"/shopify/app/again?{urlencode({'shop': LOLA, 'host': HOST, 'shopify-reload': reload})}")
    for path in asked:
        answer = house.get(path)
        location, text = answer.headers.get("Location", ""), answer.get_data(as_text=True)
        assert "evil" not in urlsplit(location).netloc, path
        assert urlsplit(location).netloc in ("", LOLA), path
        assert "evil" not in parse_qs(urlsplit(location).query).get("shopify-reload", [""])[0], path
        if "app/again" in path:
            assert answer.status_code in (303, 403), f"App Bridge would bring a token there: {path}"
        assert "evil.example" not in text.replace(quote(path), ""), path


@scenario("S23", budget=30)
@on_sqlite
def test_no_token_state_or_signature_stands_in_a_log_or_wanders_on(house: Front, lola: ShopifyPeer, caplog: pytest.LogCaptureFixture) -> None:
    lola.office.codes |= {"c0de-of-lola"}
    token, path, browser = id_token(LOLA, APP, SECRET), opened(time.time() - 600), house.browser()
    seen: list[TestResponse] = []
    with caplog.at_level("DEBUG"):
        state = set_out(house, browser)
        seen += [house.get(path), house.open(token), house.open(over()), come_back(house, browser, state, "c0de-of-lola"), house.get(opened())]
        lola.uninstall()
        seen.append(house.open(token))
    logged = "\n".join(record.getMessage() + str(record.__dict__) for record in caplog.records)
    signed_with = parse_qs(urlsplit(path).query)
    given = [pair.access for pair in lola.office.pairs] + [pair.refresh for pair in lola.office.pairs if pair.refresh]
    secrets = [token, state, "c0de-of-lola", SECRET, signed_with["hmac"][0], signed_with["id_token"][0], "shpat_access_1", "shprt_refresh_1", *given]
    for secret in secrets:
        assert secret not in logged
        for answer in seen:
            assert secret not in answer.get_data(as_text=True)
            assert secret not in answer.headers.get("Location", "")
    assert {answer.headers["Referrer-Policy"] for answer in seen} == {"no-referrer"}
    assert {answer.headers["Cache-Control"] for answer in seen} == {"no-store"}
