"""What the page of an order says. Spanish is the source; the translations stand in `locale/<language>/tracking.po`."""

from __future__ import annotations

from postventa.web.portal.page import _

HEADLINES = {
    "placed": (_("Hemos recibido tu pedido"), ""),
    "prepared": (_("Estamos preparando tu pedido"), ""),
    "moving": (_("Tu paquete va de camino"), _("Tus paquetes van de camino")),
    "out": (_("Tu paquete está hoy en reparto"), _("Uno de tus paquetes está hoy en reparto")),
    "pickup": (_("Tu paquete te espera en el punto de recogida"), _("Un paquete te espera en el punto de recogida")),
    "delayed": (_("Tu paquete va con retraso"), _("Uno de tus paquetes va con retraso")),
    "failed": (_("No han podido entregarte el paquete"), _("No han podido entregarte uno de los paquetes")),
    "back": (_("El transportista nos devuelve tu paquete"), _("El transportista nos devuelve uno de tus paquetes")),
    "part_moving": (_("Parte de tu pedido va de camino"), _("Parte de tu pedido va de camino")),
    "part_delivered": (_("Parte de tu pedido ya ha llegado"), _("Parte de tu pedido ya ha llegado")),
    "delivered": (_("Tu pedido ha llegado"), ""),
    "done": (_("Tu pedido está completo"), ""),
    "cancelled": (_("Tu pedido está cancelado"), ""),
    "refunded": (_("Te hemos devuelto el dinero"), ""),
}
"""Where it is -> the one sentence, for one parcel and for one of several (empty: the same)."""

SINCE = {
    "placed": _("Compraste el {day}."),
    "prepared": _("Compraste el {day}."),
    "moving": _("Salió de nuestro almacén el {day}."),
    "out": _("El repartidor lo lleva desde las {time}."),
    "pickup": _("Está allí desde el {day}."),
    "delayed": _("El transportista nos avisó el {day}. Lo sentimos."),
    "failed": _("Lo intentaron el {day}."),
    "back": _("El transportista nos avisó el {day}. Lo sentimos."),
    "part_moving": _("Salió de nuestro almacén el {day}."),
    "part_delivered": _("Se entregó el {day}."),
    "delivered": _("Se entregó el {day}."),
    "done": _("Compraste el {day}."),
    "cancelled": _("Se canceló el {day}."),
    "refunded": _("Lo hicimos el {day}."),
}
"""The second sentence, when nothing better is known than since when it is so."""

NEXT = {
    "placed": _("Ahora lo preparamos. Te escribimos en cuanto salga."),
    "prepared": _("Pronto lo recoge el transportista. Te escribimos en cuanto salga."),
    "moving": _("El transportista lo está llevando. No tienes que hacer nada."),
    "out": _("¿No vas a estar? En la página del transportista suele poder elegirse otro día, un vecino o un punto de recogida."),
    "pickup": _("Lleva un documento de identidad y el número de seguimiento. Lo guardan solo unos días."),
    "delayed": _("Estamos pendientes de él y te escribimos en cuanto haya novedades. Si lo necesitas para una fecha, dínoslo."),
    "failed": _("Suelen volver a intentarlo el siguiente día laborable. Si falta el piso, la puerta o un teléfono, dínoslo."),
    "back": _("Escríbenos y lo resolvemos contigo: te lo enviamos otra vez o te devolvemos el dinero."),
    "part_moving": _("El resto viaja aparte: te escribimos en cuanto salga."),
    "part_delivered": _("El resto viaja aparte. Abajo ves por dónde va."),
    "delivered": _("¿No lo encuentras? A veces lo dejan en portería, en el buzón o con un vecino. Si algo no ha llegado bien, dínoslo."),
    "done": _("Este pedido no lleva ningún paquete."),
    "refunded": _("Este pedido ya no se envía. Según tu banco, el dinero puede tardar unos días en aparecer."),
    "cancelled": _("No se enviará nada. Si ya habías pagado algo, te lo devolvemos."),
}
"""What happens next, or what she can do."""

STEPS = {
    "placed": _("Pedido recibido"),
    "paid": _("Pago confirmado"),
    "prepared": _("En preparación"),
    "dispatched": _("Ha salido de nuestro almacén"),
    "collected": _("Lo tiene el transportista"),
    "customs": _("En la aduana"),
    "depot": _("En un centro de clasificación"),
    "transit": _("De camino"),
    "out": _("En reparto"),
    "pickup": _("En el punto de recogida"),
    "delayed": _("Aviso de retraso"),
    "failed": _("No pudieron entregarlo"),
    "back": _("Vuelve a nosotros"),
    "delivered": _("Paquete entregado"),
    "cancelled": _("Pedido cancelado"),
}
"""What happened, in the timeline."""

STATES = {
    "waiting": _("Aún no ha salido"),
    "moving": _("De camino"),
    "out": _("En reparto"),
    "pickup": _("Listo para recoger"),
    "delayed": _("Con retraso"),
    "failed": _("No pudieron entregarlo"),
    "back": _("Vuelve a nosotros"),
    "delivered": _("Ya entregado"),
}
"""Where one parcel is, in a word."""

RETURNS = {
    "requested": _("La estamos mirando"),
    "approved": _("Aceptada: envíanosla cuando puedas"),
    "travelling": _("De camino hacia nosotros"),
    "received": _("Ya la tenemos y la estamos revisando"),
    "closed": _("Terminada"),
    "declined": _("No la hemos podido aceptar"),
    "cancelled": _("Anulada"),
}
"""How a return stands."""

TODAY, ONE_DAY, SPAN = _("Debería llegar hoy."), _("Llegada prevista: {day}"), _("Llegada prevista: {first} – {last}")
LATEST = _("Te llegará como muy tarde el {day}.")
PROMISED, BROKEN = _("Prometido para el {day}."), _("Estaba prometido para el {day}.")
PROMISED_NOW, PROMISED_TODAY = _("Prometido para hoy, y hoy lo esperamos."), _("Prometido para el {promised}. Lo esperamos hoy.")
PROMISED_KEPT, PROMISED_OTHER = _("Prometido para el {promised}, y así lo esperamos."), _("Prometido para el {promised}. Lo esperamos el {day}.")
PROMISED_SPAN = _("Prometido para el {promised}. Lo esperamos entre el {first} y el {last}.")
OVER = (
    _("Este enlace ya ha caducado"),
    _("Los enlaces de seguimiento dejan de abrirse 60 días después de la entrega. Si lo necesitas, te enviamos otro."),
)
UNKNOWN = (_("No encontramos este pedido"), _("Comprueba que el enlace esté completo: a veces el correo lo parte en dos líneas."))
