"""What an export says, in the customer's language. Spanish is the source; the translations stand in `locale/<language>/privacy.po`."""

from __future__ import annotations

from postventa.locale import translate

WORDS = {
    "title": "Tus datos en {shop}",
    "intro": "Esto es todo lo que guardamos sobre ti, a fecha de {date}. El archivo data.json contiene lo mismo para leerlo con un programa.",
    "nothing": "No guardamos ningún dato sobre ti.",
    "you": "Quién eres",
    "name": "Nombre",
    "email": "Correo electrónico",
    "phone": "Teléfono",
    "language": "Idioma",
    "marketing": "Publicidad",
    "marketing_yes": "Dijiste que sí",
    "marketing_no": "Dijiste que no",
    "marketing_unknown": "No has dicho nada",
    "orders": "Tus pedidos",
    "order": "Pedido {number}",
    "placed": "Fecha del pedido",
    "total": "Total del pedido",
    "address": "Dirección de envío",
    "billing": "Dirección de facturación",
    "note": "Tu nota",
    "items": "Artículos del pedido",
    "parcels": "Envíos",
    "returns": "Devoluciones",
    "refusals": "Correos que no quieres recibir",
    "mails": "Correos que te hemos enviado",
    "reviews": "Tus opiniones",
    "files": "Archivos",
    "files_note": "En las carpetas de al lado están tus fotos, tus etiquetas de devolución y los mensajes que la tienda nos envió sobre ti.",
    "rights": "Puedes pedir que corrijamos o borremos estos datos, o que dejemos de usarlos: escribe a {contact}.",
}


def word(language: str, name: str, **facts: str) -> str:
    """One of `WORDS` with its facts. Raises `KeyError` for a name that is not listed."""
    said = translate(language, WORDS[name])
    for fact, value in facts.items():
        said = said.replace(f"{{{fact}}}", value)
    return said
