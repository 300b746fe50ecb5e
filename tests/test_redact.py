"""What a delivery's body shows to whoever looks for a fault: the order, and nothing about the person."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from postventa import redact
from tests.pipeline.stories import ShopifyOrder, WooOrder

PERSON = ("Ana", "Peña", "Betis", "41010", "600 000 000", "cliente.example", "Sevilla")
FIXTURES = sorted((Path(__file__).parent / "fixtures").rglob("*.json"))


@pytest.mark.parametrize(
    "sent",
    [WooOrder().tell("order.created").sent[0], ShopifyOrder().tell("orders/create").fulfil(9, 11, after=timedelta(0)).sent[0]],
    ids=["woo", "shopify"],
)
def test_nothing_about_the_person_is_left_and_the_order_is(sent: object) -> None:
    body: bytes = sent.body  # type: ignore[attr-defined]
    shown = redact.body(body.decode())
    assert not [word for word in PERSON if word in shown]
    for word in ("50.00", "EUR", "SKU-1", '"ES"'):
        assert word in shown


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem[:40])
def test_no_recorded_delivery_shows_an_address(fixture: Path) -> None:
    text = fixture.read_text(encoding="utf-8")
    shown = redact.body(text)
    assert "@" not in shown
    for people in _people(json.loads(text)):
        for name in ("address1", "address_1", "last_name", "phone", "zip", "postcode"):
            value = people.get(name)
            if isinstance(value, str) and len(value) > 4 and not value.isascii():
                assert value not in shown, (name, value)


def _people(value: object) -> list[dict[str, object]]:
    if isinstance(value, list):
        return [found for item in value for found in _people(item)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for item in value.values() for found in _people(item))]


def test_broken_json_is_masked_word_by_word() -> None:
    shown = redact.body('{"id": 4001, "status": "processing", "billing": {"first_name": "Ana", "email": "ana@cliente.example", "phone": 600000')
    assert "Ana" not in shown
    assert "cliente" not in shown
    assert "600000" not in shown
    assert '"status": "processing"' in shown


@pytest.mark.parametrize("text", ["", "null", "[]", '"ana@cliente.example"', "[" * 5000, "<p>ana@cliente.example +34 600 000 000</p>"])
def test_it_never_fails(text: str) -> None:
    shown = redact.body(text)
    assert "cliente" not in shown
    assert "600" not in shown


def test_what_a_plugin_adds_is_hidden_until_somebody_knows_it() -> None:
    document = {
        "id": 1,
        "nif": "12345678Z",
        "meta_data": [{"key": "_billing_dni", "value": "12345678Z"}],
        "gift_message": "Para Ana",
        "total": "5.00",
    }
    assert json.loads(redact.body(json.dumps(document))) == {
        "id": 1,
        "nif": "***",
        "meta_data": [{"key": "***", "value": "***"}],
        "gift_message": "***",
        "total": "5.00",
    }


def test_an_address_can_be_told_from_another() -> None:
    assert redact.address("ana@cliente.example") == "a***@***.example"
    assert redact.address("") == ""
    assert redact.address("nonsense") == "***"
