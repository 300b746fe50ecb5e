"""The words on the paper. `LabelRequest.words` brings them in the customer's language; these stand in for what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping

DEFAULTS: Mapping[str, str] = {
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
    "valid_note": "",
    "postage": "Para el franqueo o la etiqueta del transportista",
    "postage_note": "",
    "help": "¿Alguna duda? Estamos aquí:",
    "page_hint": "¿Tu impresora es A4? Imprime solo la página 2.",
    "more": "… y {count} más en la página {page}",
    "page": "Página {page} de {pages}",
    "qr": "Código QR",
    "barcode": "Código de barras",
}


def complete(words: Mapping[str, str]) -> dict[str, str]:
    """Every word: the request's where it has one. A word given as "" is left out on purpose, with the box around it."""
    return {key: words.get(key, standing) for key, standing in DEFAULTS.items()}


def filled(template: str, **numbers: int) -> str:
    """`{count}` and `{page}` put in; anything else in braces stays as it is written."""
    for name, number in numbers.items():
        template = template.replace(f"{{{name}}}", str(number))
    return template
