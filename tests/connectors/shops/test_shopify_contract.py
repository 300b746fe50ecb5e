from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.errors import BadSignature
from connectors.shops import SHOPS
from tests.connectors.shops.contract import CURRENT, ShopContract, signature
from tests.connectors.shops.recorded import FIXTURES, shopify_bodies

VECTORS = [v for v in json.loads((FIXTURES / "shopify/hmac_vectors.json").read_text(encoding="utf-8")) if v["kind"] == "webhook_body_base64"]


class TestShopify(ShopContract):
    platform = SHOPS["shopify"]
    signature_header = "X-Shopify-Hmac-Sha256"
    an_order_topic = "orders/create"

    def bodies(self) -> dict[str, list[bytes]]:
        return shopify_bodies()


class TestShopifyEvents(TestShopify):
    """The successors of webhooks carry the same signature under another name."""

    signature_header = "shopify-hmac-sha256"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: str(v["name"]))
def test_signatures_of_shopifys_own_libraries_are_accepted(vector: dict[str, str]) -> None:
    headers = {"X-Shopify-Hmac-Sha256": vector["expected"]}
    assert SHOPS["shopify"].verify(vector["body"].encode(), headers, ["something else", vector["secret"]]) == 1
    with pytest.raises(BadSignature):
        SHOPS["shopify"].verify(vector["body"].encode() + b" ", headers, [vector["secret"]])


def test_there_are_signatures_to_compare_with() -> None:
    assert len(VECTORS) >= 4


def test_the_headers_say_what_it_is() -> None:
    found = SHOPS["shopify"].delivery(
        b"{}",
        {
            "X-Shopify-Topic": "orders/create",
            "X-Shopify-Webhook-Id": "b1234-5",
            "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
            "X-Shopify-Shop-Domain": "Zapateria-Lola.myshopify.com",
            "X-Shopify-Triggered-At": "2026-11-16T19:41:11.877041743Z",
            "X-Shopify-Test": "true",
        },
    )
    assert (found.topic, found.delivery_id, found.shop_domain, found.test) == ("orders/create", "b1234-5", "zapateria-lola.myshopify.com", True)
    assert found.triggered_at == datetime(2026, 11, 16, 19, 41, 11, 877041, tzinfo=UTC)


def test_the_newer_headers_say_the_same() -> None:
    found = SHOPS["shopify"].delivery(b"{}", {"shopify-topic": "orders/paid", "shopify-webhook-id": "w-1", "shopify-shop-domain": "a.myshopify.com"})
    assert (found.topic, found.delivery_id, found.shop_domain) == ("orders/paid", "w-1", "a.myshopify.com")


def test_a_successor_names_a_kind_and_an_action() -> None:
    assert SHOPS["shopify"].delivery(b"{}", {"shopify-topic": "Order", "shopify-action": "update"}).topic == "order/update"


def test_shopify_sends_no_greeting() -> None:
    assert not SHOPS["shopify"].ping(b"webhook_id=1", {})


def test_two_different_signatures_in_one_request_are_refused() -> None:
    body = b"{}"
    with pytest.raises(BadSignature):
        SHOPS["shopify"].verify(
            body, {"X-Shopify-Hmac-Sha256": signature(body, "wrong"), "x-shopify-hmac-sha256": signature(body, CURRENT)}, [CURRENT]
        )


def test_only_the_order_confirmation_cannot_be_switched_off() -> None:
    assert [mail.followup for mail in SHOPS["shopify"].native_mails if not mail.ours_by_default] == ["order_received"]
