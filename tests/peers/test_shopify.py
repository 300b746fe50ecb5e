"""The Shopify peer answers our real client as Shopify does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.errors import ConnectorError, Refused
from connectors.http import Door
from connectors.shops.base import ShopContext
from connectors.shops.shopify import tokens as tokens_module
from connectors.shops.shopify.client import ShopifyClient
from connectors.shops.shopify.normalise import normalise
from postventa.events import OrderSeen
from tests.cast import MARA_ON_SHOPIFY
from tests.peers.shopify import ShopifyPeer, order_document, sent_back
from tests.pipeline.stories import HOUR, NOON, ShopifyOrder

HOSTS = ["127.0.0.1"]
GRANT = {"access_token": "", "client_id": "app", "client_secret": "app-secret"}


@pytest.fixture
def lola(monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    monkeypatch.setattr(tokens_module, "_kept", {})
    peer = ShopifyPeer(domain=MARA_ON_SHOPIFY.domain, tokens={"shpat_mara"}, apps={"app": "app-secret"})
    with peer.open():
        yield peer


def client(lola: ShopifyPeer, **changes: Any) -> ShopifyClient:
    return ShopifyClient(MARA_ON_SHOPIFY.model_copy(update={"url": lola.url, **changes}), HOSTS, Door(HOSTS, tries=1))


def test_a_shop_and_a_return_are_read(lola: ShopifyPeer) -> None:
    lola.returns["gid://shopify/Return/31"] = sent_back(5001, 11)
    assert "scopes: read_orders, read_returns" in client(lola).check()
    assert client(lola).return_lines("gid://shopify/Return/31") == ("5001", "#5001-R1", (("11", 1),), "No me queda bien")
    with pytest.raises(ConnectorError, match="knows no return"):
        client(lola).return_lines("gid://shopify/Return/32")


def test_a_query_for_what_is_not_in_the_schema_is_refused(lola: ShopifyPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.shops.shopify.queries.CHECK", "query Check { shop { nombre } }")
    with pytest.raises(ConnectorError, match="Cannot query field"):
        client(lola).check()


def test_throttling_says_how_long_to_wait_and_is_one_question(lola: ShopifyPeer) -> None:
    lola.throttled = 1
    with pytest.raises(ConnectorError, match="slow down") as caught:
        client(lola).check()
    assert (caught.value.permanent, caught.value.retry_after, len(lola.calls)) == (False, 2.0, 1)
    assert client(lola).check()


def test_a_token_that_was_revoked_before_its_time_is_asked_for_anew(lola: ShopifyPeer) -> None:
    assert client(lola, **GRANT).check()
    lola.office.end_access()
    assert client(lola, **GRANT).check(), "the question is asked again with the new one"
    assert lola.office.grants == ["client_credentials"] * 2
    assert client(lola, **GRANT).check()
    assert lola.office.grants == ["client_credentials"] * 2, "which is kept"


def test_an_app_that_was_removed_is_refused_and_nothing_is_given_up(lola: ShopifyPeer) -> None:
    lola.apps.clear()
    with pytest.raises(Refused, match="the app was removed"):
        client(lola, **GRANT).check()


def test_changed_orders_are_listed_by_their_time_of_change_page_by_page(lola: ShopifyPeer) -> None:
    lola.page = 2
    for ref in range(5001, 5006):
        order = ShopifyOrder(ref, NOON).tell("orders/create").tell("orders/updated", after=(5006 - ref) * HOUR)
        lola.orders[f"gid://shopify/Order/{ref}"] = order_document(order.body)
    found = client(lola).changed_since(NOON + 2 * HOUR)
    assert [(change.order_ref, change.at) for change in found] == [(str(ref), NOON + (5006 - ref) * HOUR) for ref in (5004, 5003, 5002, 5001)]
    assert lola.asked == ["orders", "orders"]


def test_an_order_is_told_by_the_api_as_by_its_webhook(lola: ShopifyPeer) -> None:
    order = ShopifyOrder(5001, NOON).tell("orders/create")
    lola.orders["gid://shopify/Order/5001"] = order_document(order.body)
    (told,) = [event for event in client(lola).order("5001") if isinstance(event, OrderSeen)]
    (sent,) = [event for event in normalise("orders/create", order.sent[0].body, ShopContext()).events if isinstance(event, OrderSeen)]
    assert replace(told.order, lines=()) == replace(sent.order, lines=())
    assert [(line.ref, line.title, line.quantity) for line in told.order.lines] == [
        (line.ref, line.title, line.quantity) for line in sent.order.lines
    ]


def test_a_variable_that_does_not_fit_is_refused(lola: ShopifyPeer) -> None:
    with pytest.raises(ConnectorError, match="WebhookSubscriptionTopic"):
        client(lola).subscribe("orders/invented", "https://posventa.example/webhooks/shopify/x", "")
