"""The printable return label: A6, A4 with instructions, and the slip, as one PDF."""

from __future__ import annotations

from datetime import date

from bench.record import OURS, Meaning, Options, Record
from bench.timing import cpu_ms
from connectors.carriers.base import Item, LabelRequest
from connectors.carriers.own import OwnCarrier
from postventa.events import Address
from postventa.returns.words import label_steps, label_words

ABOUT = "Return labels as PDF, on one core"
CALLS = 30
FIGURES = {
    "labels": Meaning("/s", "more", "A6 label, A4 sheet and slip in one PDF"),
    "label": Meaning("ms", "less", "CPU for one"),
}
SHOP = Address("Zapatería Lola", street="Calle Sierpes, 42", postcode="41004", city="Sevilla", province="Sevilla", country="ES")
ANA = Address("Ana Núñez Peña", street="Avenida de la Constitución, 7", postcode="28013", city="Madrid", country="ES")
ITEMS = (Item("Botín Triana piel · 38", 1, "BOT-TRI-38"), Item("Calcetines de algodón (pack de 3)", 2, "CAL-3"))


def measure(options: Options) -> Record:
    calls = options.events or CALLS
    record = Record("labels", ABOUT, options, FIGURES, settings={"calls": calls})
    carrier, request = OwnCarrier(), _request()
    for _ in range(options.runs):
        took = cpu_ms(lambda: carrier.return_label(request), calls)
        record.add(OURS, {"labels": 1000 / took, "label": took})
    record.notes.append(f"One PDF has {len(carrier.return_label(request).pdf):,} bytes.")
    return record


def _request() -> LabelRequest:
    return LabelRequest(
        reference="R-7F3K-2M9Q", sender=ANA, receiver=SHOP, items=ITEMS, order_number="#1042", shop_name="Zapatería Lola", language="es",
        words=label_words("es"), instructions=label_steps("es"), issued_on=date(2026, 11, 24), valid_until=date(2026, 12, 24),
        reason="Talla demasiado pequeña", qr_text="https://postventa.example/r/R-7F3K-2M9Q", weight_g=1250,
    )  # fmt: skip
