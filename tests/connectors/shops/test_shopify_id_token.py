"""Session tokens: who opened the app, proven or refused."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import NotTrusted
from connectors.shops.shopify import id_token as module
from connectors.shops.shopify.id_token import verified
from tests.peers.shopify_oauth import id_token, segment

SHOP, APP = "zapateria-lola.myshopify.com", "f3a1c0ffee0123456789abcdef012345"
SECRET, PREVIOUS = "shpss_0123456789abcdef0123456789abcdef", "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"
OTHERS = "shpss_of_somebody_else_entirely_0000000"


def token(**changes: Any) -> str:
    return id_token(SHOP, APP, SECRET, **{name: value() if callable(value) else value for name, value in changes.items()})


def soon(seconds: int) -> Callable[[], int]:
    """So long after the test begins: what is written in a list of cases is older than that."""
    return lambda: int(time.time()) + seconds


def refused(said: str, secrets: tuple[str, ...] = (SECRET, PREVIOUS), app: str = APP) -> None:
    with pytest.raises(NotTrusted) as caught:
        verified(said, app, secrets)
    assert str(caught.value) == str(NotTrusted()), "the same words for every fault"


def test_a_token_says_who_opened_the_app_in_which_shop() -> None:
    seen = verified(token(), APP, [SECRET])
    assert (seen.shop, seen.user, seen.token_id) == (SHOP, "42", "f8912129-1af6-4cad-9ca3-76b0f7621087")
    assert 0 < seen.expires_at.timestamp() - time.time() <= 60


def test_a_token_of_the_previous_secret_counts_while_that_is_known() -> None:
    old = id_token(SHOP, APP, PREVIOUS)
    assert verified(old, APP, [SECRET, PREVIOUS]).shop == SHOP
    refused(old, (SECRET,))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": soon(-60)}, {"nbf": soon(600)}, {"iat": soon(600)}, {"exp": "soon"}, {"nbf": []}, {"exp": 10**40},
        {"exp": None}, {"nbf": None}, {"iat": None}, {"aud": None}, {"iss": None}, {"dest": None}, {"sub": None}, {"jti": None}, {"sid": None},
        {"aud": "another-app"}, {"aud": [APP]}, {"aud": [APP, "another-app"]}, {"aud": {}}, {"aud": ""},
        {"dest": "https://tes-de-otto.myshopify.com"}, {"iss": "https://tes-de-otto.myshopify.com/admin"}, {"iss": f"https://{SHOP}"},
        {"iss": f"https://{SHOP}/admin/"}, {"iss": f"http://{SHOP}/admin", "dest": f"http://{SHOP}"}, {"iss": 7}, {"dest": [f"https://{SHOP}"]},
        {"iss": "https://evil.example/admin", "dest": "https://evil.example"},
        {"iss": f"https://{SHOP}.evil.example/admin", "dest": f"https://{SHOP}.evil.example"},
        {"iss": f"https://evil.example/{SHOP}/admin", "dest": f"https://evil.example/{SHOP}"},
        {"iss": f"https://{SHOP}\n/admin", "dest": f"https://{SHOP}\n"}, {"iss": f"https://{SHOP.upper()}/admin", "dest": f"https://{SHOP.upper()}"},
        {"iss": f"https://a@{SHOP}/admin", "dest": f"https://a@{SHOP}"}, {"iss": "https://.myshopify.com/admin", "dest": "https://.myshopify.com"},
        {"sub": ""}, {"sub": 42}, {"jti": ""}, {"jti": 7}, {"sid": {}}, {"exp": soon(86400)},
    ],
    ids=",".join,
)  # fmt: skip
def test_a_claim_that_is_missing_or_false_is_refused_whatever_it_is(changes: dict[str, Any]) -> None:
    refused(token(**changes))


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS512", "typ": "JWT"}, {"alg": "RS256"}, {"typ": "JWT"}, {"alg": ["HS256"]}, {"alg": "HS256", "crit": ["x"]}],
    ids=str,
)
def test_a_token_does_not_choose_how_it_is_checked(header: dict[str, Any]) -> None:
    refused(token(header=header))


def test_an_unsigned_token_is_refused() -> None:
    head, body, _ = token().split(".")
    refused(f"{segment({'alg': 'none'})}.{body}.")
    refused(f"{head}.{body}.")
    refused(id_token(SHOP, APP, OTHERS))


def test_a_changed_claim_is_refused() -> None:
    head, body, signature = token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["dest"], claims["iss"] = "https://tes-de-otto.myshopify.com", "https://tes-de-otto.myshopify.com/admin"
    refused(f"{head}.{segment(claims)}.{signature}")


def test_clocks_may_differ_by_seconds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """With minutes for seconds, so that it matters not how long this takes."""
    assert module.LEEWAY <= 10
    monkeypatch.setattr(module, "LEEWAY", 400.0)
    assert verified(token(now=time.time() + 200), APP, [SECRET]).shop == SHOP
    refused(token(now=time.time() + 600, exp=soon(500)))
    assert verified(token(now=time.time() - 60 - 200), APP, [SECRET]).shop == SHOP
    refused(token(now=time.time() - 60 - 402))


@pytest.mark.parametrize(("secrets", "app"), [((), APP), (("",), APP), ((SECRET,), "")])
def test_without_an_app_nobody_is_let_in(secrets: tuple[str, ...], app: str) -> None:
    refused(id_token(SHOP, app, SECRET), secrets, app)
    refused(
        id_token(
            SHOP,
            app,
            "",
        ),
        secrets,
        app,
    )


@pytest.mark.parametrize("said", ["", ".", "..", "a.b.c", "Bearer x", "é.é.é", "x" * 5000, "\ud800.a.b", "e30.e30.e30", "bnVsbA.bnVsbA.bnVsbA"])
def test_odd_texts_are_refused_as_everything_else(said: str) -> None:
    refused(said)


@given(
    st.text(max_size=200)
    | st.lists(st.binary(max_size=60), min_size=3, max_size=3).map(lambda parts: ".".join(base64.urlsafe_b64encode(p).decode() for p in parts))
)
def test_no_text_whatsoever_is_let_in_or_breaks_anything(said: str) -> None:
    refused(said)


def test_a_token_shows_nothing_of_itself_in_an_error() -> None:
    said = token(aud="another-app")
    with pytest.raises(NotTrusted) as caught:
        verified(said, APP, [SECRET])
    assert said.split(".")[2] not in repr(caught.value)
    assert caught.value.__cause__ is None
