"""What the demonstration says on the screen, in the merchant's language."""

from __future__ import annotations

import re
from datetime import datetime

from babel.dates import format_datetime

from postventa.demo.data import ZONE

SHOPS = {"lola": "Zapatería Lola", "alba": "Cerámica Alba"}

FOLLOWUPS = {
    "order_received": ("Pedido recibido", "Gracias por tu pedido"),
    "order_prepared": ("En preparación", "Lo estamos preparando"),
    "shipped": ("Sale el paquete{}", "Va de camino"),
    "out_for_delivery": ("Paquete{} en reparto", "Llega hoy"),
    "ready_for_pickup": ("Listo para recoger", "Ya puedes recogerlo"),
    "ready_for_pickup_reminder": ("Sigue sin recoger", "Recuerda recogerlo"),
    "delivered": ("Todo entregado", "Ya lo tienes"),
    "delayed": ("Aviso de retraso", "Se retrasa"),
    "delivery_failed": ("Entrega fallida", "No dieron contigo"),
    "order_cancelled": ("Pedido cancelado", "Se ha cancelado"),
    "refunded": ("Reembolso", "Te devolvemos dinero"),
    "care_tips": ("Todo entregado", "Cómo cuidarlo, +2\u00a0d"),
    "review_request": ("Paquete{} entregado", "¿Qué tal?, +7\u00a0d"),
    "review_reminder": ("Opinión{} pedida", "Recordatorio, +5\u00a0d"),
    "return_requested": ("Devolución pedida", "Tenemos tu petición"),
    "return_label": ("Devolución aceptada", "Tu etiqueta"),
    "return_approved": ("Devolución aceptada", "Ya está aceptada"),
    "return_credited": ("Vale preparado", "Tu vale"),
    "return_exchange": ("Cambio a la espera", "Tu cambio"),
    "return_declined": ("Devolución rechazada", "No podemos aceptarla"),
    "return_pickup": ("Recogida apuntada", "Pasamos a recogerlo"),
    "return_pickup_again": ("Recogida fallida", "Elige otro día"),
    "return_changed": ("Devolución cambiada", "Así queda"),
    "return_proof": ("Justificante mirado", "Tu justificante"),
    "return_received": ("Devolución recibida", "Ya está de vuelta"),
    "return_cancelled": ("Devolución anulada", "Devolución anulada"),
    "order_link": ("Enlace pedido", "El enlace al pedido"),
    "code": ("Código pedido", "Un código de un solo uso"),
    "low_rating": ("Opinión muy baja", "Aviso a la tienda"),
    "address_refused": ("Dirección rechazada", "Aviso a la tienda"),
    "keys_refused": ("Claves rechazadas", "Aviso a la tienda"),
    "app_uninstalled": ("App desinstalada", "Aviso a la tienda"),
    "import_stuck": ("Historial atascado", "Aviso a la tienda"),
    "webhooks_not_restored": ("Webhooks sin reparar", "Aviso a la tienda"),
    "webhooks_restored": ("Webhooks reparados", "Aviso a la tienda"),
    "privacy_waiting": ("Datos pedidos", "Aviso a la tienda"),
    "weak_secret": ("Secreto débil", "Aviso a la tienda"),
}
"""Follow-up -> (what happened, what goes out); `{}`: which parcel, where there are several."""
LABEL = "Etiqueta en PDF"

STATES = {
    "planned": "previsto",
    "claimed": "en curso",
    "sending": "enviando",
    "done": "enviado",
    "unknown": "en duda",
    "dead": "fallido",
    "cancelled": "anulado",
    "suppressed": "omitido",
}

REASONS = (
    (r'the shop sends ".+" itself', "ya lo envía Shopify"),
    (r"no product of the order has tips or a manual", "sin consejos ni manual"),
    (r"nothing to rate: .+", "nada que valorar"),
    (r"rated already, or the items went back", "ya dio su opinión"),
    (r"told with the label: .+", "va con la etiqueta"),
    (r"the customer does not want it: .+ on (\d{4})-(\d\d)-(\d\d)", r"se dio de baja el \3/\2"),
    (r"the shop threw the order away", "la tienda lo tiró"),
    (r"the order was cancelled", "el pedido se canceló"),
    (r"the shop took back what it was about", "la tienda lo deshizo"),
    (r"waits: a return is open", "por una devolución abierta"),
    (r"waits: a complaint is open", "por una queja abierta"),
    (r"waits: a dispute is open", "por una disputa abierta"),
    (r"waits for «.+» to go first", "espera su turno"),
    (r"moved: the message budget \((\d+) in (\d+) days\) is spent", r"aplazado: ya iba \1 en \2 días"),
    (r"quiet hours at the customer's \((.+)\)", "era de noche allí"),
    (r"overtaken: .+", "hay algo más reciente"),
    (r"merged: told in the same mail .+", "va en el mismo correo"),
    (r"told already in effect .+", "ya se contó"),
    (r"a test order: .+", "pedido de prueba"),
    (r"stale: .+", "ya no es noticia"),
    (r"its window ended on .+", "fuera de plazo"),
)
"""The ledger's reason -> how the merchant would say it."""


def reason(text: str) -> str:
    """The ledger's reason in Spanish; one that nobody translated stays as it is."""
    for pattern, spanish in REASONS:
        found = re.match(pattern, text)
        if found:
            return found.expand(spanish)
    return text


def what(followup: str, kind: str) -> str:
    """What goes out."""
    return LABEL if kind == "label" else FOLLOWUPS.get(followup, ("", followup))[1]


def event(followup: str, parcel: str = "") -> str:
    """What it answers; `parcel`: its number, where there are several."""
    return FOLLOWUPS.get(followup, ("", ""))[0].format(f" {parcel}" if parcel else "")


def place(followup: str) -> int:
    """Where it stands among those of the same minute."""
    return list(FOLLOWUPS).index(followup) if followup in FOLLOWUPS else len(FOLLOWUPS)


def clock(moment: datetime) -> str:
    """`lun 5 oct 09:30`, by the shops' clock."""
    return format_datetime(moment, "EEE d MMM HH:mm", tzinfo=ZONE, locale="es")


def date(moment: datetime) -> str:
    """` 5 oct 09:30`, by the shops' clock."""
    return f"{format_datetime(moment, 'd MMM HH:mm', tzinfo=ZONE, locale='es'):>12}"


def state(word: str, kind: str) -> str:
    """The state as it is said of a mail or a label."""
    return "hecha" if kind == "label" and word == "done" else STATES.get(word, word)


def count(number: int, one: str, many: str) -> str:
    """`1 correo`, `2 correos`."""
    return f"{number} {one if number == 1 else many}"
