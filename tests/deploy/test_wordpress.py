"""The WooCommerce plugin, as it is shipped: what it shows, sends and refuses, in every language. PHP runs it; `wordpress.php` is its world."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import Engine, select

from connectors.shops import SHOPS
from postventa import wordpress
from postventa.models import Inbound, Order, PrivacyCase
from postventa.models.db import reading
from postventa.wordpress import PLUGIN, Preset, archive
from tests.conftest import TestClock
from tests.deploy.plugin import HOOK, PHP, SERVICE, SET, run, unpacked
from tests.papers import ROOT, blocks, text_of
from tests.pipeline.house import House, alba
from tests.pipeline.stories import NOON, Sent, WooOrder
from tests.scenarios import scenario

LANGUAGES = ("es", "ca", "gl", "eu", "pt", "fr", "de", "it")
HEADER = (PLUGIN / "postventa.php").read_text(encoding="utf-8").partition("*/")[0]
WORDS = re.compile(r"\b(?:esc_html)?__\( '([^'\\]+)', 'postventa' \)")
needs_php = pytest.mark.skipif(PHP is None and os.environ.get("CI") != "true", reason="there is no php on this machine (php-cli); CI has one")
MADE_FOR = Preset("https://ceramica-alba.example", SERVICE, "", str(SET["shop"]))
ANA = "ana@cliente.example"
ASKED = datetime.fromtimestamp(1795000000, UTC)


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(tmp_path_factory.mktemp("plugin"))


def test_the_same_files_make_the_same_archive() -> None:
    first = archive(MADE_FOR)
    os.utime(PLUGIN / "readme.txt")
    wordpress._files.cache_clear()
    assert archive(MADE_FOR) == first != archive()
    for file in PLUGIN.rglob("*.po"):
        dates = re.findall(rb"-Date: (\d{4})", wordpress.compiled(file.read_bytes()))
        assert dates == [b"1980", b"1980"], "whenever it is made"


@needs_php
@pytest.mark.parametrize(
    ("home", "stored", "kept"),
    [
        ("https://www.ceramica-alba.example", None, {"address": SERVICE, "shop": SET["shop"]}),
        ("https://ceramica-alba.example", {**SET, "shop": ""}, {"address": SERVICE, "shop": SET["shop"]}),
        ("https://ceramica-alba.example", {**SET, "shop": "otra-1kqxvp"}, {"address": SERVICE, "shop": "otra-1kqxvp"}),
        ("https://prueba.ceramica-alba.example", None, {"address": SERVICE, "shop": ""}),
        ("https://ceramica-alba.example/otra", None, {"address": SERVICE, "shop": ""}),
    ],
)
def test_a_plugin_made_for_a_shop_knows_it_and_no_other(home: str, stored: dict[str, Any] | None, kept: dict[str, str], tmp_path: Path) -> None:
    options = {"postventa_settings": stored} if stored else {}
    came = run(unpacked(tmp_path, MADE_FOR), ["activate"], home=home, options=options, admin=True)
    assert came.failures == [""]
    assert {name: came.results[0][name] for name in kept} == kept


@needs_php
def test_what_a_plugin_was_made_with_is_text_and_nothing_else(tmp_path: Path, plugin: Path) -> None:
    evil = Preset("https://ceramica-alba.example", "https://a.example\\'); exit( 'x", "javascript:alert(1)", "<b>'")
    came = run(unpacked(tmp_path, evil), ["activate"], ["do", "wp_footer"], options={})
    assert (came.failures, came.printed) == (["", ""], ["", ""])
    assert run(plugin, ["activate"], options={}).results == [None], "a plugin made for nobody keeps nothing"


def catalogue(name: str) -> dict[str, str]:
    with (PLUGIN / "languages" / name).open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, abort_invalid=True) if m.id and not m.fuzzy}


def test_every_word_stands_in_the_template_and_in_every_language() -> None:
    said = {word for file in PLUGIN.rglob("*.php") for word in WORDS.findall(file.read_text(encoding="utf-8"))}
    said |= set(re.findall(r"^ \* Description: +(.+)$", HEADER, re.MULTILINE))  # the list of plugins shows it
    assert len(said) > 30
    assert set(catalogue("postventa.pot")) == said
    for language in LANGUAGES:
        known = catalogue(f"postventa-{language}.po")
        assert set(known) == said, language
        for english, other in known.items():
            assert other, (language, english)
            assert sorted(re.findall(r"%\d?\$?[sd]", english)) == sorted(re.findall(r"%\d?\$?[sd]", other)), (language, english)
        assert sum(english == other for english, other in known.items()) < 2, language


@needs_php
def test_every_file_is_php_and_shut_to_whoever_calls_it_by_itself(plugin: Path) -> None:
    for file in sorted(plugin.rglob("*.php")):
        alone = subprocess.run(
            [str(PHP), "-d", "error_reporting=-1", "-d", "display_errors=1", str(file)], capture_output=True, timeout=200, check=True
        )
        assert alone.stdout + alone.stderr == b"", file.name


@needs_php
def test_each_order_leads_to_its_pages_in_the_sites_language(plugin: Path) -> None:
    came = run(plugin, ["actions", 7], ["do", "woocommerce_thankyou", 7], ["do", "woocommerce_view_order", 7], ["do", "wp_footer"], locale="es_MX")
    actions = came.results[0]
    assert [(name, action["name"]) for name, action in actions.items() if name != "view"] == [
        ("postventa_track", "Seguir mi pedido"), ("postventa_returns", "Devolver"), ("postventa_withdraw", "Desistir del contrato aquí"),
    ]  # fmt: skip
    assert actions["postventa_track"]["url"] == f"{SERVICE}/track/ceramica-alba-1kqxvp?number=1042"
    assert actions["postventa_withdraw"]["aria-label"] == "Desistir del contrato aquí: pedido 1042"
    for printed in came.printed[1:3]:
        assert printed.count(f'href="{SERVICE}/returns/ceramica-alba-1kqxvp?number=1042">Devolver</a>') == 1
        assert 'class="woocommerce-button button wp-element-button postventa-returns"' in printed
    assert came.printed[2].startswith("Actions: ."), "once is enough: the order's own buttons stand on its page too"
    assert f'<a href="{SERVICE}/withdraw/ceramica-alba-1kqxvp">Desistir del contrato aquí</a>' in came.printed[3]
    assert came.sent == [], "no page of the shop waits for Postventa"
    spoken = run(plugin, *([deed, ["shortcode", ""]][n] for deed in (["speak", "fr_BE"], ["speak", "de_DE_formal"], ["speak", "ja"]) for n in (0, 1)))
    assert [re.sub("<.*?>", "", spoken.results[n]) for n in (1, 3, 5)] == [
        "Renoncer au contrat ici",
        "Vertrag widerrufen",
        "Withdraw from contract here",
    ]


@needs_php
def test_there_is_no_link_for_what_is_no_order_and_none_before_the_settings_say_where(plugin: Path) -> None:
    came = run(plugin, ["actions", 8], ["do", "woocommerce_thankyou", 8], ["do", "woocommerce_thankyou", 99])
    assert (came.results[0], came.printed[1:]) == ({"view": []}, ["", ""])
    refunded = run(plugin, ["actions", 7], orders={"7": {"status": "refunded", "number": "1042"}})
    assert list(refunded.results[0]) == ["view", "postventa_track"]
    for missing in ({"shop": ""}, {"address": ""}, {"orders": False, "footer": False}):
        options = {"options": {"postventa_settings": {**SET, **missing}}}
        came = run(plugin, ["actions", 7], ["do", "woocommerce_thankyou", 7], ["do", "wp_footer"], **options)
        assert (came.results[0], came.printed[1:]) == ({"view": []}, ["", ""]), missing
    for broken in ("nonsense", None, {"postventa_settings": {"shop": 7}}):
        assert run(plugin, ["actions", 7], options={"postventa_settings": broken}).failures == [""]


@needs_php
@pytest.mark.parametrize("paper", ["show-on-your-shop.md", "show-on-your-shop.es.md"])
def test_the_snippet_in_the_papers_does_what_they_say(paper: str, tmp_path: Path) -> None:
    (snippet,) = [block.text for block in blocks(text_of(ROOT / "docs" / paper)) if block.language == "php"]
    (tmp_path / "postventa.php").write_text(f"<?php\n{snippet}", encoding="utf-8")
    came = run(tmp_path, ["actions", 7], ["actions", 8], ["do", "woocommerce_view_order", 7], ["do", "wp_footer"])
    assert came.failures == [""] * 4
    assert [action["url"] for action in list(came.results[0].values())[1:]] == [
        f"{SERVICE}/{page}/SHOP?number=1042" for page in ("track", "returns", "withdraw")
    ]
    assert came.results[1] == {"view": []}
    assert came.printed[2] == "Actions: postventa_track, postventa_returns, postventa_withdraw."
    assert f'<a href="{SERVICE}/withdraw/SHOP">' in came.printed[3]


@needs_php
def test_a_link_can_stand_anywhere_and_carries_no_markup(plugin: Path) -> None:
    evil = {"to": "returns", "text": '<script>alert(1)</script>"'}
    numbers = {"7": {"status": "completed", "number": 'A/1 <b>&"ñ'}}
    came = run(
        plugin, ["shortcode", evil], ["shortcode", {"to": "../admin"}], ["shortcode", ""], ["theme", "track"], ["do", "woocommerce_view_order", 7],
        options={"postventa_settings": {**SET, "pages": "https://ayuda.alba.example"}}, orders=numbers,
    )  # fmt: skip
    assert came.results[0].endswith(">&lt;script&gt;alert(1)&lt;/script&gt;&quot;</a>")
    assert came.results[1] == ""
    assert came.results[2].startswith('<a href="https://ayuda.alba.example/withdraw/ceramica-alba-1kqxvp">')
    assert came.printed[3] == '<a href="https://ayuda.alba.example/track/ceramica-alba-1kqxvp">Follow my order</a>'
    assert "?number=A%2F1%20%3Cb%3E%26%22%C3%B1" in came.printed[4]
    assert "<b>" not in came.printed[4]


@needs_php
def test_what_the_merchant_types_is_cleaned_and_what_cannot_be_right_is_said(plugin: Path) -> None:
    pasted = {"address": " Postventa.Example/shops ", "shop": f"{SERVICE}/track/zapateria-mara-7kqxvp?x=1", "pages": "", "orders": "1"}
    came = run(plugin, ["save", pasted], admin=True)
    assert came.results == [{"address": SERVICE, "pages": "", "shop": "zapateria-mara-7kqxvp", "orders": True, "footer": False}]
    kept = {"address": SERVICE, "shop": SET["shop"]}
    for wrong in (
        "http://postventa.example",
        "javascript://x",
        "https://u:p@postventa.example",
        'https://a"b.example',
        "https://",
        "ftp://a.example",
    ):
        came = run(plugin, ["save", {"address": wrong, "shop": "<b>"}], admin=True)
        assert {name: came.results[0][name] for name in kept} == kept, wrong
        assert [code for code, *_ in came.said][-2:] == ["address", "shop"]
    came = run(plugin, ["save", {"address": "http://localhost:8000"}], ["save", "nonsense"], ["page"], admin=True, saved=True)
    assert [result["address"] for result in came.results[:2]] == ["http://localhost:8000", ""]
    assert [code for code, *_ in came.said if code != "Postventa"] == ["reach"], "WordPress calls ports 80, 443 and 8080 only"
    assert "<p>Settings saved.</p>" in came.printed[2], "outside of its menu for settings nobody else says so"


@needs_php
@pytest.mark.parametrize(
    ("hooks", "said", "button"),
    [
        ([HOOK, HOOK], "Connected: 2 webhooks tell postventa.example", False),
        ([HOOK, {**HOOK, "status": "disabled"}], "1 of 2 webhooks to postventa.example work", False),
        ([{**HOOK, "url": f"{SERVICE}.evil.example/webhooks/woocommerce/x"}], "This shop is not connected yet", True),
    ],
)
def test_the_page_says_how_the_two_stand_and_asks_nobody(hooks: list[dict[str, str]], said: str, button: bool, plugin: Path) -> None:
    came = run(plugin, ["page"], ["right"], webhooks=dict(enumerate(hooks)), admin=True)
    assert said in came.printed[0]
    connect = f"{SERVICE}/shops/connect/woocommerce?url=https%3A%2F%2Fceramica-alba.example%2F"
    assert (connect in came.printed[0]) is button
    assert 'name="_wpnonce" value="nonce-of-postventa"' in came.printed[0]
    assert came.results[1] == ["manage_woocommerce", "manage_woocommerce"]
    assert came.sent == []


@needs_php
def test_only_who_looks_after_the_shop_sees_the_page_and_nothing_is_left_behind(plugin: Path) -> None:
    came = run(plugin, ["page"], ["remove"], rights=["edit_posts"], admin=True)
    assert (came.failures[0], came.printed[0]) == ("403 You may not change this.", "")
    assert "postventa_settings" not in came.results[1]


@pytest.fixture
def house(sqlite_engine: Engine, clock: TestClock, tmp_path: Path) -> Iterator[House]:
    clock.set(NOON)
    made = House(sqlite_engine, clock, tmp_path, alba(webhook_secrets=[HOOK["secret"]]))
    made.deliver("woocommerce", WooOrder(4001, email=ANA).tell("order.created").sent[0])
    yield made
    sqlite_engine.dispose()


def received(house: House, request: dict[str, Any]) -> None:
    """What the plugin sent, as the front door takes it: signed as WooCommerce signs, or refused."""
    body, woo = request["body"].encode(), SHOPS["woocommerce"]
    woo.verify(body, request["headers"], [HOOK["secret"]])
    seen = woo.delivery(body, request["headers"])
    house.deliver("woocommerce", Sent(seen.topic, body, NOON, seen.delivery_id))


def cases(house: House) -> list[PrivacyCase]:
    with reading(house.engine) as session:
        return list(session.scalars(select(PrivacyCase).order_by(PrivacyCase.id)))


@needs_php
@scenario("S24", budget=60)
def test_a_request_in_wordpress_is_a_case_here_and_says_until_when(plugin: Path, house: House) -> None:
    came = run(plugin, ["export", ANA], ["export", ANA], locale="es_ES")
    told = came.results[0]["data"][0]["data"][0]["value"]
    assert told == f"Se está preparando. La tienda te lo envía aparte, como muy tarde el {ASKED + timedelta(days=30):%Y-%m-%d}."
    assert [request["url"] for request in came.sent] == [HOOK["url"]] * 2
    assert all(ANA not in request["url"] and request["redirection"] == 0 and request["timeout"] <= 30 for request in came.sent)
    for request in came.sent:
        received(house, request)
    (case,) = cases(house)
    assert (case.kind, case.state, case.asked_at, case.due_at) == ("export", "open", min(ASKED, NOON), min(ASKED, NOON) + timedelta(days=30))


@needs_php
@scenario("S3", budget=60)
def test_an_erasure_is_done_once_however_often_and_under_whatever_name_it_is_sent(plugin: Path, house: House) -> None:
    came = run(plugin, ["erase", ANA], requests={"18": {"email": ANA, "action": "remove_personal_data", "at": int(NOON.timestamp())}})
    assert (came.results[0]["items_removed"], came.results[0]["items_retained"], len(came.results[0]["messages"])) == (False, True, 2)
    (request,) = came.sent
    received(house, request)
    (case,) = cases(house)
    assert (case.kind, case.state, case.result["orders"]) == ("erase", "closed", 1)
    house.deliver("woocommerce", WooOrder(4002, email=ANA).tell("order.created").sent[0])
    for topic in ("postventa.privacy_erase", "postventa.privacy_export", "order.updated", "customer.updated"):
        house.deliver("woocommerce", Sent(topic, request["body"].encode(), NOON, f"again-{topic}"))
    assert len(cases(house)) == 1
    with reading(house.engine) as session:
        assert list(session.scalars(select(Order.email).order_by(Order.id))) == ["", ANA], "what she bought afterwards stays hers"
        again = session.scalars(select(Inbound).where(Inbound.delivery_id == "again-postventa.privacy_erase")).one()
        assert (again.body, again.reason) == (None, f"case {case.id}: it was done before")
        others = session.scalars(select(Inbound.state).where(Inbound.delivery_id.in_(("again-postventa.privacy_export", "again-order.updated"))))
        assert set(others) == {"poison"}


@needs_php
@pytest.mark.parametrize(
    ("world", "why"),
    [
        ({"answer": 503}, "did not take the request (HTTP 503)"),
        ({"answer": "cURL error 28: timed out"}, "did not take the request (cURL error 28: timed out)"),
        ({"webhooks": {}}, "not connected with Postventa yet"),
    ],
)
def test_a_request_that_does_not_arrive_is_not_taken_for_done(world: dict[str, Any], why: str, plugin: Path) -> None:
    came = run(plugin, ["export", ANA], ["erase", "nadie@cliente.example"], **world)
    assert all(why in failure for failure in came.failures)
