"""By another name: a shop's own host and its storefront show that shop's customer pages and nothing else, whatever a request says of itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask, request
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from postventa import shops
from postventa.app import create_app
from postventa.clock import real_now
from postventa.config import Settings, ShopSettings
from postventa.models import Shop
from postventa.models.db import transaction
from postventa.web.portal.addresses import public_name
from postventa.web.portal.hosts import CUSTOMERS
from tests.attacks.tenants import Tenant, everything, mara, otto
from tests.attacks.test_tenants import told
from tests.scenarios import scenario

SITE, HERS, HIS = "posventa.example", "ayuda.ceramica-alba.example", "hilfe.ottos-lampen.example"
PREFIX = "/apps/postventa"


@pytest.fixture
def town(sqlite_engine: Engine, tmp_path: Path) -> Iterator[tuple[Flask, Tenant, Tenant]]:
    hers, his = mara(), otto()
    both = [{**hers.config, "pages_host": HERS}, {**his.config, "pages_host": HIS}]
    basics = {"source": tmp_path / "config.toml", "database": {"url": str(sqlite_engine.url)}, "server": {"public_url": f"https://{SITE}"}}
    app = create_app(Settings.model_validate({**basics, "shops": both}))
    hers.settle(app, "Ana", "ana@cliente.example", "Cuenco", "pequeño", b"%PDF-alba")
    his.settle(app, "Geheimrat Otilie", "otilie@kunde.example", "Nachttischlampe", "Lampenfieber", b"%PDF-otto")
    yield app, hers, his
    app.extensions["postventa"].engine.dispose()


def ask(app: Flask, host: str, path: str, method: str = "GET", **headers: str) -> TestResponse:
    return app.test_client(use_cookies=False).open(path, method=method, base_url=f"https://{SITE}", headers={"Host": host, **headers})


def through_shopify(app: Flask, tenant: Tenant, path: str, secret: str = "", ago: float = 0, method: str = "GET", **more: str) -> TestResponse:
    """What a visitor of the shop's storefront asks for, as Shopify passes it on."""
    moment = int(real_now().timestamp() - ago)
    pairs = {"shop": tenant.domain, "logged_in_customer_id": "", "path_prefix": PREFIX, "timestamp": str(moment), **more}
    message = "".join(sorted(f"{name}={value}" for name, value in pairs.items()))
    signature = hmac.new((secret or tenant.secret).encode(), message.encode(), hashlib.sha256).hexdigest()
    return ask(app, SITE, f"/proxy/shopify{path}?{urlencode({**pairs, 'signature': signature})}", method, Cookie="__Host-postventa=stolen")


def test_customers_see_their_shop_under_its_own_name_under_ours_and_in_the_storefront(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, _ = town
    page = f"/unsubscribe/{hers.tokens['unsubscribe']}"
    for answer in (ask(app, HERS, page), ask(app, f"{HERS.upper()}.:443", page), ask(app, SITE, page), through_shopify(app, hers, page)):
        assert answer.status_code == 200
        assert "Cerámica Alba" in answer.text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert f'action="{page}"' in ask(app, HERS, page).text
    inside = through_shopify(app, hers, page).text
    assert f'action="{PREFIX}{page}"' in inside, "every link leads on within the storefront"
    assert f'href="{PREFIX}/assets/portal/portal.css' in inside
    with through_shopify(app, hers, "/assets/portal/portal.css") as sheet:
        assert sheet.status_code == 200


@scenario("S9", budget=60)
def test_a_shops_name_opens_no_link_of_another_shop(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, his = town
    before = everything(app.extensions["postventa"].engine)
    tokens, photo, name = his.tokens, f"random{his.order}", his.public_name
    pages = [f"/review/{tokens['review']}", f"/unsubscribe/{tokens['unsubscribe']}", f"/photo/{photo}.jpg", f"/label/{tokens['label']}.pdf"]
    pages += [f"/t/{tokens['track']}", f"/r/{tokens['return']}", f"/track/{name}", f"/withdraw/{name}"]
    for page in pages:
        assert ask(app, HIS, page).status_code in (200, 410), page
        for method in ("GET", "POST"):
            for answer in (ask(app, HERS, page, method), through_shopify(app, hers, page, method=method)):
                assert answer.status_code in (404, 405)
                assert told(answer.text) == []
    answer = app.test_client().post(pages[1], base_url=f"https://{HERS}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 404
    assert everything(app.extensions["postventa"].engine) == before


@scenario("S17", budget=60)
def test_everything_but_customer_pages_is_nowhere_under_a_shops_name(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, _ = town
    nothing = ask(app, HERS, "/never-there").text
    assert "Cerámica Alba" in nothing, "her customers are told kindly"
    asked = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(tuple(f"{name}." for name in CUSTOMERS)) or rule.rule == "/":  # there her own pages are listed
            continue
        path = rule.build(dict.fromkeys(rule.arguments, "1") | dict(rule.defaults or {}), append_unknown=False)
        assert path is not None
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            for answer in (ask(app, HERS, path[1], method), through_shopify(app, hers, path[1], method=method)):
                assert answer.status_code == 404, (method, path)
                assert method == "HEAD" or answer.text == nothing.replace('="/', f'="{PREFIX}/') or answer.text == nothing, (method, path)
                asked += 1
    assert asked > 100


@scenario("S4", budget=30)
def test_a_name_that_nobody_gave_us_shows_no_customer_page_and_is_repeated_nowhere(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, _ = town
    page = f"/unsubscribe/{hers.tokens['unsubscribe']}"
    strange = [
        "evil.example", f"{HERS}.evil.example", f"evil.example/{HERS}", f"{HERS}@evil.example", f"evil.example#{HERS}", f"{HERS}:443:443",
        f"{HERS}:x",
        f"{HERS} evil.example", f'{HERS}"><script>', f"{HERS}\tevil.example", "", "xn--ayuda-evil.example", f"{SITE}.evil.example",
    ]  # fmt: skip
    for host in strange:
        answer = ask(app, host, page, **{"X-Forwarded-Host": HERS, "Forwarded": f"host={HERS}"})
        assert answer.status_code in (400, 404), host
        seen = f"{answer.headers}{answer.text}"
        assert "evil" not in seen, host
        assert "<script" not in seen, host
        assert "Cerámica" not in seen, host
    assert ask(app, SITE, "/account/sign-in").status_code == 200
    for inside in ("postventa:8000", "10.0.0.5:8000", "[::1]:8000"):
        assert ask(app, inside, page).status_code == 200, "so a proxy may call us that does not pass the name on"


@scenario("S1", budget=60)
def test_what_shopify_did_not_sign_opens_no_storefront(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, his = town
    page = f"/unsubscribe/{hers.tokens['unsubscribe']}"
    stranger = Tenant("", "nobody.myshopify.com", "", hers.secret, "", "", "")
    forged = {
        "another shop's secret": through_shopify(app, hers, page, secret=his.secret),
        "a shop that we do not know": through_shopify(app, stranger, page),
        "no shop of Shopify": through_shopify(app, hers, page, shop="evil.example"),
        "a place outside of the storefront": through_shopify(app, hers, page, path_prefix="//evil.example"),
        "nothing signed": ask(app, SITE, f"/proxy/shopify{page}?shop={hers.domain}&path_prefix={PREFIX}"),
        "no query": ask(app, SITE, f"/proxy/shopify{page}"),
    }
    for why, answer in forged.items():
        assert (answer.status_code, answer.data) == (404, b""), why
    with_customer = through_shopify(app, hers, "/never-there", logged_in_customer_id="777")
    assert with_customer.status_code == 404
    assert "777" not in with_customer.text


@scenario("S3", budget=30)
def test_a_request_of_a_storefront_is_good_for_minutes(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, _ = town
    page = f"/unsubscribe/{hers.tokens['unsubscribe']}"
    assert through_shopify(app, hers, page, ago=60).status_code == 200
    for ago in (3600, -3600, 180 * 86400):
        assert through_shopify(app, hers, page, ago=ago).status_code == 404


def test_a_form_is_sent_within_the_storefront_and_limits_count_its_visitors(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, _ = town
    page = f"/unsubscribe/{hers.tokens['unsubscribe']}"
    seal = through_shopify(app, hers, page).text.partition('name="seal" value="')[2].partition('"')[0]
    seen: list[str | None] = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(_sender()))
    moment = {"shop": hers.domain, "logged_in_customer_id": "", "path_prefix": PREFIX, "timestamp": str(int(real_now().timestamp()))}
    message = "".join(sorted(f"{name}={value}" for name, value in moment.items()))
    query = urlencode({**moment, "signature": hmac.new(hers.secret.encode(), message.encode(), hashlib.sha256).hexdigest()})
    headers = {"Origin": "https://www.ceramica-alba.example", "X-Forwarded-For": "198.51.100.7", "Sec-Fetch-Site": "same-origin"}
    client = app.test_client(use_cookies=False)
    sent = client.post(f"/proxy/shopify{page}?{query}", base_url=f"https://{SITE}", headers=headers, data={"seal": seal, "do": "stop"})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{PREFIX}{page}")
    assert seen == ["198.51.100.7"]
    forged = client.post(f"/proxy/shopify{page}?{query}", base_url=f"https://{SITE}", headers=headers, data={"seal": "0" * 64, "do": "undo"})
    assert forged.status_code == 403


def test_a_shop_that_was_connected_in_the_browser_has_its_own_name_too(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, _ = town
    service = app.extensions["postventa"]
    own = {"key": "lumen-0123456789abcdef", "platform": "woocommerce", "name": "Lumen", "url": "https://lumen.example", "webhook_secrets": ["x"]}
    with transaction(service.engine) as session:
        shops.add(session, service.secret, ShopSettings.model_validate({**own, "pages_host": "Ayuda.Lumen.example."}))
    answer = ask(app, "ayuda.lumen.example", "/never-there")
    assert (answer.status_code, "Lumen" in answer.text) == (404, True)
    assert ask(app, "ayuda.lumen.example", f"/unsubscribe/{hers.tokens['unsubscribe']}").status_code == 404


def test_the_bare_name_leads_to_the_pages_that_there_are(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, _ = town
    for page in ("track", "withdraw"):
        if not any(rule.rule.startswith(f"/{page}/<") for rule in app.url_map.iter_rules()):
            app.add_url_rule(f"/{page}/<shop>", f"later_{page}", lambda shop: shop)
    shop = Shop(id=hers.ids["shop"], name=hers.name)
    with app.test_request_context(base_url=f"https://{SITE}"):
        name = public_name(shop)
    page = ask(app, HERS, "/").text
    assert f'href="/track/{name}"' in page
    assert f'href="{PREFIX}/withdraw/{name}">Desistir del contrato aquí' in through_shopify(app, hers, "/").text
    assert hers.key not in page
    assert "Cerámica Alba" not in ask(app, SITE, "/").text


def _sender() -> str | None:
    return request.remote_addr
