"""Getting access tokens, from a peer that gives them as Shopify does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.errors import ConnectorError, Refused
from connectors.http import Door
from connectors.shops.shopify import tokens as tokens_module
from connectors.shops.shopify.addresses import shop_domain
from connectors.shops.shopify.oauth import TokenEndpoint, authorize_url
from connectors.shops.shopify.tokens import ClientCredentials, Given
from tests.peers.shop import BROKEN, LOGIN_PAGE, SLOW_DOWN, Call, Reply
from tests.peers.shopify import ShopifyPeer
from tests.peers.shopify_oauth import id_token

APP, SECRET = "f3a1c0ffee0123456789abcdef012345", "shpss_0123456789abcdef0123456789abcdef"


@pytest.fixture
def lola(monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopifyPeer]:
    monkeypatch.setattr(tokens_module, "_kept", {})
    peer = ShopifyPeer(apps={APP: SECRET}, scopes=("read_orders", "read_returns"))
    with peer.open():
        yield peer


def endpoint(lola: ShopifyPeer, secret: str = SECRET) -> TokenEndpoint:
    return TokenEndpoint(lola.domain, APP, secret, Door(["127.0.0.1"], tries=1), lola.url)


def session_token(lola: ShopifyPeer) -> str:
    return id_token(lola.domain, APP, SECRET)


def test_a_session_token_is_exchanged_for_tokens_that_end(lola: ShopifyPeer) -> None:
    grant = endpoint(lola).exchange(session_token(lola))
    assert (grant.lasts, grant.refresh_lasts, grant.scopes) == (3600.0, 7776000.0, ("read_orders", "read_returns"))
    assert lola.office.takes(grant.access_token)
    sent = {name: value for name, [value] in parse_qs(lola.calls[0].body.decode()).items()}
    assert sent == {
        "client_id": APP,
        "client_secret": SECRET,
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": sent["subject_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
        "expiring": "1",
    }


def test_a_code_is_redeemed_once(lola: ShopifyPeer) -> None:
    lola.office.codes.add("c0de")
    assert endpoint(lola).redeem("c0de").refresh_token
    with pytest.raises(Refused):
        endpoint(lola).redeem("c0de")


def test_a_refresh_token_gives_a_new_pair_and_may_be_repeated_until_that_is_used(lola: ShopifyPeer) -> None:
    first = endpoint(lola).exchange(session_token(lola))
    lost = endpoint(lola).refresh(first.refresh_token)
    again = endpoint(lola).refresh(first.refresh_token)
    assert again.access_token != lost.access_token
    assert lola.office.takes(again.access_token)
    with pytest.raises(Refused, match="invalid_grant"):
        endpoint(lola).refresh(first.refresh_token)
    assert endpoint(lola).refresh(again.refresh_token).lasts == 3600.0


def test_a_new_installation_ends_the_refresh_tokens_before_it_and_lets_access_tokens_live(lola: ShopifyPeer) -> None:
    first = endpoint(lola).exchange(session_token(lola))
    endpoint(lola).exchange(session_token(lola))
    assert lola.office.takes(first.access_token)
    with pytest.raises(Refused):
        endpoint(lola).refresh(first.refresh_token)


def test_after_removal_nothing_is_given(lola: ShopifyPeer) -> None:
    grant = endpoint(lola).exchange(session_token(lola))
    lola.uninstall()
    with pytest.raises(Refused, match="the app was removed"):
        endpoint(lola).refresh(grant.refresh_token)


@pytest.mark.parametrize(
    ("reply", "permanent"), [(BROKEN, False), (SLOW_DOWN, False), (LOGIN_PAGE, False), (Reply(200, {}), True), (Reply(404, {}), True)]
)
def test_trouble_is_told_apart_from_refusal(lola: ShopifyPeer, reply: Reply, permanent: bool) -> None:
    lola.trouble = reply
    with pytest.raises(ConnectorError) as caught:
        endpoint(lola).client_credentials()
    assert caught.value.permanent is permanent
    assert not isinstance(caught.value, Refused)


def test_nothing_secret_stands_in_errors_or_representations(lola: ShopifyPeer) -> None:
    grant = endpoint(lola).exchange(session_token(lola))
    lola.trouble = Reply(400, {"error": f"bad {SECRET}", "error_description": grant.refresh_token})
    with pytest.raises(Refused) as caught:
        endpoint(lola).refresh(grant.refresh_token)
    seen = f"{caught.value!r} {grant!r} {endpoint(lola)!r} {Given(lola.domain, 'shpat_given')!r} {tokens_module._kept!r}"
    for secret in (SECRET, grant.access_token, grant.refresh_token, "shpat_given"):
        assert secret not in seen


def test_of_many_threads_one_asks_for_the_token_of_a_day(lola: ShopifyPeer) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(ClientCredentials(endpoint(lola)).token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert lola.office.grants == ["client_credentials"]


@dataclass
class Held(ShopifyPeer):
    """A shop that answers when it is told to."""

    asked_once: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def answer(self, call: Call) -> Reply:
        self.asked_once.set()
        self.go_on.wait(60)
        return super().answer(call)


def test_a_shop_that_answers_slowly_holds_up_no_other_shops_token(lola: ShopifyPeer) -> None:
    slow = Held(domain="tes-de-otto.myshopify.com", apps={APP: SECRET})
    with slow.open():
        waiting = threading.Thread(target=ClientCredentials(endpoint(slow)).token)
        waiting.start()
        assert slow.asked_once.wait(60)
        assert ClientCredentials(endpoint(lola)).token()
        assert waiting.is_alive(), "the slow shop has not answered yet"
        slow.go_on.set()
        waiting.join()


def test_another_secret_gets_a_token_of_its_own(lola: ShopifyPeer) -> None:
    assert ClientCredentials(endpoint(lola)).token()
    with pytest.raises(Refused):
        ClientCredentials(endpoint(lola, "shpss_wrong")).token()


def test_the_merchant_agrees_at_shopify_and_comes_back_to_us() -> None:
    url = authorize_url("zapateria-lola.myshopify.com", APP, "https://posventa.example/shopify/installed", "a b&c")
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "zapateria-lola.myshopify.com", "/admin/oauth/authorize")
    assert parse_qs(parts.query) == {"client_id": [APP], "redirect_uri": ["https://posventa.example/shopify/installed"], "state": ["a b&c"]}
    assert "scope=read_orders%2Cread_returns" in authorize_url("a.myshopify.com", APP, "https://x.example", "s", ("read_orders", "read_returns"))


@pytest.mark.parametrize(
    "said",
    [
        "", "lola", "lola.myshopify.com.evil.example", "lola.myshopify.com/x", "-a.myshopify.com", "a_b.myshopify.com", "lola.myshopify.com\n.x",
        "ｌola.myshopify.com", "lola.myshopify.io", "a@lola.myshopify.com", "lola.myshopify.com:443", ".myshopify.com", "x" * 101 + ".myshopify.com",
    ],
)  # fmt: skip
def test_only_names_at_shopify_are_shops(said: str) -> None:
    assert shop_domain(said) == ""


def test_a_shops_name_is_spelt_in_small_letters() -> None:
    assert shop_domain(" Lola-2.MyShopify.com ") == "lola-2.myshopify.com"
