"""What a carrier is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.carriers import CARRIERS
from connectors.carriers.base import Item, LabelRequest
from postventa.config import Brand, ReturnAddress
from postventa.events import Address, LineSnapshot
from postventa.returns.request import LabelDraft, draft_label
from tests.cast import MARA

WAREHOUSE = ReturnAddress(street="Calle Sierpes, 42", postcode="41004", city="Sevilla")
SHOP = MARA.model_copy(update={"return_address": WAREHOUSE, "brand": Brand(colour="#aa3300", support_email="hola@zapateria-lola.example")})
HOME = Address(name="Ana Núñez", street="Calle Feria, 1", postcode="28013", city="Madrid", country="ES")
BOOTS = LineSnapshot("l1", "Botín Triana", 2, Decimal(120), variant_title="38", sku="BOT-38", weight_g=900)
LACES = LineSnapshot("l2", "Cordones negros", 1, Decimal(3), variant_title="negros", weight_g=20)
EBOOK = LineSnapshot("l3", "Guía (PDF)", 1, Decimal(5), requires_shipping=False)


def draft(**changes: Any) -> LabelDraft:
    values: dict[str, Any] = {
        "number": "R-7F3K-2M9Q",
        "order_number": "#1042",
        "customer": HOME,
        "customer_name": "Ana Núñez",
        "lines": (BOOTS, LACES, EBOOK),
        "chosen": (("l1", 1),),
        "language": "ca",
        "approved_at": datetime(2026, 11, 24, 23, 30, tzinfo=UTC),
        "reason": "SIZE_TOO_SMALL",
    }
    return draft_label(changes.pop("shop", SHOP), **(values | changes))


def test_the_label_goes_from_the_customer_to_the_return_address() -> None:
    fields = draft().fields

    assert fields["sender"] == HOME
    assert fields["receiver"] == Address(
        name="Zapatería Lola", street="Calle Sierpes, 42", postcode="41004", city="Sevilla", country="ES", email="hola@zapateria-lola.example"
    )


def test_the_order_names_the_customer_where_the_address_does_not() -> None:
    assert draft(customer=replace(HOME, name="")).fields["sender"].name == "Ana Núñez"
    assert draft(customer=replace(HOME, name="", company="Flores Ana")).fields["sender"].name == ""


def test_the_chosen_items_carry_their_variant_once() -> None:
    assert draft(chosen=(("l1", 1), ("l2", 1))).items == (("Botín Triana · 38", 1, "BOT-38"), ("Cordones negros", 1, ""))


def test_nothing_chosen_means_everything_that_was_shipped() -> None:
    everything = draft(chosen=())

    assert [item[:2] for item in everything.items] == [("Botín Triana · 38", 2), ("Cordones negros", 1)]
    assert everything.fields["weight_g"] == 1820


def test_a_line_that_is_gone_from_the_order_prints_nothing() -> None:
    assert draft(chosen=(("l1", 1), ("gone", 1))).items == (("Botín Triana · 38", 1, "BOT-38"),)


def test_the_label_speaks_the_customers_language() -> None:
    fields = draft().fields

    assert fields["reason"] == "Talla massa petita"
    assert fields["words"]["to"] == "Destinatari"
    assert fields["instructions"][0].startswith("Posa els articles")


def test_the_merchants_own_instructions_win() -> None:
    fields = draft(shop=SHOP.model_copy(update={"return_instructions": "1. Tráelo a la tienda."})).fields

    assert fields["instructions"] == ("Tráelo a la tienda.",)
    assert fields["words"]["postage_note"] == ""


def test_the_label_is_dated_in_the_shops_zone() -> None:
    fields = draft().fields

    assert (fields["issued_on"], fields["valid_until"]) == (date(2026, 11, 25), date(2026, 12, 25))


def test_the_qr_says_the_number_unless_told_otherwise() -> None:
    assert draft().fields["qr_text"] == "R-7F3K-2M9Q"
    assert draft(qr_text="https://postventa.example/x").fields["qr_text"] == "https://postventa.example/x"


def test_a_draft_becomes_a_label_of_the_own_carrier() -> None:
    made = draft()

    label = CARRIERS["own"].return_label(LabelRequest(items=tuple(Item(*item) for item in made.items), **made.fields))

    assert label.pdf.startswith(b"%PDF-")
    assert made == draft()
