"""Asking a WooCommerce shop, against answers that a real one gave."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import ConnectorError, Unsupported
from connectors.http import REFUSED, Door
from connectors.shops import SHOPS
from connectors.shops.woocommerce.client import WooCommerceClient
from postventa import events as e
from postventa.config import ShopSettings
from postventa.events import ParcelSnapshot, Step
from tests.cast import MARA
from tests.connectors.peer import Peer, serve
from tests.connectors.shops.recorded import read, woo_order, woo_rest
from tests.peers.woocommerce import WooCommercePeer


@pytest.fixture
def shop() -> Iterator[Peer]:
    yield from serve(None)


def settings(shop: Peer, **changes: Any) -> ShopSettings:
    return MARA.model_copy(update={"url": f"http://127.0.0.1:{shop.port}", **changes})


def client(shop: Peer, **changes: Any) -> WooCommerceClient:
    return WooCommerceClient(settings(shop, **changes), ["127.0.0.1"], Door(["127.0.0.1"], sleep=lambda _: None))


def recorded(shop: Peer, name: str) -> None:
    answer = woo_rest(name)
    shop.answer(answer["body_json"], answer["status"])


def test_the_platform_gives_the_client() -> None:
    found = SHOPS["woocommerce"].client(MARA, [])
    assert isinstance(found, WooCommerceClient)


def test_a_shop_without_keys_says_what_is_missing() -> None:
    with pytest.raises(ConnectorError, match="consumer_key and consumer_secret"):
        SHOPS["woocommerce"].client(MARA.model_copy(update={"consumer_secret": ""}), [])


def test_a_private_address_is_not_called() -> None:
    with pytest.raises(ConnectorError) as caught:
        WooCommerceClient(MARA.model_copy(update={"url": "https://192.168.1.10"}), []).check()
    assert str(caught.value) == REFUSED


def test_check_names_the_version(shop: Peer) -> None:
    shop.answer({"environment": {"version": "10.5.0"}, "settings": {"currency": "EUR"}})
    assert client(shop).check() == f"http://127.0.0.1:{shop.port}, WooCommerce 10.5.0, EUR"
    assert shop.asked[0][1].startswith("/wp-json/wc/v3/system_status?")


def test_check_is_content_with_a_key_that_only_reads_orders(shop: Peer) -> None:
    recorded(shop, "err-403-subscriber-lists-orders")
    shop.answer([{"id": 1, "version": "10.5.0"}])
    assert "WooCommerce 10.5.0 (orders can be read)" in client(shop).check()


@pytest.mark.parametrize("name", ["err-401-unknown-key", "err-401-wrong-secret", "err-403-subscriber-lists-orders"])
def test_a_key_that_is_not_accepted_is_no_use_trying_again(shop: Peer, name: str) -> None:
    recorded(shop, name)
    recorded(shop, name)
    with pytest.raises(ConnectorError, match="does not accept the API key") as caught:
        client(shop).check()
    assert caught.value.permanent


def test_plain_http_is_signed_with_oauth_and_keeps_the_secret_to_itself(shop: Peer) -> None:
    recorded(shop, "order-get-fulfilled")
    client(shop).order("75")
    _, path, headers, _ = shop.asked[0]
    assert path.startswith("/wp-json/wc/v3/orders/75?")
    assert "oauth_signature=" in path
    assert "cs_mara" not in path
    assert "Authorization" not in headers


def test_tls_carries_the_keys_in_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, dict[str, str]]] = []

    class Listening(Door):
        def send(self, method: str, url: str, *, headers: Any = None, body: bytes | None = None, repeatable: bool | None = None) -> Any:
            sent.append((url, dict(headers)))
            raise ConnectorError("enough")

    with pytest.raises(ConnectorError, match="enough"):
        WooCommerceClient(MARA, [], Listening()).order("75")
    [(url, headers)] = sent
    assert url == "https://zapateria-lola.example/wp-json/wc/v3/orders/75"
    assert b64decode(headers["Authorization"].removeprefix("Basic ")) == b"ck_mara:cs_mara"


def test_an_order_is_told_as_a_delivery_would_tell_it(shop: Peer) -> None:
    shop.answer(woo_order(62))
    assert client(shop).order("56") == read("woocommerce", "order.updated", woo_order(62)).events


def test_fulfilments_become_parcels(shop: Peer) -> None:
    recorded(shop, "order-get-all-fulfilled")
    recorded(shop, "fulfillments-list-two")
    told = client(shop).parcels("76")
    first, second = [event.parcel for event in told if isinstance(event, e.ParcelSeen)]
    assert first == ParcelSnapshot(
        "wcf-3",
        "Correos",
        "PK1234567890123456789ES",
        "https://www.correos.es/ss/Satellite/site/pagina-tracking/info?numeroEnvio=PK1234567890123456789ES",
        (("148", 2),),
    )
    assert (second.carrier, second.tracking_url, second.lines) == ("Mensajería del Barrio", "https://barrio.test/t/BAR-1", (("148", 1), ("149", 1)))
    left = {event.parcel_ref: event.at for event in told if isinstance(event, e.ShipmentDispatched)}
    assert left == {"wcf-3": datetime(2026, 11, 22, 14, 38, 29, tzinfo=UTC), "wcf-4": datetime(2026, 11, 22, 14, 38, 33, tzinfo=UTC)}, "local times"


def test_a_status_of_the_shops_own_speaks_of_its_fulfilments_too(shop: Peer) -> None:
    order = woo_rest("order-get-all-fulfilled")["body_json"] | {"status": "entregado"}
    shop.answer(order)
    recorded(shop, "fulfillments-list-two")
    told = client(shop, status_map={"entregado": Step.DELIVERED}).parcels("76")
    assert {event.parcel_ref for event in told if isinstance(event, e.ShipmentDelivered)} == {"wcf-3", "wcf-4"}


def test_a_fulfilment_that_was_only_begun_is_no_parcel(shop: Peer) -> None:
    recorded(shop, "order-get-fulfilled")
    shop.answer([{"id": 2, "status": "unfulfilled", "meta_data": []}, {"status": "fulfilled"}, "noise"])
    assert client(shop).parcels("75") == ()


def test_an_order_without_fulfilments_has_no_parcels(shop: Peer) -> None:
    recorded(shop, "order-get-fulfilled")
    recorded(shop, "fulfillments-list-empty")
    assert client(shop).parcels("75") == ()


def test_parcels_that_came_with_the_order_are_not_told_twice(shop: Peer) -> None:
    recorded(shop, "order-get-with-ast-tracking")
    assert client(shop).parcels("85") == ()
    assert len(shop.asked) == 1


def test_a_shop_without_the_feature_says_so(shop: Peer) -> None:
    recorded(shop, "order-get-fulfilled")
    recorded(shop, "fulfillments-feature-off")
    with pytest.raises(Unsupported, match="feature is off"):
        client(shop).parcels("75")


def test_woocommerce_knows_no_returns(shop: Peer) -> None:
    with pytest.raises(Unsupported):
        client(shop).return_lines("1")


def test_a_page_in_place_of_an_order_may_be_tried_again(shop: Peer) -> None:
    shop.answers.append((200, {}, b"<html>Mantenimiento</html>"))
    with pytest.raises(ConnectorError, match="something else than WooCommerce") as caught:
        client(shop).order("75")
    assert not caught.value.permanent


def test_an_order_that_is_gone_is_gone(shop: Peer) -> None:
    shop.answer({"code": "woocommerce_rest_shop_order_invalid_id", "message": "ID no válido.", "data": {"status": 404}}, 404)
    with pytest.raises(ConnectorError, match="woocommerce_rest_shop_order_invalid_id") as caught:
        client(shop).order("75")
    assert caught.value.permanent


@pytest.mark.parametrize("answer", [{"id": 76}, [], "text", None, 7])
def test_odd_answers_are_connector_errors(shop: Peer, answer: Any) -> None:
    shop.answer(answer)
    with pytest.raises(ConnectorError):
        client(shop).order("76")


def test_a_listing_that_is_none_is_a_connector_error(shop: Peer) -> None:
    recorded(shop, "order-get-fulfilled")
    shop.answer({"fulfillments": "none"})
    with pytest.raises(ConnectorError, match="no list"):
        client(shop).parcels("75")


def test_the_keys_are_in_no_message(shop: Peer) -> None:
    for status in (400, 401, 404, 500):
        shop.answers[:] = [(status, {}, json.dumps({"code": "x", "message": "y"}).encode())] * 3
        with pytest.raises(ConnectorError) as caught:
            client(shop).order("75")
        assert "ck_mara" not in str(caught.value)
        assert "cs_mara" not in str(caught.value)


def test_changed_orders_are_listed_page_by_page_and_drafts_are_none() -> None:
    with WooCommercePeer().open() as peer:
        assert isinstance(peer, WooCommercePeer)
        for ref in range(1, 231):
            peer.orders[ref] = {"id": ref, "status": "checkout-draft" if ref % 10 == 0 else "processing", "date_modified_gmt": "2026-11-03T11:00:00"}
        peer.orders[500] = {"id": 500, "status": "processing", "date_modified_gmt": "2026-11-01T11:00:00"}
        asked = WooCommerceClient(MARA.model_copy(update={"url": peer.url}), ["127.0.0.1"])
        found = asked.changed_since(datetime(2026, 11, 2, tzinfo=UTC))
        assert len(found) == 207
        assert [call.query["page"] for call in peer.calls] == ["1", "2", "3"]
        assert {change.at for change in found} == {datetime(2026, 11, 3, 11, tzinfo=UTC)}
