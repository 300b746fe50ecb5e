"""The topic is not signed: a genuine body that is sent again under another topic does nothing."""

import json

import pytest

from connectors.errors import Unreadable
from connectors.shops import SHOPS
from connectors.shops.base import Ignored, ShopContext
from postventa import events as e
from tests.connectors.shops.recorded import FIXTURES
from tests.pipeline.stories import HOUR, NOON, ShopifyOrder, WooOrder

LOLA = ShopContext(domain="zapateria-lola.myshopify.com", received_at=NOON)
ORDER = ShopifyOrder().tell("orders/create").sent[0].body
FULFILMENT = ShopifyOrder().fulfil(901, 11, after=HOUR).sent[0].body
SCAN = ShopifyOrder().fulfil(901, 11, after=HOUR).scan(901, "delivered", after=HOUR).sent[1].body
HANDLED = [topic for topic, found in SHOPS["shopify"].topics.items() if not isinstance(found, Ignored)]
OWN = {
    "order": [topic for topic in HANDLED if topic.startswith("orders/") and topic not in ("orders/edited", "orders/delete")],
    "fulfilment": ["fulfillments/create", "fulfillments/update"],
    "scan": ["fulfillment_events/create"],
}


@pytest.mark.parametrize(("kind", "body"), [("order", ORDER), ("fulfilment", FULFILMENT), ("scan", SCAN)])
@pytest.mark.parametrize("topic", HANDLED)
def test_a_shopify_body_is_read_under_its_own_topics_only(kind: str, body: bytes, topic: str) -> None:
    if topic in OWN[kind]:
        assert SHOPS["shopify"].normalise(topic, body, LOLA).events
    else:
        with pytest.raises(Unreadable, match="not what its topic"):
            SHOPS["shopify"].normalise(topic, body, LOLA)


def test_a_request_about_another_shop_of_the_same_app_is_not_obeyed() -> None:
    body = json.dumps({"shop_id": 1, "shop_domain": "otto.myshopify.com"}).encode()
    with pytest.raises(Unreadable, match=r"about another shop: otto\.myshopify\.com"):
        SHOPS["shopify"].normalise("shop/redact", body, LOLA)
    mine = body.replace(b"otto", b"zapateria-lola")
    assert isinstance(SHOPS["shopify"].normalise("shop/redact", mine, LOLA).events[0], e.PrivacyRequested)


@pytest.mark.parametrize("topic", ["order.deleted", "customer.created", "customer.updated"])
def test_a_woocommerce_order_is_neither_a_deletion_nor_a_customer(topic: str) -> None:
    order = WooOrder().tell("order.created").sent[0].body
    with pytest.raises(Unreadable, match="not what its topic"):
        SHOPS["woocommerce"].normalise(topic, order, ShopContext(received_at=NOON))


def test_a_woocommerce_product_is_no_order() -> None:
    product = b'{"id": 12, "name": "Taza", "status": "publish", "date_modified_gmt": "2026-11-22T14:31:27"}'
    with pytest.raises(Unreadable, match="not what its topic"):
        SHOPS["woocommerce"].normalise("order.updated", product, ShopContext(received_at=NOON))


@pytest.mark.parametrize("kind", ["postventa.privacy_export", "postventa.privacy_erase"])
def test_a_request_about_personal_data_is_what_its_body_says_and_nothing_else(kind: str) -> None:
    body, woo = (FIXTURES / f"woocommerce/plugin/{kind}__customer.json").read_bytes(), SHOPS["woocommerce"]
    (event,) = woo.normalise(kind, body, ShopContext(received_at=NOON)).events
    assert isinstance(event, e.PrivacyRequested)
    assert (event.detail, event.email, event.subject, event.at <= NOON) == (kind, "ana@cliente.example", "5", True)
    assert event.request.startswith("wordpress-1")
    for topic, found in woo.topics.items():
        if topic != kind and not isinstance(found, Ignored):
            with pytest.raises(Unreadable):
                woo.normalise(topic, body, ShopContext(received_at=NOON))
    for wrong in (
        b"{}",
        body.replace(b"@", b""),
        body.replace(b'"id"', b'"no"'),
        body.replace(b"asked_at", b"asked"),
        body.replace(b'"person"', b'"x"'),
    ):
        with pytest.raises(Unreadable):
            woo.normalise(kind, wrong, ShopContext(received_at=NOON))
