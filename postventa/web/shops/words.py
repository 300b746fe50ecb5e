"""What is said about a shop: its state, its webhooks, what its statuses mean. Spanish is the source; translations: `locale/<language>/shops.po`."""

from __future__ import annotations

from postventa.events import Step
from postventa.web.portal.page import _

STEPS = {
    Step.PLACED: _("Pedido recibido"),
    Step.PREPARED: _("En preparación"),
    Step.SHIPPED: _("Enviado"),
    Step.OUT_FOR_DELIVERY: _("En reparto"),
    Step.READY_FOR_PICKUP: _("Listo para recoger"),
    Step.DELIVERED: _("Entregado"),
    Step.CANCELLED: _("Cancelado"),
    Step.REFUNDED: _("Reembolsado"),
    Step.RETURN_REQUESTED: _("Devolución aceptada"),
    Step.NOTHING: _("Nada: no avisamos a nadie"),
}
REASONS = {
    "our-fault": _("Algo ha fallado por nuestra parte. Inténtalo otra vez; el motivo está en el registro del servicio."),
    "too-many": _("Son muchas preguntas seguidas. Espera unos minutos y prueba otra vez."),
}
STATES = {
    "fine": ("ok", _("Conectada"), ""),
    "no-keys": (
        "warn",
        _("Conectada sin claves"),
        _("Lo que la tienda nos cuenta llega, pero no podemos preguntarle nada ni cuidar sus webhooks. Dale claves."),
    ),
    "paused": ("warn", _("No responde"), _("Le preguntamos otra vez dentro de un rato. Nada se pierde: lo pendiente espera.")),
    "held": ("warn", _("En pausa"), _("Los pedidos siguen llegando; los correos esperan hasta que los reanudes.")),
    "refused": ("fail", _("Rechaza nuestras claves"), _("Alguien las habrá borrado o cambiado en la tienda. Dale claves nuevas y todo sigue.")),
    "uninstalled": ("off", _("Sin la aplicación"), _("La aplicación se quitó en la tienda. Instálala otra vez y todo sigue donde estaba.")),
    "disconnected": ("off", _("Desconectada"), _("No llega ni sale nada. Para volver, conecta la misma dirección: recordará lo que ya envió.")),
    "gone": ("off", _("Fuera de config.toml"), _("La tienda ya no está en el archivo de configuración. Vuelve a ponerla y reinicia para seguir.")),
}
"""State -> how serious, its name, what it means and what to do."""
WEBHOOKS = {
    "well": ("ok", _("Los webhooks funcionan.")),
    "soon": ("warn", _("Los webhooks se están creando. Tarda un momento.")),
    "app": ("ok", _("Los webhooks van con la aplicación; no hay nada que cuidar en la tienda.")),
    "leave": ("ok", _("Los webhooks los cuidas tú, como dice la configuración.")),
    "no-keys": ("warn", _("Sin claves nadie nota si la tienda apaga un webhook, y entonces faltan pedidos.")),
    "unreachable": ("fail", _("No podemos crear los webhooks: la tienda no llega a public_url. Hace falta una dirección https.")),
    "trouble": (
        "fail",
        _("No hemos podido poner en orden los webhooks. Comprueba que las claves sean de «Lectura/Escritura» y de un administrador."),
    ),
    "off": ("off", _("No hay webhooks que cuidar.")),
}
TELLING = {
    "well": ("ok", _("{carrier} nos avisa de cada paso de tus paquetes.")),
    "never": ("off", _("Preguntamos a {carrier} por tus paquetes. Si además nos avisa, cada paso se sabe al momento.")),
    "ceased": ("warn", _("{carrier} ha dejado de avisarnos. Seguimos preguntando por tus paquetes, pero las noticias llegan más tarde.")),
    "unreachable": ("off", _("Preguntamos a {carrier} por tus paquetes. Para que también nos avise hace falta una dirección https en public_url.")),
}
"""How things stand with the webhooks of a carrier -> how serious, and what that means."""
MAILS = {
    "order_received": _("Pedido recibido"),
    "shipped": _("Pedido enviado"),
    "out_for_delivery": _("En reparto"),
    "ready_for_pickup": _("Listo para recoger"),
    "delivered": _("Entregado"),
    "order_cancelled": _("Pedido cancelado"),
    "refunded": _("Reembolso"),
}
"""Follow-ups of ours that a shop's own mail may double."""
NATIVE = (
    _("Procesando pedido"),
    _("Pedido en espera"),
    _("Pedido completado"),
    _("Preparación creada"),
    _("Pedido cancelado (cliente)"),
    _("Pedido reembolsado"),
)
"""WooCommerce's mails (`connectors/shops/woocommerce/mails.py`) as its own translations call them."""
NO_NAME = _("Eso no es un nombre de dominio. Escríbelo sin https:// y sin nada detrás, como ayuda.mitienda.es.")
TAKEN_NAME = _("Ese nombre ya es de otra tienda o del propio servicio. Elige otro, como ayuda.mitienda.es.")
