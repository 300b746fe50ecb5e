"""What a statement and its receipt say, in the customer's language, and the grounds in plain words.

Spanish is the source; the translations stand in `locale/<language>/withdrawal.po`.
"""

from __future__ import annotations

from postventa.grounds import Ground
from postventa.locale import translate

WORDS = {
    "statement": "A la atención de {shop}: por la presente comunico que desisto de mi contrato de compra. Pedido o contrato: {contract}.",
    "statement_all": "El desistimiento es de todo el pedido.",
    "statement_some": "El desistimiento es solo de lo siguiente:",
    "statement_name": "Nombre: {name}",
    "statement_email": "Correo para la confirmación: {email}",
    "problem_name": "Escribe tu nombre, sin enlaces.",
    "problem_contract": "Escribe el número de tu pedido o con qué podemos reconocerlo, sin enlaces.",
    "problem_email": "Escribe una dirección de correo completa, como ana@correo.example.",
    "problem_what": "Escribe los artículos sin enlaces.",
    "problem_items": "Elige al menos un artículo, o «De todo el pedido».",
    "receipt": "Acuse de recibo de un desistimiento",
    "reference": "Referencia",
    "submitted": "Fecha y hora de envío",
    "submitted_at": "el {date} a las {time} ({zone}), {utc} UTC",
    "recorded_at": "Recibido por otro medio y anotado el {date} a las {time}.",
    "to": "Dirigido a",
    "content": "Contenido de la declaración",
    "keep": "Guarda este documento: prueba qué has declarado y cuándo.",
    "digest": "Huella del contenido (SHA-256)",
}
GROUNDS = {
    Ground.SERVICE_DONE: "Es un servicio ya completado",
    Ground.MARKET_PRICE: "Su precio depende de un mercado financiero",
    Ground.MADE_TO_MEASURE: "Está hecho a medida o personalizado",
    Ground.PERISHABLE: "Se estropea o caduca pronto",
    Ground.SEALED_HYGIENE: "Iba precintado por salud o higiene y se ha desprecintado",
    Ground.MIXED: "Se mezcla con otros bienes y ya no se puede separar",
    Ground.ALCOHOL: "Es una bebida alcohólica cuyo precio depende del mercado",
    Ground.URGENT_REPAIR: "Es una reparación urgente que se pidió a domicilio",
    Ground.SEALED_MEDIA: "Es una grabación o un programa que iba precintado y se ha desprecintado",
    Ground.PRESS: "Es prensa",
    Ground.AUCTION: "Se compró en una subasta pública",
    Ground.DATED_LEISURE: "Es alojamiento, transporte, comida u ocio para una fecha concreta",
    Ground.DIGITAL_BEGUN: "Es contenido digital que se empezó a servir con su consentimiento",
}
"""Art. 103 in few words; the law's own stand in `postventa/grounds.py`."""
TROUBLES = {
    "no-order": "No hay ningún pedido con ese número y ese correo: búscalo y únelo a mano.",
    "several": "Puede ser de varios pedidos: elige a mano cuál.",
    "not-sent": "El pedido aún no ha salido: no lo envíes y devuelve el dinero.",
    "shop-gone": "La tienda está desconectada: dile tú al cliente adónde enviarlo.",
    "erased": "Los datos del cliente se borraron antes de encontrar su pedido.",
    "no-return": "No se ha podido abrir la devolución: todo estaba ya en otra, o no se puede enviar.",
}
"""What a person has to look at (`Withdrawal.trouble`)."""
LATE = "late"
REFUSALS = (LATE, *map(str, Ground))
"""Why a withdrawal may be refused."""


def word(language: str, name: str, /, **facts: str) -> str:
    """One of `WORDS` with its facts. Raises `KeyError` for a name that is not listed."""
    said = translate(language, WORDS[name])
    for fact, value in facts.items():
        said = said.replace(f"{{{fact}}}", value)
    return said


def ground(language: str, which: Ground) -> str:
    """Why something cannot be withdrawn from, with the law's letter."""
    return f"{translate(language, GROUNDS[which])} (TRLGDCU 103.{which.letter})"
