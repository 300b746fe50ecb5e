"""The ledger's reasons, which are written in English for scripts and operators, in words for whoever answers a customer."""

from __future__ import annotations

import re

from postventa.models import State
from postventa.web.orders.words import EVENTS
from postventa.web.portal.page import _

REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"the customer's data were erased", _("Los datos de la persona se borraron.")),
        (r"the order has no e-mail address", _("El pedido no tiene dirección de correo.")),
        (r"the order's e-mail address is not valid", _("La dirección de correo del pedido no es válida.")),
        (r"the address is blocked", _("La dirección rechazó un correo y está bloqueada.")),
        (r"the shop (is|was) disconnected", _("La tienda está desconectada.")),
        (r"on hold", _("En pausa: la tienda retiene sus correos.")),
        (r"a test order", _("Es un pedido de prueba: a nadie se le escribe.")),
        (r"the shop took back", _("La tienda retiró aquello de lo que hablaba.")),
        (r"the shop threw the order away", EVENTS["OrderTrashed"]),
        (r"the order was cancelled", EVENTS["OrderCancelled"]),
        (r"its window ended|.*the window ends on", _("Pasó el plazo en el que tenía sentido.")),
        (r"stale", _("Ya no era noticia.")),
        (r"the customer does not want it|the customer objected", _("La persona no quiere estos correos.")),
        (r"overtaken", _("Otro correo ya decía más.")),
        (r"told with the label", _("Se contó en otro correo.")),
        (r"no product of the order has tips", _("Ningún artículo tiene consejos ni manual.")),
        (r"a (return|complaint|dispute) is open|nothing to rate|rated already", _("No se pide: ya opinó, o hay una devolución o una queja.")),
        (r"waits for «", _("Espera a que salga antes otro correo.")),
        (r"waits: .*(answer|again|pause|took|refus)", _("La tienda no responde ahora: espera y se intenta otra vez.")),
        (r"waits", _("Espera: hay algo abierto en este pedido.")),
        (r"quiet hours", _("Espera a que sea de día para la persona.")),
        (r"moved", _("Se movió para no escribirle demasiado.")),
        (r"the shop sends", _("Este correo ya lo manda la tienda.")),
        (r"switched off by the merchant", _("La tienda lo tiene apagado.")),
        (r"will be tried again", _("No salió a la primera: se intenta otra vez solo.")),
        (r"in doubt.*(looks|once more)", _("No sabemos si llegó: lo comprobamos solos.")),
        (r"in doubt", _("No sabemos si se hizo. Míralo tú, por favor.")),
        (r"failed \d+ times", _("Falló varias veces y lo dejamos.")),
        (r"repeated after a doubt", _("Se repitió porque no sabíamos si llegó.")),
        (r"repeated by hand", _("Lo repitió una persona.")),
        (r"called off by hand", _("Lo anuló una persona.")),
        (r"seen in the shop by hand", _("Lo comprobó una persona.")),
        (r"the mail server refused the address", _("El servidor de correo rechazó la dirección.")),
        (r"the mail server refused", _("El servidor de correo rechazó el mensaje.")),
        (r".*worth .* there, and", _("La tienda calcula otra suma: no se devolvió nada.")),
        (r".*(went back already|are left of the order)", _("Ya no quedaba tanto que devolver: no se devolvió nada.")),
        (r".*(does not let our key|permission)", _("La clave de la tienda no permite hacerlo.")),
        (r".* refused: ", _("La tienda dijo que no.")),
    )
)
OTHERWISE = {
    State.DEAD: _("No se pudo hacer."),
    State.UNKNOWN: _("No sabemos si se hizo. Míralo tú, por favor."),
    State.CANCELLED: _("Ya no hacía falta."),
    State.SUPPRESSED: _("Las reglas dicen que no."),
}


def words(state: str, reason: str) -> str:
    """A Spanish text; empty: there is nothing to explain."""
    known = next((text for pattern, text in REASONS if pattern.match(reason)), "") if reason else ""
    return known or (OTHERWISE.get(State(state), "") if state in list(State) else "")
