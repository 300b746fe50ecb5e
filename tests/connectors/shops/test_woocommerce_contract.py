from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from connectors.errors import BadSignature, Unreadable
from connectors.shops import SHOPS
from connectors.shops.base import ShopContext
from connectors.shops.woocommerce.verify import unescape
from tests.connectors.shops.contract import ShopContract
from tests.connectors.shops.recorded import FIXTURES, Recorded, woo_deliveries, woo_delivery

WOO = SHOPS["woocommerce"]
SIGNED = [d for d in woo_deliveries() if d.topic]
PINGS = [d for d in woo_deliveries() if not d.topic]


class TestWooCommerce(ShopContract):
    platform = WOO
    signature_header = "X-WC-Webhook-Signature"
    an_order_topic = "order.created"
    without_fixture = frozenset({"product.published"})

    def bodies(self) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for delivery in SIGNED:
            topic = "action.*" if delivery.topic.startswith("action.") else delivery.topic
            found.setdefault(topic, []).append(delivery.body)
        for path in sorted((FIXTURES / "woocommerce/plugin").glob("*__*.json")):
            found.setdefault(path.stem.partition("__")[0], []).append(path.read_bytes())
        return found


@pytest.mark.parametrize("delivery", SIGNED, ids=lambda d: str(d.name))
def test_every_recorded_delivery_is_verified_with_its_own_secret_and_no_other(delivery: Recorded) -> None:
    assert WOO.verify(delivery.body, delivery.headers, ["otto's", delivery.secret]) == 1
    with pytest.raises(BadSignature):
        WOO.verify(delivery.body, delivery.headers, ["otto's"])


@pytest.mark.parametrize("delivery", SIGNED, ids=lambda d: str(d.name))
def test_every_recorded_delivery_is_read(delivery: Recorded) -> None:
    reading = WOO.normalise(WOO.delivery(delivery.body, delivery.headers).topic, delivery.body, ShopContext(received_at=delivery.received_at))
    assert bool(reading.events) != bool(reading.ignored)
    assert all(event.at <= delivery.received_at for event in reading.events)


def test_there_are_recordings_of_everything_that_matters() -> None:
    assert len(SIGNED) >= 120
    assert len(PINGS) >= 15


def test_pings_are_known_by_their_body_and_have_no_signature() -> None:
    assert all(WOO.ping(ping.body, ping.headers) for ping in PINGS)
    assert not any(WOO.ping(delivery.body, delivery.headers) for delivery in SIGNED)


@pytest.mark.parametrize(
    "body", [b"", b"webhook_id=", b"webhook_id=x", b"webhook_id=1&x=2", b"webhook_id=1\n", b" webhook_id=1", b"webhook_id=" + b"1" * 40]
)
def test_only_the_exact_form_is_a_ping(body: bytes) -> None:
    assert not WOO.ping(body, {"Content-Type": "application/x-www-form-urlencoded"})


def test_something_signed_is_never_a_ping() -> None:
    assert not WOO.ping(b"webhook_id=1", {"x-wc-webhook-signature": "abc"})


def test_the_headers_say_what_it_is() -> None:
    found = WOO.delivery(woo_delivery(101).body, woo_delivery(101).headers)
    assert found.topic == "order.created"
    assert found.delivery_id == WOO.delivery(woo_delivery(103).body, woo_delivery(103).headers).delivery_id, "two orders, one id"
    assert found.shop_domain == "http://127.0.0.1:8081/"


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("plain", "plain"),
        ("a&amp;b", "a&b"),
        ("&lt;x&gt;", "<x>"),
        ("&quot;q&#039;", "\"q'"),
        ("&#39;&#x27;&#0034;&#x22;&#038;&#x26;&#60;&#062;", "''\"\"&&<>"),
        ("&amp;lt;", "&lt;"),
        ("&eacute;&nbsp;&#65;", "&eacute;&nbsp;&#65;"),
        ("clé-ñ-密", "clé-ñ-密"),
    ],
)
def test_the_key_is_the_secret_as_wordpress_decodes_it(secret: str, key: str) -> None:
    assert unescape(secret) == key
    value = base64.b64encode(hmac.new(key.encode(), b"{}", hashlib.sha256).digest()).decode()
    assert WOO.verify(b"{}", {"X-WC-Webhook-Signature": value}, [secret]) == 0


@pytest.mark.parametrize("number", [118, 119])
def test_secrets_with_entities_and_unicode_were_recorded(number: int) -> None:
    delivery = woo_delivery(number)
    assert not delivery.secret.isascii() or "&" in delivery.secret
    assert WOO.verify(delivery.body, delivery.headers, [delivery.secret]) == 0


@pytest.mark.parametrize("number", [109, 110, 122])
def test_the_shops_own_error_in_place_of_an_order_is_left_alone_in_plain_words(number: int) -> None:
    delivery = woo_delivery(number)
    reading = WOO.normalise(delivery.topic, delivery.body, ShopContext(received_at=delivery.received_at))
    assert reading.events == ()
    assert "could not show it any more" in reading.ignored
    assert "woocommerce_rest_" in reading.ignored


def test_something_without_an_id_that_is_no_error_is_unreadable() -> None:
    with pytest.raises(Unreadable, match='no "id"'):
        WOO.normalise("order.deleted", b"{}", ShopContext())


def test_any_action_is_declared() -> None:
    assert WOO.normalise("action.woocommerce_something_new", b'{"action":"x","arg":1}', ShopContext()).ignored


def test_all_of_its_mails_can_be_switched_off() -> None:
    assert all(mail.ours_by_default and mail.where for mail in WOO.native_mails)
