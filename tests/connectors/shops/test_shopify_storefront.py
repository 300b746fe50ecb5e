"""What Shopify passes on from a storefront: its own examples, and everything that is not from Shopify."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode

import pytest

from connectors.errors import NotTrusted
from connectors.shops.shopify import storefront
from tests.scenarios import scenario

NOW = 1_795_000_000
SECRET = "only-for-tests"


def signed(secret: str = SECRET, **changes: str) -> str:
    """As Shopify writes it."""
    pairs = {"shop": "lola.myshopify.com", "logged_in_customer_id": "7", "path_prefix": "/apps/postventa", "timestamp": str(NOW), **changes}
    message = "".join(sorted(f"{name}={value}" for name, value in pairs.items()))
    return urlencode({**pairs, "signature": hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()})


def proven(query: str, *secrets: str, now: float = NOW) -> storefront.Asked:
    asked = storefront.read(query)
    storefront.prove(asked, secrets or (SECRET,), now)
    return asked


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        ("extra=1&extra=2&path_prefix=%2Fapps%2Fawesome_reviews", "a9718877bea71c2484f91608a7eaea1532bdf71f5c56825065fa4ccabe549ef3"),
        (
            "extra=1&extra=2&logged_in_customer_id=1&path_prefix=%2Fapps%2Fawesome_reviews",
            "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb",
        ),
    ],
)
def test_shopifys_own_examples_are_proven(query: str, signature: str) -> None:
    whole = f"{query}&shop=shop-name.myshopify.com&timestamp=1317327555&signature={signature}"
    asked = proven(whole, "hush", now=1317327555)
    assert (asked.shop, asked.prefix, asked.query) == ("shop-name.myshopify.com", "/apps/awesome_reviews", "extra=1&extra=2")


def test_the_previous_secret_counts_and_an_empty_one_never() -> None:
    proven(signed(), "new", SECRET)
    with pytest.raises(NotTrusted):
        proven(signed(secret=""), "", "new")


def test_who_is_signed_in_there_is_not_passed_on() -> None:
    assert proven(signed(item="a b&c", logged_in_customer_id="777")).query == "item=a+b%26c"


@scenario("S1", budget=30)
@pytest.mark.parametrize(
    "query",
    [
        signed(secret="another"),
        signed().replace("lola", "otto"),
        signed().replace("%2Fapps%2Fpostventa", "%2Fapps%2Fevil"),
        signed() + "&item=more",
        signed() + "&shop=otto.myshopify.com",
        signed() + "&signature=" + "0" * 64,
        signed()[:-1],
        signed().partition("&signature")[0],
        signed(shop="lola.myshopify.com.evil.example"),
        signed(path_prefix="//evil.example"),
        signed(path_prefix="/apps/../admin"),
        signed(timestamp="yesterday"),
        signed(timestamp=""),
        signed(note="x" * storefront.LONGEST),
        "&".join(f"a{n}=1" for n in range(storefront.MOST + 1)),
        signed() + "&item=%ff",
        "",
    ],
)
def test_what_is_forged_odd_or_not_whole_is_refused(query: str) -> None:
    with pytest.raises(NotTrusted):
        proven(query)


@scenario("S3", budget=30)
@pytest.mark.parametrize("late", [storefront.FRESH + 1, -storefront.FRESH - 1, 86400.0])
def test_an_old_request_sent_again_is_refused(late: float) -> None:
    proven(signed(), now=NOW + storefront.FRESH - 1)
    with pytest.raises(NotTrusted):
        proven(signed(), now=NOW + late)
