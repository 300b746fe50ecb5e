"""What the front door refuses: whoever cannot prove who they are, and whatever cannot be a delivery."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.pipeline.stories import Sent, ShopifyOrder, WooOrder
from tests.runtime.processes import memory
from tests.scenarios import scenario
from tests.service.running import Service
from tests.service.shops import ALBA, LOLA, OTTO, Headers, Shop, ask

NOWHERE = {"woocommerce": "/webhooks/woocommerce/nobody-0000000000000000", "shopify": "/webhooks/shopify/nobody-0000000000000000"}
MEBIBYTE = 1024 * 1024
TOO_MUCH = b"x" * 20_000_000


def order_of(shop: Shop, ref: int) -> Sent:
    now = datetime.now(UTC).replace(microsecond=0)
    told = WooOrder(ref, now).tell("order.created") if shop.platform == "woocommerce" else ShopifyOrder(ref, now).tell("orders/create")
    return replace(told.sent[0], delivery_id=f"delivery-{ref}")


def signatures(shop: Shop, body: bytes) -> dict[str, list[str]]:
    """Kinds of bad proof -> the signature headers that are sent."""
    good = shop.signature(body)
    return {
        "missing": [],
        "empty": [""],
        "of another secret": [shop.signature(body, "somebody else's")],
        "of another shop": [OTTO.signature(body)],
        "of another body": [shop.signature(body + b" ")],
        "truncated": [good[:-5]],
        "without its padding": [good.rstrip("=")],
        "with a tail": [good + "AAAA"],
        "not base64": ["%" * 44],
        "hexadecimal": ["ab" * 32],
        "not even ASCII": ["ñ" * 44],
        "twice": [good, good],
        "twice, the second wrong": [good, shop.signature(body, "x")],
        "twice, the first wrong": [shop.signature(body, "x"), good],
    }


@scenario("S1", budget=60)
@pytest.mark.parametrize("shop", [ALBA, LOLA], ids=["woocommerce", "shopify"])
def test_whoever_cannot_prove_who_they_are_gets_the_same_401_as_a_stranger_and_nothing_is_stored(
    lasting: Service, shop: Shop, order_ref: int
) -> None:
    sent = order_of(shop, order_ref)
    stranger = lasting.post(NOWHERE[shop.platform], sent.body, shop.headers(sent))
    assert stranger.status == 401
    name = "X-WC-Webhook-Signature" if shop.platform == "woocommerce" else "X-Shopify-Hmac-Sha256"
    for kind, values in signatures(shop, sent.body).items():
        headers = shop.headers(sent, signature=None) + [(name, value) for value in values]
        answer = lasting.post(shop.path, sent.body, headers)
        assert (answer.status, answer.body, set(answer.headers)) == (401, stranger.body, set(stranger.headers)), kind
    assert lasting.deliveries(delivery_id=sent.delivery_id) == []


@scenario("S1", budget=60)
def test_the_newer_header_family_of_shopify_is_held_to_the_same_proof(lasting: Service, order_ref: int) -> None:
    sent = order_of(LOLA, order_ref)

    def newer(signature: str) -> Headers:
        own = {"topic": sent.topic, "webhook-id": f"new-{sent.delivery_id}", "hmac-sha256": signature, "shop-domain": LOLA.settings["domain"]}
        return [("Content-Type", "application/json"), *((f"shopify-{name}", value) for name, value in own.items())]

    assert lasting.post(LOLA.path, sent.body, newer("A" * 44)).status == 401
    assert lasting.post(LOLA.path, sent.body, newer(LOLA.signature(sent.body)[:-5])).status == 401
    assert lasting.deliveries(delivery_id=f"new-{sent.delivery_id}") == []
    assert lasting.post(LOLA.path, sent.body, newer(LOLA.signature(sent.body))).status == 200
    assert len(lasting.deliveries(delivery_id=f"new-{sent.delivery_id}")) == 1


@scenario("S2", budget=60)
def test_a_delivery_for_another_shop_domain_is_refused(lasting: Service, order_ref: int) -> None:
    sent = order_of(LOLA, order_ref)
    for domain in ("otra-tienda.myshopify.com", "", "zapateria-lola.myshopify.com.evil.example", None):
        assert lasting.deliver(LOLA, sent, domain=domain).status == 401
    assert lasting.deliveries(delivery_id=sent.delivery_id) == []
    assert lasting.deliver(LOLA, sent, domain="Zapateria-Lola.myshopify.com").status == 200


def test_the_address_of_a_whole_app_finds_the_shop_by_its_domain(lasting: Service, order_ref: int) -> None:
    sent = order_of(LOLA, order_ref)
    for changes in ({"domain": "nobody.myshopify.com"}, {"domain": None}, {"signature": "A" * 44}, {"signature": None}):
        assert lasting.deliver(LOLA, sent, "/webhooks/shopify", **changes).status == 401
    assert lasting.deliveries(delivery_id=sent.delivery_id) == []
    assert lasting.deliver(LOLA, sent, "/webhooks/shopify").status == 200
    assert [row["shop"] for row in lasting.deliveries(delivery_id=sent.delivery_id)] == ["Zapatería Lola"]


@scenario("S2", budget=60)
def test_a_delivery_of_one_shop_means_nothing_at_the_door_of_another(lasting: Service, order_ref: int) -> None:
    sent = order_of(ALBA, order_ref)
    assert lasting.post(OTTO.path, sent.body, ALBA.headers(sent)).status == 401
    assert lasting.post(ALBA.path.replace("woocommerce", "shopify"), sent.body, ALBA.headers(sent)).status == 401
    assert lasting.deliveries(delivery_id=sent.delivery_id, shop="Ottos Lampen") == []


def test_the_greeting_of_woocommerce_is_answered_and_not_stored(lasting: Service) -> None:
    before = len(lasting.deliveries())
    form: Headers = [("Content-Type", "application/x-www-form-urlencoded")]
    assert lasting.post(ALBA.path, b"webhook_id=12", form).status == 200
    for body, path in ((b"webhook_id=12", NOWHERE["woocommerce"]), (b"webhook_id=12&x=1", ALBA.path), (b"webhook_id=", ALBA.path), (b"", ALBA.path)):
        assert lasting.post(path, body, form).status == 401, body
    assert len(lasting.deliveries()) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_only_post_is_listened_to(lasting: Service, method: str) -> None:
    for path in (ALBA.path, LOLA.path, "/webhooks/shopify", NOWHERE["woocommerce"]):
        answer = ask(lasting.port, method, path)
        assert (answer.status, "POST" in answer.headers["allow"]) == (405, True)


def with_urllib(url: str, body: bytes) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_twenty_megabytes_are_too_much_and_every_client_hears_it(lasting: Service) -> None:
    signed: Headers = [("X-WC-Webhook-Signature", ALBA.signature(TOO_MUCH)), ("X-WC-Webhook-Topic", "order.updated")]
    before = memory(lasting.parts["pv-web-1"])
    assert lasting.post(ALBA.path, TOO_MUCH, signed).status == 413
    assert with_urllib(f"http://127.0.0.1:{lasting.port}{ALBA.path}", TOO_MUCH) == 413
    chunks = [TOO_MUCH[: 100 * 1024]] * 200
    assert ask(lasting.port, "POST", ALBA.path, iter(chunks), signed).status == 413, "no length is announced"
    assert memory(lasting.parts["pv-web-1"]) - before < 20_000, "kB"
    assert all(row["topic"] != "" for row in lasting.deliveries()), "nothing of it was kept"


def test_two_mebibytes_are_not_too_much_and_one_byte_more_is(lasting: Service, order_ref: int) -> None:
    body = json.dumps({**json.loads(order_of(ALBA, order_ref).body), "customer_note": ""}).encode()
    for extra, status in ((0, 200), (1, 413)):
        full = body[:-1] + b" " * (2 * MEBIBYTE - len(body) + extra) + b"}"
        sent = Sent("order.updated", full, datetime.now(UTC), f"full-{order_ref}-{extra}")
        assert lasting.deliver(ALBA, sent).status == status
        chunks = [full[start : start + 65536] for start in range(0, len(full), 65536)]
        assert ask(lasting.port, "POST", ALBA.path, iter(chunks), ALBA.headers(sent, delivery_id=f"chunked-{extra}")).status == status
    assert len(lasting.deliveries(delivery_id=f"full-{order_ref}-0")) == 1


def test_packed_bodies_are_refused(lasting: Service, order_ref: int) -> None:
    sent = order_of(ALBA, order_ref)
    packed = Sent(sent.topic, gzip.compress(sent.body), sent.at, sent.delivery_id)
    for encoding in ("gzip", "GZIP", "deflate", "br", "gzip, gzip"):
        assert lasting.post(ALBA.path, packed.body, [*ALBA.headers(packed), ("Content-Encoding", encoding)]).status == 415
    assert lasting.deliveries(delivery_id=sent.delivery_id) == []
    assert lasting.post(ALBA.path, sent.body, [*ALBA.headers(sent), ("Content-Encoding", "identity")]).status == 200


def test_a_sender_who_hangs_up_half_way_leaves_nothing(lasting: Service, order_ref: int) -> None:
    sent = order_of(ALBA, order_ref)
    half = sent.body[: len(sent.body) // 2]
    head = "".join(f"{name}: {value}\r\n" for name, value in ALBA.headers(sent, signature=ALBA.signature(half)))
    with socket.create_connection(("127.0.0.1", lasting.port)) as line:
        line.sendall(f"POST {ALBA.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(sent.body)}\r\n{head}\r\n".encode() + half)
    time.sleep(0.3)
    assert lasting.deliveries(delivery_id=sent.delivery_id) == []
    assert lasting.ready()


def test_headers_without_end_are_refused(lasting: Service, order_ref: int) -> None:
    """The server hangs up on them: whether its answer still comes through depends on how fast the sender talks."""
    sent = order_of(ALBA, order_ref)
    try:
        status = lasting.post(ALBA.path, sent.body, [*ALBA.headers(sent), ("X-Long", "x" * 20_000)]).status
    except ConnectionError:
        status = http.client.REQUEST_HEADER_FIELDS_TOO_LARGE
    assert status == http.client.REQUEST_HEADER_FIELDS_TOO_LARGE
    assert lasting.deliveries(delivery_id=sent.delivery_id) == []
    assert lasting.ready()
