"""What the page that asks for a code says."""

from __future__ import annotations

from jobs.codes import Asked
from postventa.step_up import Purpose
from postventa.step_up.store import Standing
from postventa.web.portal.page import _

WHY = {
    Purpose.DATA: _("La etiqueta lleva tu nombre y tu dirección. Antes de abrirla, comprobamos que eres tú."),
    Purpose.ADDRESS: _("Antes de cambiar la dirección, comprobamos que eres tú."),
    Purpose.PICKUP: _("Antes de cambiar la recogida, comprobamos que eres tú."),
    Purpose.PAYMENT: _("Antes de cambiar dónde recibes tu dinero, comprobamos que eres tú."),
    Purpose.POINTS: _("Antes de usar tus puntos, comprobamos que eres tú."),
}
OVER = {
    Standing.BURNT: _("Ese código ya no vale: se ha escrito mal cinco veces y, por seguridad, lo hemos anulado. Pide otro."),
    Standing.EXPIRED: _("Ese código ya no vale: han pasado más de diez minutos. Pide otro."),
    Standing.USED: _("Ese código ya se ha usado. Pide otro."),
}
WAIT = _("Entre un código y otro tiene que pasar un minuto. Espera un poco y pídelo otra vez.")
SIX = _("El código son seis cifras. Están al principio del asunto del correo.")
WRONG = _("Ese código no es correcto. Te quedan {left} intentos.")
ONE_LEFT = _("Ese código no es correcto. Te queda un intento.")
REFUSED = {
    Asked.MANY: (
        _("Vamos a esperar un poco"),
        _("Te hemos enviado varios códigos seguidos. Prueba otra vez dentro de una hora, o escríbenos y te ayudamos."),
    ),
    Asked.NOWHERE: (_("No tenemos tu correo"), _("Este pedido no tiene ningún correo al que enviarte un código. Escríbenos y te ayudamos.")),
}
"""(title, what to do)."""
