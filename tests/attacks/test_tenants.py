"""Every address of the service, with the keys of one shop and the ids of another: nothing is shown, and nothing changes.

The addresses come from the application itself. One that is new fails here until it says what another shop's ids would be in it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from jobs import tell_merchant
from postventa import alarms
from postventa.app import create_app
from postventa.config import Settings
from postventa.links import fingerprint
from postventa.models import Shop
from postventa.models.db import transaction
from tests.attacks.tenants import OTTOS, Tenant, everything, mara, otto
from tests.scenarios import scenario

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEEDING = ("api", "webhooks", "ops", "connecting", "shopify")
"""Blueprints that look at a key, a signature or a token in the headers; pages go by their address and a cookie."""
REFUSED = {401, 403, 404, 405}
ORDER = json.dumps({"id": 1, "name": "#1"}).encode()


@pytest.fixture
def town(engine: Engine, redis_url: str, tmp_path: Path) -> Iterator[tuple[Flask, Tenant, Tenant]]:
    """The whole application, with both shops in it."""
    hers, his = mara(), otto()
    url = engine.url.render_as_string(hide_password=False)
    basics = {"source": tmp_path / "config.toml", "database": {"url": url}, "redis": {"url": redis_url}}
    settings = Settings.model_validate({**basics, "shops": [hers.config, his.config]})
    app = create_app(settings)
    hers.settle(app, "Ana", "ana@cliente.example", "Cuenco", "pequeño", b"%PDF-alba")
    his.settle(app, "Geheimrat Otilie", "otilie@kunde.example", "Nachttischlampe", "Lampenfieber", b"%PDF-otto")
    yield app, hers, his
    for thread in [thread for thread in threading.enumerate() if thread.name == "noticed"]:
        thread.join(90)
    app.extensions["postventa"].engine.dispose()


def names(his: Tenant) -> list[str]:
    """What an attacker may know or guess of Otto's rows."""
    numbers = {str(number) for number in his.ids.values()}
    return [his.order, his.number, f"ref-{his.order}", f"TN{his.order}", *sorted(numbers)]


def tokens(hers: Tenant, his: Tenant, own: str) -> list[str]:
    """Everything that is no token for this page: Otto's names, hashes from a stolen database, Mara's keys and her other tokens."""
    hashes = [fingerprint(token) for token in his.tokens.values()]
    mine = [token for purpose, token in hers.tokens.items() if purpose != own]
    return [*names(his), *hashes, *mine, hers.api_key, hers.key, his.key]


def guessed(hers: Tenant, his: Tenant) -> list[str]:
    """Public names that somebody makes up from one that they know."""
    number, proof = his.ids["shop"], hers.public_name[-5:]
    return [f"ottos-lampen-{number}", f"ottos-lampen-{number}{proof}", f"{number}aaaaa", hers.public_name[:-1] + "-"]


def of_his(hers: Tenant, his: Tenant, rest: str) -> list[str]:
    """His returns by the link of an order of hers."""
    return [f"/r/{hers.tokens['return']}/{name}{rest}" for name in names(his)]


Paths = Callable[[Tenant, Tenant], list[str]]
CLOSED: dict[str, Paths] = {
    "webhooks.by_key": lambda hers, his: (
        [f"/webhooks/{p}/{his.key}" for p in ("shopify", "woocommerce")] + [f"/webhooks/{p}/{hers.key}" for p in ("woocommerce", "shopify")]
    ),
    "webhooks.shopify_app": lambda hers, his: ["/webhooks/shopify"],
    "portal.review": lambda hers, his: [f"/review/{token}" for token in tokens(hers, his, "review")],
    "portal.send_review": lambda hers, his: [f"/review/{token}" for token in tokens(hers, his, "review")],
    "portal.unsubscribe": lambda hers, his: [f"/unsubscribe/{token}" for token in tokens(hers, his, "unsubscribe")],
    "portal.do_unsubscribe": lambda hers, his: [f"/unsubscribe/{token}" for token in tokens(hers, his, "unsubscribe")],
    "portal.label": lambda hers, his: [f"/label/{token}.pdf" for token in tokens(hers, his, "label")],
    "portal.track": lambda hers, his: [f"/t/{token}" for token in tokens(hers, his, "track")],
    "portal.code": lambda hers, his: [f"/code/data/{one.tokens['return']}?back=returns.home&mark={his.key}" for one in (hers, his)],
    "portal.send_code": lambda hers, his: [f"/code/data/{one.tokens['return']}" for one in (hers, his)],
    "portal.look_up": lambda hers, his: [f"/track/{name}" for name in (his.key, his.tokens["track"], *guessed(hers, his))],
    "portal.ask_look_up": lambda hers, his: [f"/track/{name}" for name in guessed(hers, his)],
    "returns.entry": lambda hers, his: [f"/returns/{name}" for name in (his.key, his.tokens["track"], *guessed(hers, his))],
    "returns.home": lambda hers, his: [f"/r/{token}" for token in tokens(hers, his, "return")],
    "returns.choose": lambda hers, his: [f"/r/{token}/new" for token in tokens(hers, his, "return")],
    "returns.confirm": lambda hers, his: [f"/r/{token}/new" for token in tokens(hers, his, "return")],
    "returns.case": lambda hers, his: [*of_his(hers, his, ""), *(f"/r/{token}/{his.number}" for token in tokens(hers, his, "return"))],
    "returns.change": lambda hers, his: [*of_his(hers, his, ""), *(f"/r/{token}/{his.number}" for token in tokens(hers, his, "return"))],
    "returns.label": lambda hers, his: of_his(hers, his, "/label.pdf"),
    "returns.code": lambda hers, his: of_his(hers, his, "/code.png"),
    "returns.other": lambda hers, his: [f"/r/{token}/other" for token in tokens(hers, his, "return")],
    "returns.reother": lambda hers, his: of_his(hers, his, "/other"),
    "returns.rechoose": lambda hers, his: of_his(hers, his, "/change"),
    "returns.reconfirm": lambda hers, his: of_his(hers, his, "/change"),
    "returns.sent": lambda hers, his: of_his(hers, his, "/sent"),
    "returns.hand_in": lambda hers, his: of_his(hers, his, "/sent"),
    "returns.pickup": lambda hers, his: of_his(hers, his, "/pickup"),
    "returns.move": lambda hers, his: of_his(hers, his, "/pickup"),
    "portal.photo": lambda hers, his: [f"/photo/{name}.jpg" for name in names(his)],
    "api.show": lambda hers, his: [f"/api/v1/returns/{name}" for name in names(his)],
    "api.label": lambda hers, his: [f"/api/v1/returns/{name}/label.pdf" for name in names(his)],
    "api.cancel": lambda hers, his: [f"/api/v1/returns/{name}" for name in names(his)],
    "mailbox.index": lambda hers, his: ["/mailbox/"],
    "mailbox.show": lambda hers, his: [f"/mailbox/{name}" for name in names(his)],
    "mailbox.html": lambda hers, his: [f"/mailbox/{name}/html" for name in names(his)],
    "mailbox.attachment": lambda hers, his: [f"/mailbox/{name}/files/1" for name in names(his)],
    "ops.metrics": lambda hers, his: ["/metrics"],
    "shops.index": lambda hers, his: ["/shops"],
    "shops.choose": lambda hers, his: ["/shops/connect"],
    "shops.address": lambda hers, his: ["/shops/connect/woocommerce"],
    "shops.look_at": lambda hers, his: ["/shops/connect/woocommerce"],
    "shops.back": lambda hers, his: ["/shops/connect/back"],
    "shops.visit": lambda hers, his: [f"/shops/connect/{token}" for token in tokens(hers, his, "")],
    "shops.look_again": lambda hers, his: [f"/shops/connect/{token}/again" for token in tokens(hers, his, "")],
    "shops.paste": lambda hers, his: [f"/shops/connect/{token}/keys" for token in tokens(hers, his, "")],
    "shops.approve": lambda hers, his: [f"/shops/connect/{token}/approve" for token in tokens(hers, his, "")],
    "shops.shop": lambda hers, his: [f"/shops/{name}" for name in names(his)],
    "shops.ready": lambda hers, his: [f"/shops/{name}/ready" for name in names(his)],
    "shops.look": lambda hers, his: [f"/shops/{name}/look" for name in names(his)],
    "shops.new_keys": lambda hers, his: [f"/shops/{name}/keys" for name in names(his)],
    "shops.hold": lambda hers, his: [f"/shops/{name}/hold" for name in names(his)],
    "shops.release": lambda hers, his: [f"/shops/{name}/release" for name in names(his)],
    "shops.name_pages": lambda hers, his: [f"/shops/{name}/pages" for name in names(his)],
    "shops.plugin": lambda hers, his: [f"/shops/{name}/plugin" for name in names(his)],
    "shops.statuses": lambda hers, his: [f"/shops/{name}/statuses" for name in names(his)],
    "shops.explain": lambda hers, his: [f"/shops/{name}/statuses" for name in names(his)],
    "shops.delivery": lambda hers, his: [f"/shops/{name}/delivery" for name in names(his)],
    "shops.promise": lambda hers, his: [f"/shops/{name}/delivery" for name in names(his)],
    "shops.leave": lambda hers, his: [f"/shops/{name}/leave" for name in names(his)],
    "shops.do_leave": lambda hers, his: [f"/shops/{name}/leave" for name in names(his)],
    "orders.index": lambda hers, his: ["/orders"],
    "orders.order": lambda hers, his: [f"/orders/{name}" for name in names(his)],
    "orders.label": lambda hers, his: [f"/orders/{name}/labels/1" for name in names(his)],
    "orders.refund": lambda hers, his: [f"/orders/{name}/refund" for name in names(his)],
    "orders.reckon": lambda hers, his: [f"/orders/{name}/refund" for name in names(his)],
    "orders.do_refund": lambda hers, his: [f"/orders/{name}/refund/confirm" for name in names(his)],
    "orders.coupon": lambda hers, his: [f"/orders/{name}/coupon" for name in names(his)],
    "orders.propose": lambda hers, his: [f"/orders/{name}/coupon" for name in names(his)],
    "orders.do_coupon": lambda hers, his: [f"/orders/{name}/coupon/confirm" for name in names(his)],
    "orders.note": lambda hers, his: [f"/orders/{name}/note" for name in names(his)],
    "orders.do_note": lambda hers, his: [f"/orders/{name}/note/confirm" for name in names(his)],
    "orders.effect": lambda hers, his: [f"/orders/{name}/effects/1/resend" for name in names(his)],
    "orders.do_effect": lambda hers, his: [f"/orders/{name}/effects/1/resend" for name in names(his)],
    "withdrawals.index": lambda hers, his: ["/withdrawals"],
    "withdrawals.add": lambda hers, his: ["/withdrawals"],
    "withdrawals.new": lambda hers, his: ["/withdrawals/new"],
    "withdrawals.one": lambda hers, his: [f"/withdrawals/{name}" for name in names(his)],
    "withdrawals.do": lambda hers, his: [f"/withdrawals/{name}" for name in names(his)],
    "withdraw.form": lambda hers, his: [f"/withdraw/{name}" for name in names(his)],
    "withdraw.paper": lambda hers, his: [f"/withdraw/{name}/model.pdf" for name in names(his)],
    "withdraw.send": lambda hers, his: [f"/withdraw/{name}" for name in (his.key, his.domain)],
    "withdraw.receipt": lambda hers, his: [f"/withdraw/1abcde/W-0000-0000/{token}" for token in his.tokens.values()],
    "staff.welcome": lambda hers, his: [f"/account/welcome/{token}" for token in tokens(hers, his, "")],
    "staff.accept": lambda hers, his: [f"/account/welcome/{token}" for token in tokens(hers, his, "")],
    "staff.sign_out": lambda hers, his: ["/account/sign-out"],
    "staff.security": lambda hers, his: ["/account/security"],
    "staff.add_passkey": lambda hers, his: ["/account/security/passkeys"],
    "staff.remove_passkey": lambda hers, his: ["/account/security/passkeys/1/remove"],
    "staff.set_password": lambda hers, his: ["/account/security/password"],
    "staff.renew_codes": lambda hers, his: ["/account/security/codes"],
    "staff.end_session": lambda hers, his: ["/account/security/sessions/1/end"],
    "staff.end_others": lambda hers, his: ["/account/security/sessions/end"],
    "staff.people": lambda hers, his: ["/account/people"],
    "staff.invite": lambda hers, his: ["/account/people"],
    "staff.change_role": lambda hers, his: ["/account/people/1/role"],
    "staff.disable": lambda hers, his: ["/account/people/1/disable"],
    "staff.withdraw": lambda hers, his: ["/account/people/invitations/1/withdraw"],
    "shopify.app": lambda hers, his: [f"/shopify/app?shop={his.domain}&host=x"],
    "shopify.again": lambda hers, his: [f"/shopify/app/again?shop={his.domain}&host=x"],
    "shopify.session": lambda hers, his: [f"/shopify/app/session?shop={his.domain}"],
    "shopify.install": lambda hers, his: [f"/shopify/install?shop={his.domain}"],
    "shopify.installed": lambda hers, his: [f"/shopify/installed?shop={his.domain}"],
    "shopify_connect.show": lambda hers, his: ["/shopify/connect"],
    "shopify_connect.through_app": lambda hers, his: ["/shopify/connect/app"],
    "shopify_connect.own": lambda hers, his: ["/shopify/connect/own"],
    "shopify_connect.candidate": lambda hers, his: [f"/shopify/connect/{token}" for token in tokens(hers, his, "")],
    "shopify_connect.ask_again": lambda hers, his: [f"/shopify/connect/{name}/again" for name in names(his)],
    "shopify_connect.finish": lambda hers, his: [f"/shopify/connect/{name}/finish" for name in names(his)],
    "returns_desk.index": lambda hers, his: ["/returns-desk", f"/returns-desk?shop={his.ids['shop']}"],
    "returns_desk.scan": lambda hers, his: [f"/returns-desk/scan?code={name}" for name in names(his)],
    "returns_desk.figures": lambda hers, his: [f"/returns-desk/figures?shop={his.ids['shop']}"],
    "returns_desk.deliveries": lambda hers, his: [f"/returns-desk/deliveries?shop={his.ids['shop']}"],
    "returns_desk.rules": lambda hers, his: ["/returns-desk/rules"],
    "returns_desk.rules_of": lambda hers, his: [f"/returns-desk/rules/{name}" for name in names(his)],
    "returns_desk.write_rules": lambda hers, his: [f"/returns-desk/rules/{name}" for name in names(his)],
    "returns_desk.old_rules": lambda hers, his: [f"/returns-desk/rules/{name}/back" for name in names(his)],
    "returns_desk.one": lambda hers, his: [f"/returns-desk/{name}" for name in names(his)],
    "returns_desk.goods": lambda hers, his: [f"/returns-desk/{name}/goods" for name in names(his)],
    "returns_desk.look": lambda hers, his: [f"/returns-desk/{name}/goods" for name in names(his)],
    "returns_desk.take": lambda hers, his: [f"/returns-desk/{name}/goods/confirm" for name in names(his)],
    "returns_desk.again": lambda hers, his: [f"/returns-desk/{name}/goods/again" for name in names(his)],
    "returns_desk.add_photo": lambda hers, his: [f"/returns-desk/{name}/photos" for name in names(his)],
    "returns_desk.photo": lambda hers, his: [f"/returns-desk/1/photos/{name}.jpg" for name in names(his)],
    "returns_desk.proof": lambda hers, his: [f"/returns-desk/1/proofs/{name}" for name in names(his)],
    "returns_desk.pickups": lambda hers, his: ["/returns-desk/pickups", f"/returns-desk/pickups?shop={his.ids['shop']}"],
    "returns_desk.form_decision": lambda hers, his: [f"/returns-desk/{name}/approve" for name in names(his)],
    "returns_desk.propose_decision": lambda hers, his: [f"/returns-desk/{name}/decline" for name in names(his)],
    "returns_desk.confirm_decision": lambda hers, his: [f"/returns-desk/{name}/cancel/confirm" for name in names(his)],
    "returns_desk.form_money": lambda hers, his: [f"/returns-desk/{name}/pay" for name in names(his)],
    "returns_desk.propose_money": lambda hers, his: [f"/returns-desk/{name}/done" for name in names(his)],
    "returns_desk.confirm_money": lambda hers, his: [f"/returns-desk/{name}/pay/confirm" for name in names(his)],
}
"""Shut to whoever has not the right key: every method is refused."""
ORDERS: dict[str, Paths] = {"api.create": lambda hers, his: ["/api/v1/returns"]}
"""Open to Mara; what of Otto's could be named stands in the body: see below."""
OPEN: dict[str, Paths] = {
    "ops.healthz": lambda hers, his: ["/healthz"],
    "ops.readyz": lambda hers, his: ["/readyz"],
    "portal.static": lambda hers, his: ["/assets/portal/review.css"],
    "portal.brand": lambda hers, his: ["/brand/b4532a.css"],
    "api.openapi": lambda hers, his: ["/api/v1/openapi.json"],
    "api.alarms": lambda hers, his: [f"/api/v1/alarms?shop={his.key}"],
    "home.index": lambda hers, his: [f"/?shop={his.key}", "/"],
    "staff.static": lambda hers, his: ["/assets/staff/x.css"],
    "shopify.static": lambda hers, his: ["/assets/shopify/x.css"],
    "staff.sign_in": lambda hers, his: ["/account/sign-in"],
    "staff.do_sign_in": lambda hers, his: [f"/account/sign-in?next=/account/people&shop={his.key}"],
    "connecting.receive": lambda hers, his: [f"/connect/woocommerce/{name}" for name in (hers.key, his.key, "x")],
    "mailbox.static": lambda hers, his: ["/mailbox/static/x.css"],
    "portal.review": lambda hers, his: [f"/review/{hers.tokens['review']}?order={his.ids['order']}&shop={his.ids['shop']}&line={his.order}-1"],
    "portal.track": lambda hers, his: [f"/t/{hers.tokens['track']}?order={his.ids['order']}&shop={his.ids['shop']}&lang=de"],
    "portal.look_up": lambda hers, his: [f"/track/{hers.public_name}?number={his.order}&email=otilie@kunde.example&sent=1"],
    "portal.unsubscribe": lambda hers, his: [f"/unsubscribe/{hers.tokens['unsubscribe']}?email=otilie@kunde.example&shop={his.ids['shop']}"],
}
"""May be read by anybody, or by Mara's customer, and tells nothing of Otto."""


def credentials(hers: Tenant, his: Tenant) -> list[dict[str, str]]:
    """All that Mara's side can show, and nothing at all."""
    bearers = [hers.api_key, hers.secret, *hers.tokens.values(), his.key]
    return [{}, *({"Authorization": f"Bearer {key}"} for key in bearers), hers.signed(ORDER), hers.signed(ORDER, domain=his.domain)]


def ask(app: Flask, method: str, path: str, headers: dict[str, str], body: bytes = ORDER) -> tuple[int, str]:
    """As a stranger out there; the answer with its headers."""
    sent = body if method in ("POST", "PUT", "PATCH") else b""
    stranger = {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    answer = app.test_client(use_cookies=False).open(path, method=method, headers=headers, data=sent, environ_base=stranger)
    return answer.status_code, f"{answer.headers}\n{answer.get_data().decode('utf-8', 'replace')}"


def asked_of(table: dict[str, Paths], hers: Tenant, his: Tenant) -> list[tuple[str, dict[str, str], str]]:
    """Every path with nothing and with Mara's key of the API, and the first of each address by every method and with all that her side can show;
    where headers are heeded every path with all of it. What several addresses share is asked for once.
    """
    shown = credentials(hers, his)
    key = {"Authorization": f"Bearer {hers.api_key}"}
    asked: list[tuple[str, dict[str, str], str]] = []
    for endpoint, paths in table.items():
        first, *others = paths(hers, his)
        asked += [*product([first], shown, ("GET", "POST")), *product([first], [key], METHODS)]
        heeding = endpoint.partition(".")[0] in HEEDING
        asked += product(others, shown if heeding else [{}, key], METHODS if heeding else ("GET", "POST"))
    return list({(path, method, *headers.items()): (path, headers, method) for path, headers, method in asked}.values())


def told(text: str) -> list[str]:
    return [secret for secret in OTTOS if secret.lower() in text.lower()]


@scenario("S17", budget=120)
def test_with_the_keys_of_one_shop_no_address_shows_or_changes_anything_of_anothers(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, his = town
    before, asked = everything(app.extensions["postventa"].engine), 0
    for path, headers, method in asked_of(CLOSED, hers, his):
        if path.startswith("/webhooks/shopify") and headers.get("X-Shopify-Shop-Domain") == hers.domain and his.key not in path:
            continue  # that is Mara's own delivery at her own door
        status, text = ask(app, method, path, headers)
        led_away = status == 303 and "Location: /account/sign-in" in text
        assert status in REFUSED or led_away or (method == "OPTIONS" and status == 200), (method, path, headers, status)
        assert told(text) == [], (method, path, headers, text)
        asked += 1
    assert asked > 500
    assert everything(app.extensions["postventa"].engine) == before


@scenario("S17", budget=60)
def test_what_is_open_to_all_tells_nothing_of_any_shop(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, his = town
    before = everything(app.extensions["postventa"].engine)
    for path, headers, method in asked_of(OPEN, hers, his):
        status, text = ask(app, method, path, headers)
        assert status < 500 or path == "/readyz", (method, path, status)
        assert told(text) == [], (method, path, headers, text)
    assert everything(app.extensions["postventa"].engine) == before


@scenario("S17", budget=60)
@pytest.mark.parametrize("key", ["api_key", "key", "secret"])
def test_no_key_of_one_shop_opens_a_return_for_anothers_order(town: tuple[Flask, Tenant, Tenant], key: str) -> None:
    app, hers, his = town
    before = everything(app.extensions["postventa"].engine)
    for order in [*names(his), f"#{his.order}", "otilie@kunde.example"]:
        wanted: dict[str, Any] = {"order": order, "items": [{"item": f"{his.order}-1", "quantity": 1}]}
        status, text = ask(app, "POST", "/api/v1/returns", {"Authorization": f"Bearer {getattr(hers, key)}"}, json.dumps(wanted).encode())
        assert status == (404 if key == "api_key" else 401), order
        assert told(text.replace(order, "")) == []
    mixed = json.dumps({"order": hers.order, "items": [{"item": f"SKU-{his.order}", "quantity": 1}]}).encode()
    assert ask(app, "POST", "/api/v1/returns", {"Authorization": f"Bearer {getattr(hers, key)}"}, mixed)[0] in (401, 422)
    assert everything(app.extensions["postventa"].engine) == before


@scenario("S17", budget=30)
def test_the_right_keys_do_open(town: tuple[Flask, Tenant, Tenant]) -> None:
    """Otherwise the sweep would prove nothing."""
    app, _, his = town
    key = {"Authorization": f"Bearer {his.api_key}"}
    assert ask(app, "GET", f"/api/v1/returns/{his.number}", key)[0] == 200
    assert told(ask(app, "GET", f"/api/v1/returns/{his.number}/label.pdf", key)[1]) == ["%PDF-otto"]
    assert "Nachttischlampe" in ask(app, "GET", f"/review/{his.tokens['review']}", {})[1]
    assert "Nachttischlampe" in ask(app, "GET", f"/t/{his.tokens['track']}", {})[1]
    assert "Ottos Lampen" in ask(app, "GET", f"/track/{his.public_name}", {})[1]
    assert ask(app, "GET", f"/unsubscribe/{his.tokens['unsubscribe']}", {})[0] == 200
    assert ask(app, "POST", f"/webhooks/shopify/{his.key}", his.signed(ORDER))[0] == 200
    assert ask(app, "DELETE", f"/api/v1/returns/{his.number}", key)[0] == 200


@scenario("S17", budget=30)
def test_each_shop_sees_its_own_alarms_even_if_both_bear_one_name(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, hers, his = town
    with transaction(app.extensions["postventa"].engine) as session:
        session.execute(update(Shop).values(name="Tienda"))
        (ottos,) = [shop for shop in app.extensions["postventa.directory"].fresh().everyone if shop.key == his.key]
        tell_merchant.raise_alarm(session, "shop-refuses-us", ottos, "page", "Ottos Lampen: it does not accept our keys")

    def seen(key: str) -> tuple[int, list[str]]:
        status, text = ask(app, "GET", "/api/v1/alarms", {"Authorization": f"Bearer {key}"})
        return status, [alarm["name"] for alarm in json.loads(text.splitlines()[-1]).get("alarms", [])]

    assert seen(his.api_key) == (200, ["shop-refuses-us"])
    assert seen(hers.api_key) == (200, [])
    assert seen("nobody's") == (401, [])
    with transaction(app.extensions["postventa"].engine) as session:
        alarms.clear(session, "shop-refuses-us", "Tienda")
    assert seen(his.api_key) == (200, [])


def test_every_address_is_in_the_table(town: tuple[Flask, Tenant, Tenant]) -> None:
    app, _, _ = town
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(CLOSED) | set(ORDERS) | set(OPEN)
