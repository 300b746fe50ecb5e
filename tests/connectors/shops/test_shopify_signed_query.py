"""The query with which a merchant arrives from Shopify, against signatures that Shopify's own libraries make."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import shopify
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import NotTrusted
from connectors.shops.shopify.signed_query import FRESH, signature, verified
from tests.connectors.shops.recorded import FIXTURES

VECTORS = [
    vector
    for vector in json.loads((FIXTURES / "shopify/hmac_vectors.json").read_text())
    if vector["kind"] == "oauth_query_hex" and vector["name"] not in ("php-callback-unsorted", "py-list-param")
]
"""Those of libraries that sort; a list is no part of an installation, and is refused."""
SECRET, NOW = "shpss_0123456789abcdef0123456789abcdef", 1_795_000_000.0
SHOP = "zapateria-lola.myshopify.com"


def signed(secret: str = SECRET, **changes: str | None) -> str:
    values = {"shop": SHOP, "timestamp": str(int(NOW)), "code": "c0de", "state": "s", "host": "YWRtaW4uc2hvcGlmeS5jb20", **changes}
    pairs = sorted((name, value) for name, value in values.items() if value is not None and name != "hmac")
    message = "&".join(f"{name}={quote(value, safe='*-._')}" for name, value in pairs)
    return urlencode([*pairs, ("hmac", changes.get("hmac") or signature(message.encode(), secret).decode())])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_what_shopify_signed_is_believed(vector: dict[str, Any]) -> None:
    assert signature(vector["message"].encode(), vector["secret"]).decode() == vector["expected"]
    query = urlencode({**vector["params"], "hmac": vector["expected"]})
    assert verified(query, [vector["secret"]], float(vector["params"]["timestamp"]))["shop"] == "some-shop.myshopify.com"


def test_shopifys_own_library_says_the_same() -> None:
    values = {"shop": SHOP, "timestamp": str(int(time.time())), "code": "c0de", "state": "s-_.", "host": "YWRtaW4uc2hvcGlmeS5jb20"}
    before = shopify.Session.secret
    shopify.Session.secret = SECRET
    try:
        theirs = shopify.Session.calculate_hmac(values)
    finally:
        shopify.Session.secret = before
    assert verified(urlencode({**values, "hmac": theirs}), [SECRET], time.time())["state"] == "s-_."


def test_a_space_is_signed_as_twenty() -> None:
    assert verified(signed(custom="hello world"), [SECRET], NOW)["custom"] == "hello world"


def test_the_previous_secret_counts_while_it_is_known() -> None:
    query = signed("shpss_the_previous_one_0000000000000000")
    assert verified(query, [SECRET, "shpss_the_previous_one_0000000000000000"], NOW)["code"] == "c0de"
    with pytest.raises(NotTrusted):
        verified(query, [SECRET], NOW)


@pytest.mark.parametrize(
    "query",
    [
        "", "hmac=", "?", signed(hmac="0" * 64), signed(hmac="é"), signed("shpss_another"), signed().replace("hmac=", "hmac=0"), signed().upper(),
        signed().replace("code=c0de", "code=other"), signed() + "&shop=tes-de-otto.myshopify.com", signed() + "&shop=" + SHOP, signed() + "&more=1",
        signed(timestamp=None), signed(timestamp=""), signed(timestamp="now"), signed(timestamp=str(int(NOW - FRESH - 1))), signed(timestamp="٣"),
        signed(timestamp=str(int(NOW + FRESH + 2))), signed(timestamp="-1"), signed(shop=None), signed(shop=""), signed(shop="evil.example"),
        signed(shop=f"{SHOP}.evil.example"), signed(shop=f"evil.example/{SHOP}"), signed(shop=f"{SHOP}\n"[:-1] + "/x"), signed(code="x" * 5000),
        "&".join(f"p{n}=1" for n in range(30)), "%FF=%FE&hmac=x",
    ],
)  # fmt: skip
def test_anything_else_is_refused_alike(query: str) -> None:
    with pytest.raises(NotTrusted) as caught:
        verified(query, [SECRET], NOW)
    assert str(caught.value) == str(NotTrusted())


def test_no_secret_signs_nothing() -> None:
    with pytest.raises(NotTrusted):
        verified(signed(""), ["", ""], NOW)


@given(st.text(max_size=300))
def test_no_query_whatsoever_breaks_anything(query: str) -> None:
    with pytest.raises(NotTrusted):
        verified(query, [SECRET], NOW)
