"""Requests for labels: Ana sends Mara's shoes back to the shop."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.carriers.base import Item, LabelRequest
from postventa.events import Address
from postventa.returns.words import label_steps, label_words

LOLA = Address(
    name="Zapatería Lola",
    company="Lola Calzados, S. L.",
    street="Calle Sierpes, 42",
    street2="Almacén de devoluciones",
    postcode="41004",
    city="Sevilla",
    province="Sevilla",
    country="ES",
    email="hola@zapateria-lola.example",
    phone="+34 955 01 02 03",
)
ANA_AT_HOME = Address(
    name="Ana Núñez Peña",
    street="Avenida de la Constitución, 7",
    postcode="28013",
    city="Madrid",
    country="ES",
    phone="+34 600 11 22 33",
    email="ana@correo.example",
)
ITEMS = (Item("Botín Triana piel · 38", 1, "BOT-TRI-38"), Item("Calcetines de algodón (pack de 3)", 2, "CAL-3"))
HOSTILE = "<script>alert(1)</script> {{ 1237*7919 }}\r\nBcc: x@y.example \u202egnp.exe \x00\ud800😀👩‍👩‍👧 " + "A" * 5000


def request_of(language: str = "es", **changes: Any) -> LabelRequest:
    """A request for Ana's label with some things changed."""
    values: dict[str, Any] = {
        "reference": "R-7F3K-2M9Q",
        "sender": ANA_AT_HOME,
        "receiver": LOLA,
        "items": ITEMS,
        "order_number": "#1042",
        "shop_name": "Zapatería Lola",
        "language": language,
        "words": label_words(language),
        "instructions": label_steps(language),
        "issued_on": date(2026, 11, 24),
        "valid_until": date(2026, 12, 24),
        "reason": "Talla demasiado pequeña",
        "qr_text": "https://postventa.example/r/R-7F3K-2M9Q",
        "weight_g": 1250,
    }
    return LabelRequest(**(values | changes))


def hostile() -> LabelRequest:
    """Every text that a stranger could have written is hostile, and there are fifty items."""
    bad = Address(**dict.fromkeys(("name", "company", "street", "street2", "postcode", "city", "province", "email", "phone"), HOSTILE), country="DE")
    return request_of(
        sender=bad,
        receiver=Address(**{**vars(bad), "street": "Calle " + HOSTILE, "country": "ES"}),
        items=tuple(Item(HOSTILE, 10**12, HOSTILE) for _ in range(50)),
        order_number=HOSTILE,
        shop_name=HOSTILE,
        reason=HOSTILE,
        instructions=(HOSTILE,) * 20,
        weight_g=10**12,
    )
