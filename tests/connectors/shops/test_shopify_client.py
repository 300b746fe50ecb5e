"""Asking Shopify, against a server that answers as its API does."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import shopify

from connectors.errors import ConnectorError
from connectors.http import Door
from connectors.shops import SHOPS
from connectors.shops.shopify import tokens as tokens_module
from connectors.shops.shopify.client import ShopifyClient
from postventa import events as e
from postventa.config import ShopSettings
from tests.cast import MARA_ON_SHOPIFY, OTTO_ON_SHOPIFY
from tests.connectors.peer import Peer, serve
from tests.connectors.shops.recorded import read
from tests.connectors.shops.recorded import shopify as fixture

ORDER = "5123456789012"
THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {"cost": {"requestedQueryCost": 200, "throttleStatus": {"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 100}}},
}


@pytest.fixture
def api() -> Iterator[Peer]:
    yield from serve(None)


@pytest.fixture(autouse=True)
def no_tokens_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_module, "_kept", {})


def settings(api: Peer, shop: ShopSettings = MARA_ON_SHOPIFY, **changes: Any) -> ShopSettings:
    return shop.model_copy(update={"url": f"http://127.0.0.1:{api.port}", **changes})


def client(api: Peer, waits: list[float] | None = None, **changes: Any) -> ShopifyClient:
    sleep = (waits if waits is not None else []).append
    return ShopifyClient(settings(api, **changes), ["127.0.0.1"], Door(["127.0.0.1"], sleep=sleep))


def money(amount: str) -> dict[str, Any]:
    return {"presentmentMoney": {"amount": amount, "currencyCode": "EUR"}}


def fulfilment(ref: str, line: str, quantity: int, created: str, number: str, company: str, *scans: tuple[str, str]) -> dict[str, Any]:
    return {
        "legacyResourceId": ref, "status": "SUCCESS", "displayStatus": "FULFILLED", "createdAt": created, "updatedAt": created,
        "trackingInfo": [{"company": company, "number": number, "url": None}],
        "fulfillmentLineItems": {"nodes": [{"quantity": quantity, "lineItem": {"id": f"gid://shopify/LineItem/{line}", "requiresShipping": True}}]},
        "events": {"nodes": [{"status": word, "happenedAt": at} for word, at in scans]},
    }  # fmt: skip


FIRST = fulfilment(
    "4812345678901", "14012345678901", 1, "2026-11-17T09:05:00Z", "3230001234567890", "Correos Express",
    ("CONFIRMED", "2026-11-17T09:06:00Z"), ("IN_TRANSIT", "2026-11-17T20:15:00Z"), ("DELIVERED", "2026-11-18T10:02:00Z"),
)  # fmt: skip
SECOND = fulfilment("4812345678902", "14012345678902", 2, "2026-11-18T11:30:00Z", "SEUR00998877", "SEUR")


def whole_order() -> dict[str, Any]:
    """The order of fixtures/shopify/orders_updated__refunded_in_part.json as the GraphQL API tells it."""
    address = {
        "firstName": "Ana", "lastName": "García Ruiz", "name": "Ana García Ruiz", "company": None, "address2": None, "city": "Sevilla",
        "address1": "Calle Sierpes 48, 3.º izda.", "province": "Sevilla", "provinceCode": "SE", "zip": "41004", "countryCodeV2": "ES",
        "phone": "+34600123123",
    }  # fmt: skip

    def line(ref: str, title: str, variant: str, price: str, count: int, discount: str = "") -> dict[str, Any]:
        return {
            "id": f"gid://shopify/LineItem/{ref}", "title": title, "variantTitle": variant, "quantity": count, "requiresShipping": True,
            "sku": {"14012345678901": "BOT-SEV-38-N", "14012345678902": "CRE-50"}[ref],
            "product": {"legacyResourceId": {"14012345678901": "8012345678901", "14012345678902": "8012345678902"}[ref]},
            "variant": {"legacyResourceId": {"14012345678901": "45012345678901", "14012345678902": "45012345678902"}[ref]},
            "originalUnitPriceSet": money(price), "taxLines": [{"priceSet": money("1.00")}],
            "discountAllocations": [{"allocatedAmountSet": money(discount)}] if discount else [],
        }  # fmt: skip

    refund = {
        "legacyResourceId": "912345678901", "createdAt": "2026-11-21T08:30:00Z", "processedAt": "2026-11-21T08:30:00Z",
        "note": "Un bote llegó abierto",
        "transactions": {"nodes": [{"kind": "REFUND", "status": "SUCCESS", "amountSet": money("8.55")}]},
        "refundLineItems": {"nodes": [{"quantity": 1, "lineItem": {"id": "gid://shopify/LineItem/14012345678902"}}]},
    }  # fmt: skip
    return {
        "legacyResourceId": ORDER, "name": "#1042", "email": "ana@correo.example", "phone": None, "createdAt": "2026-11-16T19:41:09Z",
        "updatedAt": "2026-11-21T08:30:01Z", "cancelledAt": None, "cancelReason": None, "test": False, "note": None, "customerLocale": "es-ES",
        "currencyCode": "EUR", "presentmentCurrencyCode": "EUR", "taxesIncluded": True, "displayFinancialStatus": "PARTIALLY_REFUNDED",
        "displayFulfillmentStatus": "FULFILLED", "paymentGatewayNames": ["shopify_payments"], "customerAcceptsMarketing": False,
        "statusPageUrl": fixture("orders_create__two_items")["order_status_url"], "totalPriceSet": money("111.95"),
        "totalShippingPriceSet": money("4.95"), "totalDiscountsSet": money("1.90"), "totalTaxSet": money("19.43"),
        "customer": {"legacyResourceId": "7012345678901", "firstName": "Ana", "lastName": "García Ruiz"},
        "shippingAddress": address, "billingAddress": address,
        "shippingLines": {"nodes": [{"title": "Envío estándar 24/48 h", "taxLines": [{"priceSet": money("0.86")}]}]},
        "lineItems": {"nodes": [line("14012345678901", "Botín Sevilla", "38 / Negro", "89.90", 1),
                                line("14012345678902", "Crema para cuero 50 ml", "Default Title", "9.50", 2, "1.90")]},
        "refunds": [refund], "fulfillments": [FIRST, SECOND],
    }  # fmt: skip


def test_the_platform_gives_the_client() -> None:
    assert isinstance(SHOPS["shopify"].client(MARA_ON_SHOPIFY, []), ShopifyClient)


@pytest.mark.parametrize("domain", ["zapateria-lola.example", "evil.example/x.myshopify.com", "a.myshopify.com.evil.example", "myshopify.com", ""])
def test_only_shopifys_own_domains_are_called(domain: str) -> None:
    with pytest.raises(ConnectorError, match=r"name\.myshopify\.com"):
        ShopifyClient(MARA_ON_SHOPIFY.model_copy(update={"domain": domain}), [])


def test_check_names_the_shop_and_what_the_app_may_do(api: Peer) -> None:
    scopes = {"accessScopes": [{"handle": "read_returns"}, {"handle": "read_orders"}]}
    api.answer({"data": {"shop": {"name": "Zapatería Lola", "myshopifyDomain": "zapateria-lola.myshopify.com"}, "currentAppInstallation": scopes}})
    assert client(api).check() == "Zapatería Lola (zapateria-lola.myshopify.com), API 2026-10, scopes: read_orders, read_returns"
    [(method, path, headers, _)] = api.asked
    assert (method, path, headers["X-Shopify-Access-Token"]) == ("POST", "/admin/api/2026-10/graphql.json", "shpat_mara")


def test_without_a_development_address_the_shops_own_is_called() -> None:
    called: list[str] = []

    class Listening(Door):
        def send(self, method: str, url: str, *, headers: Any = None, body: bytes | None = None, repeatable: bool | None = None) -> Any:
            called.append(url)
            raise ConnectorError("enough")

    for url in ("", "https://evil.example"):
        with pytest.raises(ConnectorError, match="enough"):
            ShopifyClient(MARA_ON_SHOPIFY.model_copy(update={"url": url}), [], Listening()).check()
    assert set(called) == {"https://zapateria-lola.myshopify.com/admin/api/2026-10/graphql.json"}


def test_parcels_are_told_with_every_scan(api: Peer) -> None:
    api.answer({"data": {"order": {"legacyResourceId": ORDER, "fulfillments": [FIRST, SECOND]}}})
    told = client(api).parcels(ORDER)
    asked = json.loads(api.asked[0][3])
    assert asked["variables"] == {"id": f"gid://shopify/Order/{ORDER}"}
    assert [(event.kind, event.parcel_ref) for event in told if isinstance(event, e.ParcelEvent)] == [
        ("ParcelSeen", "4812345678901"), ("ShipmentDispatched", "4812345678901"), ("ShipmentDispatched", "4812345678901"),
        ("ShipmentDelivered", "4812345678901"), ("ParcelSeen", "4812345678902"), ("ShipmentDispatched", "4812345678902"),
    ]  # fmt: skip
    assert told[3].at == datetime(2026, 11, 18, 10, 2, tzinfo=UTC)


def test_an_order_is_told_as_a_delivery_would_tell_it(api: Peer) -> None:
    api.answer({"data": {"order": whole_order()}})
    told = client(api).order(ORDER)
    delivered = read("shopify", "orders/updated", fixture("orders_updated__refunded_in_part")).events
    seen = next(event.order for event in told if isinstance(event, e.OrderSeen))
    expected = next(event.order for event in delivered if isinstance(event, e.OrderSeen))
    weightless = tuple(replace(line, weight_g=0) for line in expected.lines)
    assert seen == replace(expected, lines=weightless), "only the weights are not asked for"
    assert seen.total == Decimal("111.95")
    assert {event for event in delivered if not isinstance(event, e.OrderSeen)} <= set(told)
    assert any(isinstance(event, e.ShipmentDelivered) for event in told), "the scans besides"


def test_an_order_that_shopify_does_not_know(api: Peer) -> None:
    api.answer({"data": {"order": None}})
    with pytest.raises(ConnectorError, match=f"knows no order {ORDER}") as caught:
        client(api).order(ORDER)
    assert caught.value.permanent


@pytest.mark.parametrize("asked_as", ["3312345678901", "gid://shopify/Return/3312345678901"])
def test_the_lines_of_a_return(api: Peer, asked_as: str) -> None:
    held = {"quantity": 1, "customerNote": "", "returnReasonNote": "", "returnReasonDefinition": {"name": "Me queda pequeño"},
            "fulfillmentLineItem": {"lineItem": {"id": "gid://shopify/LineItem/14012345678901"}}}  # fmt: skip
    other = {"quantity": 2}
    api.answer({"data": {"return": {"name": "#1042-R1", "order": {"id": f"gid://shopify/Order/{ORDER}"}, "decline": None,
                                    "returnLineItems": {"nodes": [held, other, held]}}}})  # fmt: skip
    assert client(api).return_lines(asked_as) == (ORDER, "#1042-R1", (("14012345678901", 2),), "Me queda pequeño")
    assert json.loads(api.asked[0][3])["variables"] == {"id": "gid://shopify/Return/3312345678901"}


def test_throttling_is_waited_out(api: Peer) -> None:
    waits: list[float] = []
    api.answer(THROTTLED)
    api.answer({"data": {"order": {"fulfillments": []}}})
    assert client(api, waits).parcels(ORDER) == ()
    assert waits == [2.0], "two hundred points at a hundred a second"


def test_throttling_that_lasts_is_told_with_how_long(api: Peer) -> None:
    for _ in range(3):
        api.answer(THROTTLED)
    with pytest.raises(ConnectorError, match="slow down") as caught:
        client(api).parcels(ORDER)
    assert (caught.value.permanent, caught.value.retry_after) == (False, 2.0)
    assert len(api.asked) == 3


def test_a_field_that_we_may_not_see_does_not_cost_the_others(api: Peer) -> None:
    denied = {"message": "Access denied for email field.", "extensions": {"code": "ACCESS_DENIED"}, "path": ["order", "email"]}
    api.answer({"data": {"order": whole_order() | {"email": None}}, "errors": [denied]})
    seen = next(event.order for event in client(api).order(ORDER) if isinstance(event, e.OrderSeen))
    assert (seen.email, seen.number) == ("", "#1042")


def test_a_query_that_is_refused_altogether_says_why(api: Peer) -> None:
    api.answer({"data": None, "errors": [{"message": "Access denied for order field.", "extensions": {"code": "ACCESS_DENIED"}}]})
    with pytest.raises(ConnectorError, match="Access denied for order field") as caught:
        client(api).parcels(ORDER)
    assert caught.value.permanent


def test_trouble_inside_of_shopify_may_be_tried_again(api: Peer) -> None:
    api.answer({"data": None, "errors": [{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]})
    with pytest.raises(ConnectorError) as caught:
        client(api).parcels(ORDER)
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("status", "permanent"), [(401, True), (403, True), (402, True), (404, True), (423, True), (429, False), (500, False), (503, False)]
)
def test_a_revoked_token_is_final_and_an_outage_is_not(api: Peer, status: int, permanent: bool, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        api.answer({"errors": "[API] Invalid API key or access token of ana@correo.example"}, status)
    with pytest.raises(ConnectorError) as caught:
        client(api).check()
    assert caught.value.permanent is permanent
    assert "shpat_mara" not in str(caught.value)
    assert capsys.readouterr() == ("", ""), "the library prints error bodies"


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'"x"', b"null"])
def test_odd_answers_are_connector_errors_or_nothing(api: Peer, body: bytes) -> None:
    api.answers += [(200, {}, body)] * 3
    with contextlib.suppress(ConnectorError):
        assert client(api).parcels(ORDER) == ()


def nothing_left() -> bool:
    resource = shopify.ShopifyResource
    return resource.site is None and "X-Shopify-Access-Token" not in resource.headers and resource.url is None


def test_nothing_of_a_shop_is_left_behind_after_success_and_failure(api: Peer) -> None:
    api.answer({"data": {"order": {"fulfillments": []}}})
    client(api).parcels(ORDER)
    assert nothing_left()
    for status in (401, 500, 500, 500):
        api.answer({}, status)
    for _ in range(2):
        with pytest.raises(ConnectorError):
            client(api).parcels(ORDER)
        assert nothing_left()
    with pytest.raises(ConnectorError, match="access_token"):
        client(api, access_token="", client_secret="").check()
    assert nothing_left()


def test_two_shops_at_once_never_use_each_others_token(api: Peer) -> None:
    gate = threading.Barrier(2)

    def answer(handler: Any) -> None:
        gate.wait(90)
        body = json.dumps({"data": {"shop": {"name": handler.headers["X-Shopify-Access-Token"]}, "currentAppInstallation": {}}}).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    api.write = answer
    told: dict[str, str] = {}

    def ask(shop: ShopSettings) -> None:
        told[shop.name] = ShopifyClient(settings(api, shop), ["127.0.0.1"]).check()

    threads = [threading.Thread(target=ask, args=(shop,)) for shop in (MARA_ON_SHOPIFY, OTTO_ON_SHOPIFY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told["Zapatería Lola"].startswith("shpat_mara ")
    assert told["Tés de Otto"].startswith("shpat_otto ")


def test_an_app_of_the_merchants_own_gets_a_token_and_keeps_it(api: Peer) -> None:
    own: dict[str, Any] = {"access_token": "", "client_id": "app-1", "client_secret": "s3cret"}
    api.answer({"access_token": "shpat_new", "scope": "read_orders", "expires_in": 86399})
    for _ in range(2):
        api.answer({"data": {"order": {"fulfillments": []}}})
        client(api, **own).parcels(ORDER)
    assert [path for _, path, *_ in api.asked] == ["/admin/oauth/access_token", *["/admin/api/2026-10/graphql.json"] * 2]
    assert api.asked[0][3] == b"grant_type=client_credentials&client_id=app-1&client_secret=s3cret"
    assert {headers["X-Shopify-Access-Token"] for _, _, headers, _ in api.asked[1:]} == {"shpat_new"}


def test_a_secret_that_is_not_accepted_gives_no_token(api: Peer) -> None:
    api.answer({"error": "application_cannot_be_found"}, 400)
    with pytest.raises(ConnectorError) as caught:
        client(api, access_token="", client_id="app-1", client_secret="s3cret").check()
    assert caught.value.permanent
    assert "s3cret" not in str(caught.value)


def test_an_answer_without_a_token_is_an_error(api: Peer) -> None:
    api.answer({})
    with pytest.raises(ConnectorError, match="no access token"):
        client(api, access_token="", client_id="app-1", client_secret="s3cret").check()


def test_changed_orders_are_listed_page_by_page(api: Peer) -> None:
    def page(refs: list[int], cursor: str | None) -> dict[str, Any]:
        nodes = [{"legacyResourceId": str(ref), "updatedAt": "2026-11-03T11:00:00Z"} for ref in refs]
        return {"data": {"orders": {"nodes": nodes, "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor}}}}

    api.answer(page([1, 2], "c1"))
    api.answer(page([3], None))
    found = client(api).changed_since(datetime(2026, 11, 2, 10, 30, tzinfo=UTC))
    assert [(change.order_ref, change.at) for change in found] == [(ref, datetime(2026, 11, 3, 11, tzinfo=UTC)) for ref in ("1", "2", "3")]
    asked = [json.loads(body)["variables"] for _, _, _, body in api.asked]
    assert asked == [{"since": "updated_at:>='2026-11-02T10:30:00Z'", "after": after} for after in (None, "c1")]
