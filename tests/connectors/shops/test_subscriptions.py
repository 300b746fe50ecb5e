"""What we want to be told of, and how each platform's API is asked for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import ConnectorError, Lacking, Refused
from connectors.http import Door
from connectors.reading import Part
from connectors.shops import SHOPS
from connectors.shops.base import Webhook, is_read
from connectors.shops.shopify import subscriptions as shopify
from connectors.shops.shopify.client import ShopifyClient
from connectors.shops.woocommerce import subscriptions as woocommerce
from connectors.shops.woocommerce.client import WooCommerceClient
from tests.cast import MARA, MARA_ON_SHOPIFY
from tests.connectors.shops.recorded import woo_rest
from tests.peers.shop import REVOKED, Reply
from tests.peers.shopify import ShopifyPeer, schema
from tests.peers.woocommerce import PREFIX, WooCommercePeer

HOSTS = ["127.0.0.1"]
URL = "https://posventa.example/webhooks/x/mara-0123456789abcdef"
ALL = ("read_orders", "write_returns", "read_fulfillments", "read_customers")


@pytest.fixture
def lola() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(tokens={"shpat_mara"}, scopes=ALL, page=2)
    with peer.open():
        yield peer


@pytest.fixture
def alba() -> Iterator[WooCommercePeer]:
    peer = WooCommercePeer()
    with peer.open():
        yield peer


def on_shopify(lola: ShopifyPeer) -> ShopifyClient:
    return ShopifyClient(MARA_ON_SHOPIFY.model_copy(update={"url": lola.url}), HOSTS, Door(HOSTS, tries=1))


def on_woocommerce(alba: WooCommercePeer) -> WooCommerceClient:
    return WooCommerceClient(MARA.model_copy(update={"url": alba.url}), HOSTS, Door(HOSTS, tries=1))


def read(platform: str) -> set[str]:
    topics = SHOPS[platform].topics
    return {topic for topic in topics if is_read(topics, topic)}


def test_everything_that_is_read_is_wanted_but_for_what_cannot_or_need_not_be() -> None:
    assert read("shopify") - set(shopify.RIGHTS) == {"customers/data_request", "customers/redact", "shop/redact"}, "only an app as a whole has these"
    told_by_the_plugin = {"postventa.privacy_export", "postventa.privacy_erase"}
    assert read("woocommerce") - set(woocommerce.WANTED) == {"customer.created", "customer.updated", *told_by_the_plugin}
    assert set(shopify.RIGHTS) <= read("shopify")
    assert set(woocommerce.WANTED) <= read("woocommerce")


def test_shopify_has_every_topic_under_the_name_that_we_make_of_it() -> None:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    names = set(schema().type_map["WebhookSubscriptionTopic"].values)
    assert {shopify.enum_of(topic) for topic in shopify.RIGHTS} <= names
    assert {shopify.topic_of(shopify.enum_of(topic)) for topic in shopify.RIGHTS} == set(shopify.RIGHTS)


def test_shopifys_subscriptions_are_listed_page_by_page_with_what_the_app_may_not_have(lola: ShopifyPeer) -> None:
    made = [
        lola.webhook("ORDERS_CREATE", URL),
        lola.webhook("PRODUCTS_CREATE", "https://erp.example/hook"),
        lola.webhook("APP_UNINSTALLED", URL, "XML"),
    ]
    found = on_shopify(lola).subscriptions()
    assert found.listed == (
        Webhook(made[0], "orders/create", URL),
        Webhook(made[1], "PRODUCTS_CREATE", "https://erp.example/hook"),
        Webhook(made[2], "app/uninstalled", URL, "sends XML"),
    )
    assert set(found.wanted) == {topic for topic, right in shopify.RIGHTS.items() if right != shopify.DISPUTES}
    assert found.lacking == {}, "disputes are for those who have them"
    lola.scopes = ("read_orders", "read_customers", "read_fulfillments", shopify.DISPUTES)
    assert set(on_shopify(lola).subscriptions().lacking) == {"read_returns"}
    assert "disputes/update" in on_shopify(lola).subscriptions().wanted


def test_a_subscription_is_made_changed_and_removed_on_shopify(lola: ShopifyPeer) -> None:
    client = on_shopify(lola)
    client.subscribe("orders/create", "https://old.example/x", "unheard")
    ((gid, made),) = lola.webhooks.items()
    assert made == {"id": gid, "topic": "ORDERS_CREATE", "uri": "https://old.example/x", "format": "JSON"}
    client.subscribe("orders/create", URL, "unheard", gid)
    assert lola.webhooks[gid]["uri"] == URL
    with pytest.raises(ConnectorError, match="already been taken") as caught:
        client.subscribe("orders/create", URL, "unheard")
    assert (caught.value.permanent, isinstance(caught.value, Lacking)) == (True, False)
    client.unsubscribe(gid)
    client.unsubscribe(gid)
    assert lola.webhooks == {}
    with pytest.raises(ConnectorError, match="does not exist"):
        client.subscribe("orders/create", URL, "unheard", gid)
    assert all(call.path.startswith("/admin/api/2026-10/") for call in lola.calls)


def test_a_right_that_shopify_misses_is_named(lola: ShopifyPeer) -> None:
    lola.scopes = ()
    with pytest.raises(Lacking, match="do not have permission") as caught:
        on_shopify(lola).subscribe("returns/request", URL, "unheard")
    assert (caught.value.right, caught.value.permanent) == ("read_returns", True)


def test_a_query_that_is_denied_as_a_whole_names_what_it_takes(lola: ShopifyPeer) -> None:
    lola.trouble = Reply(
        document={"errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_orders`"}}]}
    )
    with pytest.raises(Lacking, match="Access denied") as caught:
        on_shopify(lola).subscriptions()
    assert caught.value.right == "`read_orders`"


def test_the_list_of_a_real_shop_is_read() -> None:
    found = woocommerce.webhook(Part(woo_rest("webhook-get-disabled")["body_json"]))
    assert found == Webhook("43", "order.updated", "http://127.0.0.1:9911/code/500/many", "was switched off")


def test_woocommerces_webhooks_are_listed_page_by_page(alba: WooCommercePeer) -> None:
    for number in range(150):
        alba.webhook("order.created", f"https://erp.example/{number}", "paused" if number == 149 else "active")
    found = on_woocommerce(alba).subscriptions()
    assert len({webhook.ref for webhook in found.listed}) == 150
    assert {webhook.trouble for webhook in found.listed} == {"", "is paused"}
    assert alba.asked_webhooks("GET") == 2


def test_a_webhook_is_made_changed_and_removed_in_woocommerce(alba: WooCommercePeer) -> None:
    client = on_woocommerce(alba)
    client.subscribe("order.created", "https://old.example/x", "s3cret")
    assert alba.secrets == {1: "s3cret"}
    alba.webhooks[1]["status"] = "disabled"
    client.subscribe("order.created", URL, "newer", "1")
    assert (alba.webhooks[1]["status"], alba.webhooks[1]["delivery_url"], alba.secrets) == ("active", URL, {1: "newer"})
    client.unsubscribe("1")
    client.unsubscribe("1")
    assert alba.webhooks == {}


def test_a_key_that_only_reads_is_told_apart_from_one_that_was_revoked(alba: WooCommercePeer) -> None:
    client = on_woocommerce(alba)
    alba.writes = False
    with pytest.raises(Lacking, match="does not let our key change") as caught:
        client.subscribe("order.created", URL, "s")
    assert "Lectura/Escritura" in caught.value.right
    with pytest.raises(Lacking):
        client.unsubscribe("1")
    alba.manages = False
    with pytest.raises(Lacking) as caught:
        client.subscriptions()
    assert "manage_woocommerce" in caught.value.right
    alba.trouble = REVOKED
    with pytest.raises(Refused):
        client.subscriptions()
    assert all(call.path.startswith(f"{PREFIX}webhooks") for call in alba.calls)


def test_an_address_that_the_shop_does_not_take_is_its_last_word(alba: WooCommercePeer) -> None:
    alba.trouble = Reply(400, woo_rest("err-400-webhook-url")["body_json"])
    with pytest.raises(ConnectorError, match="invalid_delivery_url") as caught:
        on_woocommerce(alba).subscribe("order.created", "ftp://x/y", "s")
    assert caught.value.permanent
