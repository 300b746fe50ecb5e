"""A look at a shop, against a site that answers as WordPress, WooCommerce and what stands in front of them do."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.http import Door
from connectors.shops.woocommerce.findings import STATES
from connectors.shops.woocommerce.look import Look, _clock, look
from connectors.shops.woocommerce.rest import HEADER, QUERY, Keys
from tests.connectors import certificates
from tests.connectors.certificates import Served
from tests.peers.shop import Reply
from tests.peers.woocommerce_site import KEY, SECRET, Asked, WordPressSite
from tests.scenarios import scenario

KEYS = Keys(KEY, SECRET)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return certificates.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def site(tls: Served) -> Iterator[WordPressSite]:
    with WordPressSite().open(tls.context) as opened:
        yield opened


def door(tls: Served) -> Door:
    return Door(["tienda.test", "www.tienda.test"], tls.trusted, tries=1, resolver=lambda host, port: ["127.0.0.1"])


def seen(site: WordPressSite, tls: Served, typed: str = "", keys: Keys | None = KEYS) -> Look:
    return look(typed or site.url, door(tls), datetime.now(UTC), keys)


def names(found: Look) -> list[str]:
    return [finding.name for finding in found.findings]


def facts(found: Look, name: str) -> dict[str, str]:
    [finding] = [finding for finding in found.findings if finding.name == name]
    return dict(finding.facts)


def test_a_shop_that_is_well_is_found_and_its_keys_work(site: WordPressSite, tls: Served) -> None:
    found = seen(site, tls)
    assert (names(found), found.works, found.keys_in) == (["site-found", "keys-work"], True, HEADER)
    assert found.site is not None
    assert found.site.base == site.url
    assert found.system.part("environment").text("version") == "10.5.0"
    assert site.made == []


def test_without_keys_only_the_address_is_looked_at(site: WordPressSite, tls: Served) -> None:
    found = seen(site, tls, keys=None)
    assert names(found) == ["site-found"]
    assert [asked.path for asked in site.asked] == ["/wp-json/"]


@pytest.mark.parametrize("typed", ["{url}/wp-admin/admin.php?page=wc-settings", "{url}/wp-login.php", " {url}/ ", "{bare}", "{url}/wp-json/wc/v3"])
def test_what_merchants_paste_is_understood(site: WordPressSite, tls: Served, typed: str) -> None:
    found = seen(site, tls, typed.format(url=site.url, bare=site.url.removeprefix("https://")))
    assert names(found) == ["site-found", "keys-work"]


@pytest.mark.parametrize(
    "typed", ["", "mi tienda", "ftp://tienda.test", "https://u:p@tienda.test", "https://", "<script>", "https://a:b/", "x" * 600]
)
def test_what_is_no_address_is_said_to_be_none(tls: Served, typed: str) -> None:
    assert names(look(typed, door(tls), datetime.now(UTC))) == ["address-unreadable"]


@scenario("S10", budget=30)
@pytest.mark.parametrize("typed", ["https://10.0.0.1", "169.254.169.254", "https://[::1]/", "localhost", "https://93.184.215.14:8443"])
def test_an_address_inside_is_refused_with_one_sentence_for_all(typed: str) -> None:
    found = look(typed, Door(tries=1), datetime.now(UTC))
    assert names(found) == ["address-not-public"]
    assert found.site is None


def test_a_shop_that_is_not_there_is_unreachable(tls: Served) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        found = look(f"https://tienda.test:{held.getsockname()[1]}", door(tls), datetime.now(UTC))
    assert names(found) == ["unreachable"]


def test_a_shop_that_opens_on_http_only_is_told_to_have_https(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_home(sock: socket.socket, address: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", nobody_home)
    found = look("http://tienda.test", Door(tries=1, resolver=lambda host, port: ["93.184.215.14"]), datetime.now(UTC))
    assert (names(found), facts(found, "no-https")) == (["no-https"], {"host": "tienda.test"})


def test_a_byte_order_mark_in_front_of_everything_does_no_harm(site: WordPressSite, tls: Served) -> None:
    answer, kind = site.answer, (("Content-Type", "application/json"),)

    def marked(asked: Asked, body: bytes) -> Reply:
        reply = answer(asked, body)
        return Reply(reply.status, headers=kind, html="\ufeff" + reply.body.decode())

    site.answer = marked  # type: ignore[method-assign]
    assert names(seen(site, tls)) == ["site-found", "keys-work"]


def test_a_page_of_the_shop_leads_to_its_top(site: WordPressSite, tls: Served) -> None:
    site.announces = False
    found = seen(site, tls, f"{site.url}/es/tienda")
    assert (names(found), facts(found, "moved")) == (["site-found", "moved", "keys-work"], {"url": site.url})


def test_a_page_of_the_shop_leads_to_where_it_says_its_api_is(site: WordPressSite, tls: Served) -> None:
    found = seen(site, tls, f"{site.url}/es/tienda")
    assert names(found) == ["site-found", "subfolder", "keys-work"]
    assert facts(found, "subfolder") == {"url": site.url}


def test_wordpress_in_a_subfolder_is_found_from_the_top(site: WordPressSite, tls: Served) -> None:
    site.folder = "/blog"
    found = seen(site, tls)
    assert names(found) == ["site-found", "subfolder", "keys-work"]
    assert facts(found, "subfolder") == {"url": f"{site.url}/blog"}


@pytest.mark.parametrize("status", ["www", "folder"])
def test_a_correction_within_the_shop_is_followed_and_told(site: WordPressSite, tls: Served, status: str) -> None:
    if status == "www":
        site.moves = lambda path: f"https://www.tienda.test:{site.port}{path}" if not site.asked[-1].headers["host"].startswith("www.") else ""
    else:
        site.folder = "/es"
        site.moves = lambda path: f"/es{path}" if not path.startswith("/es") else ""
    found = seen(site, tls)
    assert names(found) == ["site-found", "moved", "keys-work"]
    assert facts(found, "moved") == {"url": f"https://www.tienda.test:{site.port}" if status == "www" else f"{site.url}/es"}


def test_nobody_follows_to_another_shop(site: WordPressSite, tls: Served) -> None:
    site.moves = lambda _: "https://otra.test/wp-json/"
    found = seen(site, tls)
    assert names(found) == ["sent-elsewhere"]
    assert facts(found, "sent-elsewhere") == {"host": "tienda.test", "other": "otra.test"}
    assert len(site.asked) == 1


@scenario("S10", budget=30)
def test_nobody_follows_to_a_place_inside(site: WordPressSite, tls: Served) -> None:
    site.moves = lambda _: "http://169.254.169.254/latest/meta-data/"
    assert names(seen(site, tls)) == ["sent-elsewhere"]


def test_a_shop_that_leaves_https_is_told_so(site: WordPressSite, tls: Served) -> None:
    site.moves = lambda path: f"http://tienda.test{path}"
    assert names(seen(site, tls)) == ["no-https"]


def test_redirects_in_circles_end(site: WordPressSite, tls: Served) -> None:
    site.moves = lambda path: path
    assert names(seen(site, tls)) == ["sent-in-circles"]


@pytest.mark.parametrize("location", ["http://[x", "https://[/wp-json/", "//[::"])
def test_a_redirect_to_what_is_no_address_is_no_accident_of_ours(site: WordPressSite, tls: Served, location: str) -> None:
    site.moves = lambda path: "" if path.startswith("/wp-json/?") or path == "/wp-json/" else location
    assert names(seen(site, tls)) == ["site-found", "sent-elsewhere"]
    site.moves = lambda _: location
    assert names(seen(site, tls)) == ["sent-in-circles"]


def test_a_site_that_sends_us_ever_on_is_left(site: WordPressSite, tls: Served) -> None:
    turns = itertools.count()
    site.moves = lambda _: "" if next(turns) % 2 else f"/{next(turns)}/wp-json/"
    assert names(seen(site, tls, keys=None))
    assert len(site.asked) < 200


@pytest.mark.parametrize("page", ["<link " * 40_000, "<link " + 'rel="https://api.w.org/" ' * 10_000])
def test_a_page_that_is_made_to_be_read_for_ever_is_not(site: WordPressSite, tls: Served, page: str) -> None:
    site.gate = Reply(200, html=page)
    began = time.process_time()
    assert names(seen(site, tls, keys=None)) == ["no-wordpress"]
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2026 00:00:00 +99999999999999", "Thu, 1 Jan 1970 00:00:00"],
)
def test_a_date_that_is_none_is_no_accident_of_ours(date: str) -> None:
    assert [finding.name for finding in _clock(date, datetime.now(UTC))] == (["clock-off"] if "1970" in date else [])


def test_a_site_that_is_no_wordpress_is_said_to_be_none(site: WordPressSite, tls: Served) -> None:
    site.is_wordpress = False
    assert names(seen(site, tls)) == ["no-wordpress"]


def test_wordpress_without_woocommerce(site: WordPressSite, tls: Served) -> None:
    site.woocommerce = False
    assert names(seen(site, tls)) == ["no-woocommerce"]


def test_a_woocommerce_without_the_third_version_of_its_api_is_too_old(site: WordPressSite, tls: Served) -> None:
    site.namespaces = ["wc/v1", "wc/v2", "wp/v2"]
    assert names(seen(site, tls)) == ["woocommerce-old"]


def test_a_woocommerce_that_cannot_be_asked_for_changes_is_too_old(site: WordPressSite, tls: Served) -> None:
    site.system = {"environment": {"version": "5.7.2"}}
    found = seen(site, tls)
    assert names(found) == ["site-found", "keys-work", "woocommerce-old"]
    assert (facts(found, "woocommerce-old"), found.works) == ({"version": "5.7.2"}, False)


@pytest.mark.parametrize("folder", ["", "/blog"])
def test_plain_permalinks_are_told_from_no_wordpress(site: WordPressSite, tls: Served, folder: str) -> None:
    site.plain, site.folder = True, folder
    found = seen(site, tls, f"{site.url}{folder}")
    assert (names(found), found.works) == (["site-found", "plain-permalinks"], False)
    assert found.site is not None
    assert found.site.plain


@pytest.mark.parametrize("code", ["rest_disabled", "rest_login_required", "rest_forbidden", "rest_no_route"])
def test_an_api_that_is_switched_off_is_said_to_be(site: WordPressSite, tls: Served, code: str) -> None:
    site.index = Reply(404 if code == "rest_no_route" else 401, {"code": code, "message": "Only authenticated users", "data": {"status": 401}})
    found = seen(site, tls, keys=None)
    assert (names(found), facts(found, "api-off")) == (["api-off"], {"code": code})


def test_an_api_that_is_closed_to_strangers_only_is_good_enough(site: WordPressSite, tls: Served) -> None:
    site.index = Reply(401, {"code": "rest_login_required", "message": "x", "data": {"status": 401}})
    found = seen(site, tls)
    assert (names(found), found.works) == (["keys-work"], True)


@pytest.mark.parametrize("typed", ["{url}", "{url}/tienda/"])
def test_a_wordpress_whose_api_has_no_address_is_not_taken_for_something_else(site: WordPressSite, tls: Served, typed: str) -> None:
    site.announces, site.folder = False, "/nobody-knows"
    assert names(seen(site, tls, typed.format(url=site.url))) == ["api-missing"]


GATES: list[tuple[Reply, str, dict[str, str]]] = [
    (Reply(403, headers=(("cf-mitigated", "challenge"),), html="<title>Un momento</title>"), "firewall", {"who": "Cloudflare"}),
    (Reply(403, html="<title>Attention Required! | Cloudflare</title><div>Cloudflare Ray ID: 8f</div>"), "firewall", {"who": "Cloudflare"}),
    (Reply(503, html="<h1>Your access has been limited</h1><p>Generated by Wordfence at Sun, 22 Nov</p>"), "firewall", {"who": "Wordfence"}),
    (Reply(403, html="<title>Sucuri WebSite Firewall - Access Denied</title>"), "firewall", {"who": "Sucuri"}),
    (Reply(202, headers=(("sg-captcha", "challenge"),), html="<meta http-equiv=refresh>"), "firewall", {"who": "SiteGround"}),
    (Reply(200, html="<title>One moment, please...</title><p>protected by Imunify360</p>"), "firewall", {"who": "Imunify360"}),
    (Reply(406, html="<h1>Not Acceptable!</h1><p>generated by Mod_Security.</p>"), "firewall", {"who": "ModSecurity"}),
    (Reply(403, html="<h1>403 Forbidden</h1><hr>nginx"), "blocked", {}),
    (Reply(503, html="<p>Briefly unavailable for scheduled maintenance. Check back in a minute.</p>"), "maintenance", {}),
    (Reply(200, html="<title>Estamos en mantenimiento</title>"), "maintenance", {}),
    (Reply(401, headers=(("WWW-Authenticate", 'Basic realm="staging"'),), html="<h1>401</h1>"), "login-wall", {}),
    (Reply(200, html='<form name="loginform" id="loginform">'), "login-wall", {}),
    (Reply(429, headers=(("Retry-After", "120"),), html="slow"), "slow-down", {"seconds": "120"}),
    (Reply(500, html="<p>There has been a critical error on this website.</p>"), "shop-trouble", {}),
    (Reply(502, {"error": "bad gateway"}), "shop-trouble", {}),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "name", "said"), GATES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_stands_in_front_of_a_shop_is_told_apart(site: WordPressSite, tls: Served, reply: Reply, name: str, said: dict[str, str]) -> None:
    site.gate = reply
    found = seen(site, tls)
    assert (names(found), facts(found, name)) == ([name], said)
    assert len(site.asked) == 1


@pytest.mark.parametrize("spoilt", ["/wp-json/", "/wp-json/wc/v3/orders"])
def test_a_warning_of_php_in_front_of_the_answer_is_noticed(site: WordPressSite, tls: Served, spoilt: str) -> None:
    answer, json = site.answer, (("Content-Type", "application/json; charset=UTF-8"),)
    warning = Reply(200, headers=json, html='<br /><b>Warning</b>: Undefined array key "x" in functions.php on line 7<br />[]')
    site.answer = lambda asked, body: warning if asked.path == spoilt else answer(asked, body)  # type: ignore[method-assign]
    assert names(seen(site, tls))[-1] == "not-json"


def test_a_login_wall_that_redirects_is_one(site: WordPressSite, tls: Served) -> None:
    site.moves = lambda _: "/wp-login.php?redirect_to=x"
    assert names(seen(site, tls)) == ["login-wall"]


def test_a_firewall_that_lets_the_index_through_and_not_the_orders(site: WordPressSite, tls: Served) -> None:
    answer = site.answer
    site.answer = lambda asked, body: GATES[2][0] if "/wc/v3/" in asked.path else answer(asked, body)  # type: ignore[method-assign]
    assert names(seen(site, tls)) == ["site-found", "firewall"]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("certificate-expired", {"ends": timedelta(days=-1)}),
        ("certificate-other-name", {"name": "otra.test"}),
        ("certificate-self-signed", {"signed": False}),
        ("certificate-chain", {"whole": False}),
    ],
)
def test_trouble_with_a_certificate_is_told_apart(tmp_path_factory: pytest.TempPathFactory, name: str, bad: dict[str, Any]) -> None:
    served = certificates.make(tmp_path_factory.mktemp("bad"), **bad)
    with WordPressSite().open(served.context) as site:
        found = seen(site, served)
    assert (names(found), facts(found, name)) == ([name], {"host": "tienda.test"})
    assert site.asked == []


def test_a_server_that_speaks_no_tls_is_told_so(tls: Served) -> None:
    with WordPressSite().open(None) as site:
        assert names(seen(site, tls, f"https://tienda.test:{site.port}")) == ["certificate-tls"]


def test_a_dropped_authorization_header_is_found_out_and_gone_around(site: WordPressSite, tls: Served) -> None:
    site.drops_authorization = True
    found = seen(site, tls)
    assert (names(found), found.keys_in, found.works) == (["site-found", "keys-work", "header-dropped"], QUERY, True)
    assert all(SECRET not in str(finding.document()) for finding in found.findings)


def test_a_dropped_header_does_not_hide_a_wrong_secret(site: WordPressSite, tls: Served) -> None:
    site.drops_authorization = True
    found = seen(site, tls, keys=Keys(KEY, "cs_" + "0" * 40))
    assert names(found) == ["site-found", "header-dropped", "secret-wrong"]


def test_behind_a_proxy_wordpress_believes_that_it_is_on_http(site: WordPressSite, tls: Served) -> None:
    site.believes_http = True
    assert names(seen(site, tls)) == ["site-found", "behind-proxy"]


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (Keys("ck_" + "0" * 40, SECRET), "keys-unknown"),
        (Keys(KEY, "cs_" + "0" * 40), "secret-wrong"),
        (Keys(SECRET, KEY), "keys-malformed"),
        (Keys("admin", "password"), "keys-malformed"),
    ],
)
def test_keys_that_do_not_work_say_why(site: WordPressSite, tls: Served, keys: Keys, name: str) -> None:
    found = seen(site, tls, keys=keys)
    assert (names(found), found.works) == (["site-found", name], False)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"may_read": False}, ["site-found", "rights-missing"]),
        ({"permissions": "read"}, ["site-found", "keys-work", "read-only-key"]),
        ({"permissions": "write"}, ["site-found", "secret-wrong"]),
        ({"may_manage": False}, ["site-found", "keys-work", "webhooks-not-allowed"]),
        ({"system": None}, ["site-found", "keys-work"]),
    ],
)
def test_what_the_keys_may_do_is_found_out_without_changing_anything(
    site: WordPressSite, tls: Served, change: dict[str, Any], expected: list[str]
) -> None:
    for name, value in change.items():
        setattr(site, name, value)
    assert names(seen(site, tls)) == expected
    assert site.made == []


@pytest.mark.parametrize("late", [-600.0, 3600.0])
def test_a_clock_that_is_wrong_is_noticed(site: WordPressSite, tls: Served, late: float) -> None:
    site.late = late
    found = seen(site, tls)
    assert (names(found)[-1], facts(found, "clock-off"), found.works) == ("clock-off", {"minutes": str(round(abs(late) / 60))}, True)


def test_a_shop_of_ones_own_network_may_be_on_plain_http() -> None:
    with WordPressSite(host="127.0.0.1").open(None) as site:
        found = look(site.url, Door(["127.0.0.1"], tries=1), datetime.now(UTC))
    assert (names(found), found.site and found.site.base) == (["site-found"], site.url)


def test_every_finding_is_found_by_a_test_above() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in STATES if f'"{name}"' not in source] == []
