"""Every mail with an invented order, to look at before a customer does.

python -m postventa.emails.preview FOLDER [language ...]     writes <language>/<follow-up>.html and .txt
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from postventa.config import LANGUAGES, Brand
from postventa.emails.data import MailData, ParcelView, RatingView, RefundView, ReturnView, ReviewItem, ShopFace, WithdrawalView
from postventa.emails.foot import MERCHANT
from postventa.emails.render import render
from postventa.emails.wording import names
from postventa.events import Address, LineSnapshot, OrderSnapshot, ParcelSnapshot
from postventa.locale import formats, translate

PLACED = datetime(2026, 11, 2, 18, 5, tzinfo=UTC)
AT = datetime(2026, 11, 3, 8, 40, tzinfo=UTC)
BY = date(2026, 11, 5)
DAYS: dict[str, dict[str, Any]] = {
    **{name: {"arrives": BY} for name in ("order_received", "order_prepared", "shipped")},
    "out_for_delivery": {"arrives": AT.date()},
    "delayed": {"promised": BY, "arrives": BY + timedelta(days=4)},
}
"""What was promised, and what is expected now."""

BRAND = Brand(
    colour="#9c3d2e",
    website="https://zapaterialola.example",
    legal_name="Zapatería Lola, S. L.",
    legal_address="Calle Feria 12, 41003 Sevilla, España",
    support_email="hola@zapaterialola.example",
    support_phone="+34 955 000 000",
)
SHOP = ShopFace("Zapatería Lola", BRAND, "hola@zapaterialola.example", "hola@zapaterialola.example")

BOOTS = LineSnapshot(
    "1", "Botín Triana de piel", 1, Decimal("89.90"), variant_title="38 / Cuero", image_url="https://zapaterialola.example/botin.jpg"
)
SOCKS = LineSnapshot(
    "2", "Calcetines de lana merina", 2, Decimal("23.80"), variant_title="M / Verde musgo", image_url="https://zapaterialola.example/calcetines.jpg"
)
CREAM = LineSnapshot("3", "Crema para piel natural, 75 ml", 1, Decimal("12.50"))

ANA = Address("Ana Ruiz", street="Calle Betis 7", street2="2.º B", postcode="41010", city="Sevilla", province="Sevilla", country="ES")
ORDER = OrderSnapshot(
    ref="1042", number="1042", status="processing", updated_at=AT, created_at=PLACED, currency="EUR", total=Decimal("121.15"),
    email="ana@correo.example", first_name="Ana", last_name="Ruiz", subtotal=Decimal("126.20"), shipping_total=Decimal("4.95"),
    discount_total=Decimal("10.00"),
    tax_total=Decimal("21.03"), shipping_method="Correos 48/72", payment_method="Tarjeta", shipping_address=ANA, lines=(BOOTS, SOCKS, CREAM),
    status_url="https://zapaterialola.example/pedido/1042",
)  # fmt: skip
PARCEL = ParcelSnapshot("p1", "Correos", "PQ4F6K0712345670141010T", "https://www.correos.example/seguimiento?n=PQ4F6K0712345670141010T")
NO = "Ha pasado el plazo de 30 días y la suela muestra uso."
RETURN = "https://zapaterialola.example/devoluciones/1042"
REF = "W-7K3M-9Q2X"
STATED = (
    "A la atención de {shop}: por la presente comunico que desisto de mi contrato de compra. Pedido o contrato: {contract}.",
    "El desistimiento es de todo el pedido.",
    "Nombre: {name}",
    "Correo para la confirmación: {email}",
)
STATED_AT = "el {date} a las {time} ({zone}), {utc} UTC"
"""A statement of withdrawal, line by line, and when it was sent."""
WAREHOUSE = Address("Zapatería Lola, devoluciones", street="Polígono Calonge, nave 4", postcode="41007", city="Sevilla", country="ES")


def sample(followup: str, language: str = "es", **changes: Any) -> MailData:
    """A plausible mail of that kind; `changes` replace fields of `MailData`."""
    mail = MailData(
        followup=followup, effect_id=7, message_id="<0123456789abcdef0123456789abcdef@zapaterialola.example>", recipient="ana@correo.example",
        language=language, timezone="Europe/Madrid", shop=SHOP, order=ORDER, at=AT,
    )  # fmt: skip
    return replace(mail, **(_extras(followup, language) | DAYS.get(followup, {}) | changes))


def _extras(followup: str, language: str) -> dict[str, Any]:
    """What that kind of mail has besides the order."""
    boots, both = ((BOOTS, 1),), ((BOOTS, 1), (SOCKS, 2))
    case = ReturnView("R-1042-1", boots, WAREHOUSE, valid_until=AT + timedelta(days=14))
    if followup == "shipped":
        return {"parcels": (ParcelView(PARCEL, both),), "more_to_come": True}
    if followup in ("out_for_delivery", "ready_for_pickup", "ready_for_pickup_reminder", "delayed", "delivery_failed"):
        return {"parcels": (ParcelView(PARCEL, both),)}
    if followup == "refunded":
        return {"refund": RefundView(Decimal("89.90"), "EUR", False, boots, "Visa •••• 4242")}
    if followup == "care_tips":
        words = "Cepíllalos en seco y nútrelos con crema una vez al mes.\n\nSi se mojan, sécalos lejos de la calefacción."
        return {"tips": ((BOOTS, words), (CREAM, "https://zapaterialola.example/manual.pdf"))}
    if followup.startswith("review"):
        return {"transactional": False, "unsubscribe_url": "https://zapaterialola.example/unsubscribe/u1", **_reviews()}
    if followup in MERCHANT:
        return {"recipient": "lola@zapaterialola.example", **_alert(followup)}
    if followup.startswith("return"):
        reason = NO if followup == "return_declined" else ""
        return {"return_case": _return(followup, case), "reason": reason, "return_url": RETURN}
    return _alone(followup, language)


def _alone(followup: str, language: str) -> dict[str, Any]:
    """Of mails that are about nothing of the order's journey."""
    if followup == "withdrawal_receipt":
        return {"withdrawal": _stated(language)}
    return {"code": "482913", "code_for": "data"} if followup == "code" else {}


def _return(followup: str, case: ReturnView) -> ReturnView:
    """With what comes of it, where the mail says that."""
    if followup == "return_credited":
        return replace(case, refund=Decimal("94.40"), as_credit=True, code="VALE-7K3M9Q2XA4")
    if followup == "return_exchange":
        return replace(case, swap_due=Decimal("6.50"), swap_until=case.valid_until)
    if followup in ("return_declined", "return_cancelled"):
        return case
    if followup.startswith("return_pickup"):
        told = (date(2026, 12, 9), time(9), time(14)) if followup == "return_pickup" else None
        return replace(case, pickup=told, missed=told is None)
    until = None if followup == "return_approved" else case.valid_until
    when = "after_inspection" if followup == "return_received" else "at_arrival"
    return replace(case, refund=Decimal("85.95"), fee=Decimal("3.95"), when=when, valid_until=until)


def _alert(followup: str) -> dict[str, Any]:
    """What the merchant is told."""
    if followup == "low_rating":
        words = "La piel es preciosa, pero la suela se ha despegado a la semana."
        return {"rating": RatingView(BOOTS, 2, words, "ana@correo.example"), "page_url": "https://zapaterialola.example/casos/3"}
    if followup == "privacy_waiting":
        return {"reason": "9 de abril de 2026"}
    if followup == "withdrawal_arrived":
        return {"reason": REF, "page_url": f"https://zapaterialola.example/withdrawals/{REF}"}
    if followup == "withdrawal_waiting":
        return {"reason": "17 de noviembre de 2026", "page_url": f"https://zapaterialola.example/withdrawals/{REF}"}
    if followup == "address_refused":
        return {"reason": "550 5.1.1 user unknown"}
    return {"platform": "shopify", "reason": "read_orders" if followup == "webhooks_not_restored" else ""}


def _reviews() -> dict[str, Any]:
    items = [
        ReviewItem(line, tuple(f"https://zapaterialola.example/review/t{line.ref}?stars={n}" for n in range(1, 6)))  # type: ignore[arg-type]
        for line in (BOOTS, SOCKS)
    ]
    return {"reviews": tuple(items), "review_links": {"google_maps": "https://maps.example/lola", "trustpilot": "https://trustpilot.example/lola"}}


def _stated(language: str) -> WithdrawalView:
    """What `jobs/withdrawals/receipt.py` repeats of a statement, in its words: those of `postventa/withdrawal/words.py`."""
    said = {"{shop}": SHOP.name, "{contract}": "1042", "{name}": "Ana Ruiz", "{email}": "ana@correo.example"}
    at = {"{date}": formats.date(AT, "Europe/Madrid", language), "{time}": "09:40:12", "{zone}": "Europe/Madrid", "{utc}": "2026-11-03 08:40:12"}
    facts = (("Referencia", REF), ("Fecha y hora de envío", _filled(STATED_AT, language, at)), ("Dirigido a", SHOP.name))
    text = "\n".join(_filled(line, language, said) for line in STATED)
    named = tuple((translate(language, name), fact) for name, fact in facts)
    return WithdrawalView(REF, translate(language, "Contenido de la declaración"), text, named)


def _filled(spanish: str, language: str, facts: dict[str, str]) -> str:
    text = translate(language, spanish)
    for name, fact in facts.items():
        text = text.replace(name, fact)
    return text


def main(arguments: list[str]) -> int:
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder, languages = Path(arguments[0]), arguments[1:] or list(LANGUAGES)
    for language in languages:
        (folder / language).mkdir(parents=True, exist_ok=True)
        for followup in names():
            mail = render(sample(followup, language), strict=True)
            (folder / language / f"{followup}.html").write_text(mail.html, encoding="utf-8")
            (folder / language / f"{followup}.txt").write_text(f"{mail.subject}\n{mail.preview}\n\n{mail.text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
