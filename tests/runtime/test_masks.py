"""What a log may not say."""

from __future__ import annotations

import pytest

from postventa.runtime.masks import clean, mask, one_line
from tests.scenarios import scenario

SECRETS = [
    ("mail to ana.garcía@correo.example failed", "mail to <e-mail> failed"),
    ('"Ana García" <ana@correo.example>', '"Ana García" <<e-mail>>'),
    ("ana%40correo.example stays, ana@correo.example goes", "ana%40correo.example stays, <e-mail> goes"),
    ("postgresql+psycopg://mara:s3cret@db.example/postventa", "postgresql+psycopg://***@db.example/postventa"),
    ("redis://:s3cret@redis.example:6379/0", "redis://***@redis.example:6379/0"),
    ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer ***"),
    ("token shpat_0123456789abcdef refused", "token shpat_*** refused"),
    ("key ck_0123456789abcdef0123456789abcdef01234567", "key ck_***"),
    ("GET /t/Zm9vYmFyYmF6cXV4 200", "GET /t/*** 200"),
    ("GET /review/Zm9vYmFyYmF6cXV4 200", "GET /review/*** 200"),
    ("GET /r/Zm9vYmFyYmF6cXV4/R-GY82-55HX/label.pdf 200", "GET /r/***/R-GY82-55HX/label.pdf 200"),
    ("GET /code/data/Zm9vYmFyYmF6cXV4?back=returns.label 200", "GET /code/data/***?back=returns.label 200"),
    ("POST /webhooks/woocommerce/0123456789abcdef 401", "POST /webhooks/woocommerce/0123*** 401"),
    ("/wp-json/wc/v3/orders?consumer_key=ck_1&consumer_secret=cs_2", "/wp-json/wc/v3/orders?consumer_key=***&consumer_secret=***"),
    ("GET /shopify?embedded=1&id_token=eyJh.eyJp.c2ln&shop=x.myshopify.com", "GET /shopify?embedded=1&id_token=***&shop=x.myshopify.com"),
    ("GET /shopify/installed?code=0907a6&hmac=70&state=Zm9v&timestamp=1", "GET /shopify/installed?code=***&hmac=***&state=***&timestamp=1"),
    ("GET /connect/woocommerce/back?success=1&user_id=Zm9v", "GET /connect/woocommerce/back?success=1&user_id=***"),
    ("call +34 612 345 678 now", "call <phone> now"),
    (
        "(x) [SQL: INSERT INTO customer ...]\n[parameters: ('Ana', 'Calle Feria 3')]\n(Background on",
        "(x) [SQL: INSERT INTO customer ...]\n[parameters: ***]\n(Background on",
    ),
]


@scenario("S23", budget=30)
@pytest.mark.parametrize(("said", "kept"), SECRETS)
def test_addresses_and_secrets_are_masked(said: str, kept: str) -> None:
    assert mask(said) == kept


@pytest.mark.parametrize(
    "harmless",
    [
        "order 4711 of shop 3: effect 128 done in 0.25 s",
        "2026-11-23T20:04:29.118684Z",
        "http://127.0.0.1:8000/mailbox",
        "unix:///srv/postventa/var/redis/redis.sock",
        "postventa.supervisor",
        "message <0f3a9d@mail> kept",
        "tracking PQ4F6E0706123450128041R",
    ],
)
def test_what_helps_is_left_alone(harmless: str) -> None:
    assert mask(harmless) == harmless


@scenario("S23", budget=30)
def test_a_line_break_cannot_forge_a_second_line() -> None:
    assert one_line("ok\r\n2026-01-01 admin logged in\u2028\x1b[31m") == "ok\\r\\n2026-01-01 admin logged in\\u2028\\x1b[31m"


def test_fields_are_masked_by_their_name() -> None:
    said = {
        "shop": 3,
        "recipient": "Ana",
        "webhook_secrets": ["a", "b"],
        "access_token": "x",
        "empty_password": "",
        "nested": {"email": "a@b.example"},
    }
    assert clean(said) == {
        "shop": 3,
        "recipient": "***",
        "webhook_secrets": ["***", "***"],
        "access_token": "***",
        "empty_password": "",
        "nested": {"email": "***"},
    }
