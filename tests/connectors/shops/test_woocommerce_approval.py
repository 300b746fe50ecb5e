"""The approval page's address, and what a shop posts when a merchant has approved."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from connectors.errors import Unreadable
from connectors.shops.woocommerce.address import Site, candidates, read_address, same_shop
from connectors.shops.woocommerce.approval import Granted, authorize_url, plain_name, read_callback, well_formed
from connectors.shops.woocommerce.rest import Keys

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/woocommerce/wc-auth"
STATE = "s" * 43
CALLBACK, RETURN = "https://postventa.example/connect/woocommerce/abc", "https://postventa.example/shops?x=1&y=2"
GIVEN = {"key_id": 6, "user_id": STATE, "consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40, "key_permissions": "read_write"}


def posted(number: int) -> bytes:
    [path] = FIXTURES.glob(f"{number:03}__*.json")
    return base64.b64decode(json.loads(path.read_text(encoding="utf-8"))["body_base64"])


@pytest.mark.parametrize(
    ("site", "place"),
    [
        (Site("https://tienda.example"), "https://tienda.example/wc-auth/v1/authorize"),
        (Site("https://tienda.example/blog"), "https://tienda.example/blog/wc-auth/v1/authorize"),
        (Site("https://tienda.example", plain=True), "https://tienda.example/"),
    ],
)
def test_the_page_is_where_wordpress_is(site: Site, place: str) -> None:
    url = authorize_url(site, STATE, CALLBACK, RETURN, "mara@lola.example")
    asked = parse_qs(urlsplit(url).query)
    assert url.partition("?")[0] == place
    assert asked["scope"] == ["read_write"]
    assert asked["user_id"] == [STATE]
    assert (asked["callback_url"], asked["return_url"]) == ([CALLBACK], [RETURN])
    assert asked["app_name"] == ["Postventa mara at lola.example"]
    assert asked.get("wc-auth-route") == (["authorize"] if site.plain else None)
    assert "+" not in url


def test_a_name_survives_redirects_that_encode_nothing() -> None:
    """`Almacén Peña & Cía` came back as `Almacén Peña`."""
    name = plain_name("Almacén Peña & Cía #1?")
    assert dict(parse_qsl(f"app_name={name}&user_id=x")) == {"app_name": name, "user_id": "x"}
    assert "&" not in name


@pytest.mark.parametrize("callback", ["http://postventa.example/x", "", "//x", "ftp://x"])
def test_keys_are_sent_to_https_only(callback: str) -> None:
    with pytest.raises(ValueError, match="https"):
        authorize_url(Site("https://tienda.example"), STATE, callback, RETURN)


@pytest.mark.parametrize("state", ["short", "ñ" * 30, "a b" * 20, "&" * 30, ""])
def test_a_state_that_would_not_come_back_whole_is_refused(state: str) -> None:
    with pytest.raises(ValueError, match="state"):
        authorize_url(Site("https://tienda.example"), state, CALLBACK, RETURN)


def test_what_a_shop_posts_is_understood() -> None:
    said = json.loads(posted(5)) | {"user_id": STATE}
    granted = read_callback(json.dumps(said).encode())
    assert granted == Granted(STATE, Keys(said["consumer_key"], said["consumer_secret"]), "read_write", "6")
    assert granted.writes
    assert well_formed(granted.keys)
    assert not read_callback(json.dumps(json.loads(posted(11)) | {"user_id": STATE}).encode()).writes


def test_a_state_that_is_not_ours_is_refused_as_it_was_recorded() -> None:
    with pytest.raises(Unreadable, match="no state of ours"):
        read_callback(posted(5))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"webhook_id=5", b"{" * 9000, b" " * 5000,
        json.dumps(GIVEN | {"consumer_key": "ck_1"}).encode(),
        json.dumps(GIVEN | {"consumer_secret": ["cs_"]}).encode(),
        json.dumps(GIVEN | {"consumer_key": GIVEN["consumer_secret"]}).encode(),
        json.dumps(GIVEN | {"user_id": None}).encode(),
        json.dumps(GIVEN | {"user_id": "x" * 5000}).encode(),
    ],
)  # fmt: skip
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_callback(body)


def test_keys_show_in_no_log() -> None:
    assert "ck_" not in repr(Granted(STATE, Keys("ck_x", "cs_y"), "read"))


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Tienda.Example", "https://tienda.example"),
        ("http://tienda.example:80/", "https://tienda.example"),
        ("https://tienda.example:443/es/", "https://tienda.example/es"),
        ("tienda.example/wp-admin/index.php?x=1#y", "https://tienda.example"),
        ("https://peña.example", "https://xn--pea-8ma.example"),
        ("https://tienda.example./wp-json/wc/v3/orders", "https://tienda.example"),
        ("tienda.example:8443/x", "https://tienda.example:8443/x"),
    ],
)
def test_addresses_are_read_as_they_are_meant(typed: str, address: str) -> None:
    assert read_address(typed) == address


def test_folders_are_tried_from_below() -> None:
    assert candidates("https://t.example/es/tienda") == ("https://t.example/es/tienda", "https://t.example/es", "https://t.example")
    assert len(candidates("https://t.example/" + "a/" * 50)) == 5


@pytest.mark.parametrize(
    ("other", "same"),
    [("https://www.t.example/x", True), ("http://t.example", True), ("https://t.example.evil.example", False), ("x", False), ("https://[", False)],
)
def test_the_same_shop_has_the_same_name(other: str, same: bool) -> None:
    assert same_shop("https://t.example", other) is same
