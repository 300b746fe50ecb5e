"""What a return label says, in the customer's language. Spanish is the source; the translations stand in `locale/<language>/labels.po`.

The keys of `LABEL` are those of the carrier that prints it (`connectors/carriers/own/README.md`).
"""

from __future__ import annotations

import re

from postventa.locale import translate

LABEL = {
    "title": "Etiqueta de devolución",
    "heading": "Devolverlo es así de fácil",
    "intro": "Imprime solo esta hoja, recorta por la línea de puntos y sigue los pasos.",
    "outside": "Pega esta etiqueta por fuera",
    "inside": "Mete esta hoja dentro del paquete",
    "from": "Remitente",
    "to": "Destinatario",
    "return_number": "Número de devolución",
    "order": "Pedido",
    "issued": "Fecha",
    "weight": "Peso",
    "parcels": "Bultos",
    "items": "Artículos",
    "quantity": "Cant.",
    "sku": "Ref.",
    "reason": "Motivo",
    "valid_until": "Etiqueta válida hasta",
    "valid_note": "La fecha límite es solo la de esta etiqueta: tus plazos y derechos por ley no cambian.",
    "postage": "Para el franqueo o la etiqueta del transportista",
    "postage_note": "Esta etiqueta lleva la dirección y el código de tu devolución. El franqueo va aparte, salvo que te hayamos dicho otra cosa.",
    "help": "¿Alguna duda? Estamos aquí:",
    "page_hint": "¿Tu impresora es A4? Imprime solo la página 2.",
    "more": "… y {count} más en la página {page}",
    "page": "Página {page} de {pages}",
    "qr": "Código QR",
    "barcode": "Código de barras",
}

STEPS = (
    "Mete los artículos en una caja, mejor si es la original, junto con la hoja B.",
    "Cierra bien la caja y pega la etiqueta A por fuera, bien visible. Quita o tapa las etiquetas antiguas.",
    "Lleva el paquete a correos o a la mensajería que prefieras, o como hayamos acordado, y pide un resguardo.",
    "Guarda el resguardo hasta que sepas que ha llegado.",
)

REASONS = {
    "COLOR": "Color",
    "DEFECTIVE": "Artículo defectuoso",
    "NOT_AS_DESCRIBED": "No coincide con la descripción",
    "OTHER": "",
    "SIZE_TOO_LARGE": "Talla demasiado grande",
    "SIZE_TOO_SMALL": "Talla demasiado pequeña",
    "STYLE": "Estilo",
    "UNKNOWN": "",
    "UNWANTED": "Cambio de idea",
    "WRONG_ITEM": "Artículo equivocado",
}
"""Shopify's words for a reason (https://shopify.dev/docs/api/admin-graphql/latest/enums/ReturnReason); "" says nothing to anybody."""

NUMBERING = re.compile(r"^\s*(?:\d{1,2}\s*[.):-]|[-*•–])\s+")


def label_words(language: str, instructions: str = "") -> dict[str, str]:
    """Headings and captions for `LabelRequest.words`.

    With `instructions` of the merchant's own, what we would say about postage is left out: how the parcel travels is then hers to tell.
    """
    words = {key: translate(language, source) for key, source in LABEL.items()}
    return words | {"postage_note": ""} if instructions.strip() else words


def label_steps(language: str, instructions: str = "") -> tuple[str, ...]:
    """What to do, step by step: the merchant's own text, a step a line, numbering taken off; ours if there is none."""
    own = tuple(step for line in instructions.splitlines() if (step := NUMBERING.sub("", line).strip()))
    return own or tuple(translate(language, step) for step in STEPS)


def reason_text(language: str, reason: str) -> str:
    """A platform's code as words; the customer's or the merchant's own words as they are."""
    source = REASONS.get(reason.strip().upper().replace(" ", "_").replace("-", "_"), reason)
    return translate(language, source)


def sources() -> tuple[str, ...]:
    """Every Spanish text that has to be translated."""
    return (*LABEL.values(), *STEPS, *filter(None, REASONS.values()))
