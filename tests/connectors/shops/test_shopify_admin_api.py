"""One operation at a time: what is left behind, what is waited for, what is kept from us, and in which words it is said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import shopify

from connectors.errors import ConnectorError, Lacking
from connectors.http import Door
from connectors.shops.shopify.admin_api import AdminApi, Revoked
from connectors.shops.shopify.client import ShopifyClient
from postventa import events as e
from tests.cast import MARA_ON_SHOPIFY, OTTO_ON_SHOPIFY
from tests.connectors.peer import Peer, serve
from tests.connectors.shops.recorded import FIXTURES
from tests.peers.shopify import ShopifyPeer, not_approved, order_document
from tests.pipeline.stories import NOON, ShopifyOrder

LOLA, OTTO = MARA_ON_SHOPIFY.domain, OTTO_ON_SHOPIFY.domain
QUERY = "query Check { shop { name } }"


@pytest.fixture
def server() -> Iterator[Peer]:
    yield from serve(None)


@pytest.fixture
def lola() -> Iterator[ShopifyPeer]:
    pytest.importorskip("graphql", reason="graphql-core is not installed")
    peer = ShopifyPeer(domain=LOLA, tokens={"shpat_mara"})
    with peer.open():
        yield peer


def api(server: Peer, domain: str = LOLA, token: str = "shpat_mara", waits: list[float] | None = None) -> AdminApi:
    sleep = (waits if waits is not None else []).append
    return AdminApi(Door(["127.0.0.1"], sleep=sleep), domain, token, f"http://127.0.0.1:{server.port}")


def client(lola: ShopifyPeer) -> ShopifyClient:
    return ShopifyClient(MARA_ON_SHOPIFY.model_copy(update={"url": lola.url}), ["127.0.0.1"], Door(["127.0.0.1"], tries=1))


def left_behind() -> tuple[Any, Any, Any]:
    resource = shopify.ShopifyResource
    return resource.site, resource.url, resource.headers.get("X-Shopify-Access-Token")


def test_nothing_of_a_shop_is_in_the_librarys_global_while_a_call_is_on_its_way(server: Peer) -> None:
    seen: list[tuple[Any, Any, Any]] = []

    def answer(handler: Any) -> None:
        handler.send_response(500)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.write = answer
    made = api(server)
    assert left_behind() == (None, None, None), "before the call already"
    with pytest.raises(ConnectorError):
        made.execute(QUERY)
    thread = threading.Thread(target=lambda: seen.append(left_behind()))
    thread.start()
    thread.join()
    assert seen == [(None, None, None)], "another thread falls back to what the class has, and that is nothing"


def test_a_session_that_cannot_be_opened_leaves_nothing_behind(server: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.shops.shopify.queries.API_VERSION", "nonsense")
    with pytest.raises(shopify.VersionNotFoundError):
        api(server)
    assert left_behind() == (None, None, None)


def test_two_shops_in_one_thread_keep_their_own_tokens_whatever_fails(server: Peer) -> None:
    mara, otto = api(server), api(server, OTTO, "shpat_otto")
    server.answer({"errors": "no"}, 401)
    server.answer({"data": {"shop": {"name": "Tés"}}})
    server.answer({"data": {"shop": {"name": "Zapatería"}}})
    with pytest.raises(Revoked):
        mara.execute(QUERY)
    otto.execute(QUERY)
    mara.execute(QUERY)
    assert [headers["X-Shopify-Access-Token"] for _, _, headers, _ in server.asked] == ["shpat_mara", "shpat_otto", "shpat_mara"]
    assert "X-Shopify-Access-Token" not in shopify.ShopifyResource.headers


def test_many_threads_that_fail_and_succeed_never_mix_shops_up(server: Peer) -> None:
    def answer(handler: Any) -> None:
        token = handler.headers["X-Shopify-Access-Token"]
        body = json.dumps({"data": {"shop": {"name": token}}}).encode()
        handler.send_response(500 if token.endswith("3") else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    server.write = answer
    wrong: list[str] = []

    def work(number: int) -> None:
        for _ in range(5):
            token = f"shpat_{number}"
            try:
                told = api(server, f"shop-{number}.myshopify.com", token).execute(QUERY).data.part("shop").text("name")
            except ConnectorError:
                continue
            if told != token:
                wrong.append(told)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(("cost", "left", "rate", "wait"), [(200, 0, 100, 2.0), (1000, 200, 200, 4.0), (50, 45, 1000, 1.0), (30, 0, 0, 30.0)])
def test_a_wait_is_what_the_bucket_needs_at_its_own_rate(server: Peer, cost: int, left: int, rate: int, wait: float) -> None:
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": float(left), "restoreRate": float(rate)}
    throttled = {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": {"requestedQueryCost": cost, "actualQueryCost": None, "throttleStatus": status}},
    }
    server.answer(throttled)
    server.answer({"data": {"shop": {"name": "Lola"}}})
    waits: list[float] = []
    if wait > 10:
        with pytest.raises(ConnectorError, match="slow down") as caught:
            api(server, waits=waits).execute(QUERY)
        assert (caught.value.retry_after, waits) == (wait, []), "a long wait is the caller's to plan"
    else:
        assert api(server, waits=waits).execute(QUERY).data
        assert waits == [wait]


def test_an_empty_bucket_of_the_peer_says_when_it_is_full_enough(lola: ShopifyPeer) -> None:
    lola.points = 300
    assert client(lola).check()
    with pytest.raises(ConnectorError, match="slow down") as caught:
        client(lola).check()
    assert caught.value.retry_after == 2.0


def test_half_an_answer_is_no_answer(server: Peer) -> None:
    broken = {"message": "Internal error", "path": ["order", "fulfillments", 0, "events"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    server.answer({"data": {"order": {"legacyResourceId": "1", "fulfillments": None}}, "errors": [broken]})
    with pytest.raises(ConnectorError, match=r"Internal error \(order\.fulfillments\.events\)") as caught:
        api(server).execute(QUERY)
    assert not caught.value.permanent


def test_every_error_is_said_once(server: Peer) -> None:
    server.answer({"data": None, "errors": [{"message": "Field 'a' is wrong"}, {"message": "Field 'b' is wrong"}, {"message": "Field 'a' is wrong"}]})
    with pytest.raises(ConnectorError, match=r"refused the query: Field 'a' is wrong; Field 'b' is wrong$") as caught:
        api(server).execute(QUERY)
    assert caught.value.permanent


def test_a_scope_that_is_missing_is_named(server: Peer) -> None:
    denied = {
        "message": "Access denied for return field. Required access: `read_returns` access scope.",
        "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_returns` access scope."},
        "path": ["return"],
    }
    server.answer({"data": {"return": None}, "errors": [denied]})
    with pytest.raises(Lacking) as caught:
        api(server).execute(QUERY)
    assert caught.value.right == "`read_returns` access scope."


def test_an_order_of_an_app_without_approval_for_customers_data_is_read_all_the_same(server: Peer) -> None:
    exchange = json.loads((FIXTURES / "shopify/exchanges/order__protected_fields_not_approved.json").read_text(encoding="utf-8"))
    server.answer(exchange["answer"])
    asked = ShopifyClient(MARA_ON_SHOPIFY.model_copy(update={"url": server.url("")}), ["127.0.0.1"])
    events = asked.order("5001")
    seen = next(event.order for event in events if isinstance(event, e.OrderSeen))
    assert (seen.email, seen.phone, seen.number, str(seen.total)) == (
        "",
        "",
        "#5001",
        exchange["answer"]["data"]["order"]["totalPriceSet"]["presentmentMoney"]["amount"],
    )
    assert {"order.email", "order.phone", "order.shippingAddress.firstName"} <= asked.hidden
    assert json.loads(server.asked[0][3])["variables"] == exchange["variables"]


@pytest.mark.parametrize("path", ["order.email", "order.phone", "order.customer", "order.shippingAddress", "order.billingAddress", "order.lineItems"])
def test_any_one_field_may_be_kept_from_us(lola: ShopifyPeer, path: str) -> None:
    order = ShopifyOrder(5001, NOON).tell("orders/create")
    lola.orders["gid://shopify/Order/5001"] = order_document(order.body)
    lola.hidden[path] = not_approved(path)
    asked = client(lola)
    assert any(isinstance(event, e.OrderSeen) for event in asked.order("5001"))
    assert asked.hidden == {path}


def test_parcels_that_are_kept_from_us_are_not_no_parcels(lola: ShopifyPeer) -> None:
    order = ShopifyOrder(5001, NOON).tell("orders/create")
    lola.orders["gid://shopify/Order/5001"] = order_document(order.body)
    lola.hidden["order.fulfillments"] = not_approved("order.fulfillments")
    with pytest.raises(Lacking, match="fulfilments"):
        client(lola).parcels("5001")


def test_a_change_that_shopify_does_not_want_is_refused_in_its_own_words(lola: ShopifyPeer) -> None:
    with pytest.raises(Lacking, match="You do not have permission to create or update webhooks with disputes/create topic"):
        client(lola).subscribe("disputes/create", "https://posventa.example/webhooks/shopify/x", "")
    client(lola).subscribe("orders/create", "https://posventa.example/webhooks/shopify/x", "")
    with pytest.raises(ConnectorError, match="Address for this topic has already been taken"):
        client(lola).subscribe("orders/create", "https://posventa.example/webhooks/shopify/x", "")
