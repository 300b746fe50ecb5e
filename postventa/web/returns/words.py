"""What these pages say beyond their templates. Spanish is the source; the translations stand in `locale/<language>/returns_pages.po`."""

from __future__ import annotations

from postventa.returns.wish import Method, RefundWhen, Resolution
from postventa.web.portal.page import _

RESOLUTIONS = {
    Resolution.REFUND: _("Por la misma vía por la que pagaste."),
    Resolution.EXCHANGE: _("Otra talla, otro color… Lo que devuelves cuenta {amount}."),
    Resolution.STORE_CREDIT: _("Un código para tu próxima compra."),
    Resolution.REPAIR: _("Lo miramos y te decimos cómo y para cuándo."),
    Resolution.KEEP_ITEM: _("No tienes que enviarnos nada."),
}
MORE_CREDIT = _("Un código para tu próxima compra, con {bonus} de regalo.")
WITHOUT_SUM = (Resolution.EXCHANGE, Resolution.REPAIR)

METHODS = {
    Method.PRINTED_LABEL: _("Te damos una etiqueta en PDF: imprímela y pégala en la caja."),
    Method.QR: _("Te damos un código para el móvil: enséñalo al entregar el paquete."),
    Method.PICKUP: _("Pasan a buscarlo por tu casa, el día y en la franja que elijas."),
    Method.DROP_OFF: _("Lo traes tú, sin caja ni etiqueta. Basta con el número de la devolución."),
    Method.OWN_CARRIER: _("Lo envías a nuestra dirección con quien tú quieras."),
}
FREE = _("Sin coste")
COSTS = _("Cuesta {amount}")

WHEN = {
    RefundWhen.AT_FIRST_SCAN: _("En cuanto el transportista tenga el paquete."),
    RefundWhen.AT_ARRIVAL: _("En cuanto nos llegue."),
    RefundWhen.AFTER_INSPECTION: _("En cuanto nos llegue y lo hayamos revisado."),
}
AT_ONCE = _("En cuanto confirmes.")
MEDIAN_HOURS = _("En esta tienda suele tardar {hours} horas desde que llega, según las últimas devoluciones.")
MEDIAN_DAYS = _("En esta tienda suele tardar {days} días desde que llega, según las últimas devoluciones.")
MEDIAN_ONE_HOUR = _("En esta tienda suele tardar menos de una hora desde que llega, según las últimas devoluciones.")

PENDING = {
    "requested": _("La estamos mirando"),
    "approved": _("Aceptada"),
    "on_the_way": _("De camino a la tienda"),
    "received": _("Ha llegado a la tienda"),
    "closed": _("Terminada"),
    "declined": _("No se ha aceptado"),
    "cancelled": _("Anulada por ti o por la tienda"),
}
"""How it stands, in the list of an order's returns."""

HEADLINES = {
    "requested": (_("Estamos mirando tu devolución"), _("Una persona la revisa y te escribe. De momento, no envíes nada.")),
    "send": (_("Tu devolución está en marcha"), _("Ya puedes hacérnoslo llegar. Abajo tienes todo lo que necesitas.")),
    "kept": (_("Listo: te lo quedas"), _("No tienes que enviarnos nada.")),
    "on_the_way": (_("Tu paquete viene de camino"), _("Te escribimos en cuanto llegue. No tienes que hacer nada.")),
    "received": (_("Tu devolución ha llegado"), _("La estamos revisando. No tienes que hacer nada más.")),
    "closed": (_("Tu devolución está resuelta"), _("No tienes que hacer nada más. Gracias por tu paciencia.")),
    "declined": (_("No hemos podido aceptar tu devolución"), _("Si no estás de acuerdo o nos falta algún dato, escríbenos y lo vemos otra vez.")),
    "cancelled": (_("Esta devolución está anulada"), _("No nos envíes nada con ella. Si tenías una etiqueta o un código, no los uses.")),
}
"""Where it is -> what that means, and what she has to do."""
FETCHED = _("Pasamos a buscarlo por tu casa. Abajo tienes todo lo que necesitas.")
PROVEN = _("Nos has dicho que ya lo has enviado. Mientras miramos tu justificante no puedes cambiarla ni anularla desde aquí.")
"""What she has to do where the parcel is fetched, and where she showed that she sent it."""

STEPS = {
    "requested": _("Nos lo has pedido"),
    "approved": _("Aceptada"),
    "scanned": _("El transportista tiene el paquete"),
    "received": _("Recibida en la tienda"),
    "inspected": _("Revisada"),
    "paid": _("Reembolso hecho"),
    "credited": _("Vale enviado por correo"),
    "declined": _("No aceptada"),
    "cancelled": _("Anulada"),
    "solved": _("Resuelta"),
}
"""Steps of a return, done or to come."""

PLANNED = _("Te devolvemos {amount}.")
PAID = _("Te hemos devuelto {amount} el {day}.")
BANK = _("Según tu banco, puede tardar unos días en aparecer.")
UNDERWAY = _("Estamos devolviéndote {amount}.")
CREDIT = _("Te damos un vale de {amount}.")
CREDITED = _("Te hemos enviado por correo un vale de {amount}.")
EXCHANGE = _("Te enviamos lo que has elegido a cambio.")
INSTEAD = _("A cambio: {title}")
EXCHANGED = _("Tu cambio es el pedido {number}.")
TO_PAY = _("Falta por pagar la diferencia: {amount}.")
PAY_BY = _("Págala como muy tarde el {day}: hasta entonces te lo guardamos. Después anulamos el cambio y te devolvemos lo que vale tu devolución.")
LETTING_GO = _("Estamos anulando tu cambio. Te escribimos en cuanto esté.")
UNMADE = _("No hemos podido preparar tu cambio. Puedes anularlo aquí abajo, o escribirnos.")
STAYS = _("No se ha podido anular el cambio: la tienda ya lo tiene en marcha.")
REPAIR = _("Lo reparamos y te escribimos.")
NOTHING = _("No hay dinero que devolver.")

FETCHING = {
    "none": _("Elige el día y la franja que te vayan bien."),
    "requested": _("Queda apuntado para cuando aceptemos la devolución."),
    "wanted": _("Lo estamos concertando. Si hay algún cambio, te escribimos."),
    "ordered": _("Ten el paquete cerrado y con la etiqueta puesta."),
    "fixed": _("Ya no se puede cambiar desde aquí: la ruta de ese día está hecha. Si no vas a estar, escríbenos cuanto antes."),
    "over": _("¿No ha pasado nadie? Elige otro día. Si ya se lo han llevado, lo verás aquí en cuanto lo escaneen."),
    "refused": _("No hemos podido concertar la recogida para ese día. Elige otro, por favor."),
    "missed": _("Nos dicen que no se ha podido recoger. Elige otro día, por favor."),
    "off": _("La recogida está anulada. Puedes elegir otro día cuando quieras."),
    "often": _("La recogida ha cambiado muchas veces. Escríbenos y la acordamos contigo."),
}
"""How the fetching of a parcel stands, and what to do."""
NO_PHONE = _("Escribe un teléfono: quien pasa a buscarlo puede necesitar llamarte.")
NO_SUCH_PHONE = _("Ese teléfono no parece completo. Si no es de aquí, escríbelo con su prefijo.")

LATE = _("Ya no puedes anularla desde aquí: va de camino o está resuelta. Escríbenos y lo vemos.")
NOT_NOW = _("Ahora mismo no se puede anular el cambio. Mira cómo está y, si no te cuadra, escríbenos.")
TOO_LATE = _("Ya no puedes cambiarla desde aquí. Escríbenos y lo vemos.")
BUSY = _("Estamos preparando tu etiqueta en este momento. Espera un minuto y confírmalo otra vez.")
PROOFS = {
    "open": _("Tenemos tu justificante. Lo mira una persona y te escribe."),
    "accepted": _("Tu justificante está aceptado: nos consta que lo has enviado."),
    "refused": _("Tu justificante no nos sirve. Puedes enviar otro. El motivo:"),
}
NO_PROOF = _("Añade una foto o un PDF, o escribe el número del paquete.")
NOT_SO_MANY = _("Envía {limit} fotos de una vez como mucho, por favor.")
NO_FILE = _("«{file}» no es una foto JPEG, PNG o WebP ni un PDF.")
NO_MORE = _("Ya no hace falta: el paquete nos consta, la devolución está cerrada o tenemos bastantes justificantes. Si dudas, escríbenos.")
BEFORE = _("Antes: {amount}. Con este cambio: {now}.")
SAME_LABEL = _("Tu etiqueta sigue valiendo.")
NO_LABEL = _("La etiqueta que tienes deja de valer: no la uses.")
SAME_CODE = _("Tu código sigue valiendo.")
NO_CODE = _("El código que tienes deja de valer: no lo uses.")
CHANGED = _("Algo ha cambiado mientras lo mirabas. Revísalo otra vez, por favor.")
