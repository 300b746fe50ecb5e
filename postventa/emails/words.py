"""The fixed words of the blocks, in Spanish, each with a name: the layout's part of what translators read.

`{names}` are filled in afterwards and must stay in every translation. Singular and plural are two entries.
"""

from __future__ import annotations

from postventa.locale import translate

WORDS = {
    # the journey
    "step": "Paso {number} de {total}: {name}",
    "step_received": "Recibido",
    "step_prepared": "En preparación",
    "step_shipped": "Enviado",
    "step_out_for_delivery": "En reparto",
    "step_ready_for_pickup": "Listo para recoger",
    "step_delivered": "Entregado",
    # items and totals
    "order": "Pedido {number}",
    "order_items": "Tu compra",
    "parcel_items": "En este paquete",
    "quantity": "Cantidad: {count}",
    "one_more": "y 1 artículo más",
    "many_more": "y {count} artículos más",
    "subtotal": "Subtotal",
    "discount": "Descuento",
    "shipping": "Envío",
    "free": "Gratis",
    "taxes": "Impuestos",
    "taxes_included": "Impuestos incluidos",
    "discount_included": "Descuento ya aplicado",
    "total": "Total",
    # where it goes and how
    "ship_to": "Dirección de entrega",
    "parcel": "Tu paquete",
    "parcel_of": "Paquete {number} de {total}",
    "carrier": "Transportista",
    "tracking_number": "Número de seguimiento",
    "track": "Seguir mi paquete",
    # money back, goods back
    "refunded": "Importe devuelto",
    "refund_method": "Medio de pago",
    "refund_items": "Artículos reembolsados",
    "return_number": "Número de devolución",
    "return_items": "Artículos de la devolución",
    "return_pickup": "Recogida en casa",
    "return_to": "Dirección para la devolución",
    "return_until": "Etiqueta válida hasta",
    "return_refund": "Te devolveremos",
    "return_credit": "Tu vale",
    "return_fee": "Coste de la devolución (ya descontado)",
    "return_when": "Cuándo",
    "at_first_scan": "En cuanto el transportista tenga el paquete",
    "at_arrival": "En cuanto nos llegue",
    "after_inspection": "En cuanto lo hayamos revisado",
    "reason": "El motivo",
    "how_to_return": "Cómo devolverlo",
    "step_print": "Imprime el PDF adjunto.",
    "step_pack": "Embala bien los artículos, si puedes en su caja original, y mete dentro la hoja de devolución.",
    "step_label": "Pega la etiqueta por fuera, bien visible, y tapa o quita cualquier etiqueta antigua.",
    "step_hand_in": "Entrega el paquete al transportista y pide un resguardo.",
    "step_pack_only": "Embala bien los artículos, si puedes en su caja original, y cierra bien la caja.",
    "step_show": "Enseña el código donde entregues el paquete: lo leen en tu pantalla y ponen la etiqueta por ti.",
    "return_code": "Código QR para entregar tu devolución {number}",
    "code_until": "Código válido hasta",
    "code_hint": "¿No ves el código? Está también en la página de tu devolución.",
    # opinions
    "stars": "{number} de 5 estrellas",
    "scale": "1: nada contento. 5: encantado.",
    "public_review": "También puedes dejar tu opinión en:",
    "manual": "Ver las instrucciones",
    "customer": "Cliente",
    "their_words": "Lo que nos cuenta",
    "no_words": "No ha dejado ningún comentario.",
    # the foot
    "help": "¿Alguna duda? Responde a este correo y te ayudamos.",
    "model_form": "Adjuntamos la información sobre tu derecho de desistimiento, con el modelo de formulario.",
    "why_order": "Recibes este correo por tu pedido {number} en {shop}.",
    "why_customer": "Recibes este correo porque compraste en {shop} (pedido {number}).",
    "why_withdrawal": "Recibes este correo porque alguien ha escrito tu dirección al enviar un desistimiento a {shop}.",
    "why_merchant": "Aviso automático de Postventa para el equipo de {shop}.",
    "unsubscribe_why": "¿Prefieres no recibir más correos como este?",
    "unsubscribe": "Darme de baja",
}


def word(name: str, language: str, /, **facts: object) -> str:
    """The words called `name` in `language`, with `{facts}` filled in; raises `KeyError` for a name that is not listed."""
    text = translate(language, WORDS[name])
    for key, value in facts.items():
        text = text.replace("{" + key + "}", str(value))
    return text


def count_word(one: str, many: str, count: int, language: str) -> str:
    """The singular words for 1, else the plural ones with `{count}`."""
    return word(one, language) if count == 1 else word(many, language, count=count)
