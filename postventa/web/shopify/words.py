"""What merchants read on the pages for Shopify. Spanish is the source; the translations stand in `locale/<language>/shopify.po`."""

from __future__ import annotations

from dataclasses import dataclass

from postventa.web.portal.page import _


@dataclass(frozen=True)
class Words:
    """A page that says one thing: what is so, what to do, and the button for it."""

    title: str
    text: str
    button: str = ""


OPEN_ADMIN = _("Abrir mi panel de Shopify")
RETRY = _("Probar otra vez")

UNPROVEN = Words(
    _("Abre la app desde tu panel"), _("No hemos podido comprobar de qué tienda vienes. En Shopify, entra en Apps → Postventa."), OPEN_ADMIN
)
NO_APP = Words(_("Aquí no hay ninguna app de Shopify"), _("Quien lleva este servicio puede conectar tu tienda de otra manera: pregúntale."))
TOO_MANY = Words(_("Demasiados intentos"), _("Espera un minuto y prueba otra vez."))
LINK_OVER = Words(
    _("Este enlace de instalación ha caducado"),
    _("Vale minuto y medio, y solo en el navegador en el que empezaste. Vuelve a tu panel e instala la app otra vez, con las cookies activas."),
    OPEN_ADMIN,
)
DECLINED = Words(_("No has dado permiso"), _("No se ha instalado nada. Puedes abrir el enlace otra vez cuando quieras."), OPEN_ADMIN)
NO_ADDRESS = Words(
    _("A este servicio le falta su dirección"), _("Quien lo lleva tiene que poner en public_url (config.toml) su dirección pública, con https.")
)
ELSEWHERE = Words(
    _("Esta tienda ya está conectada de otra manera"),
    _("Con las dos, tus clientes recibirían cada correo dos veces. Desinstala la otra app en Configuración → Apps y abre esta otra vez."),
    OPEN_ADMIN,
)
NO_ACCESS = Words(
    _("Shopify no nos deja entrar en tu tienda"),
    _("Cierra la app y ábrela otra vez en tu panel. Si sigue igual, avisa a quien lleva Postventa: puede que la clave de la app haya cambiado."),
    RETRY,
)
AWAY = Words(_("Shopify no contesta ahora"), _("No se ha perdido nada. Prueba otra vez dentro de un momento."), RETRY)
AWAY_INSTALLING = Words(AWAY.title, _("No se ha perdido nada. Vuelve a tu panel e instala la app otra vez dentro de un momento."), OPEN_ADMIN)
OUR_FAULT = Words(
    _("Algo ha fallado por nuestra parte"), _("Inténtalo otra vez. Si sigue igual, busca este código en el registro del servicio: {code}")
)

CONNECTED = Words(_("Tu tienda está conectada"), _("Tus clientes reciben los avisos de sus pedidos. No tienes que hacer nada más aquí."))
NOT_QUITE = Words(_("Tu tienda está conectada, pero falta algo"), _("Mira lo que está marcado abajo."))
LACKING = Words(
    _("Falta un permiso"),
    _("La app no puede usar {scopes}, así que no nos enteramos de nada de eso. Dale permiso y esta página lo notará."),
    _("Dar permiso en Shopify"),
)
REFUSED = Words(_("Shopify rechaza nuestras claves"), _("Vuelve a abrir la app dentro de un minuto. Si sigue igual, instálala otra vez."))
HELD = Words(_("Los correos están en pausa"), _("Nada sale hasta que alguien los suelte en Postventa. Los pedidos se siguen apuntando."))
NEWS = _("Avisos de la tienda")
NEWS_WELL = _("Llegan bien. El último: {when}.")
NEWS_NONE = _("Aún no ha llegado ninguno. Haz un pedido de prueba y vuelve a mirar.")
NEWS_POLLED = _("Pedidos que la tienda no contó y encontramos preguntando: {count}.")
TWICE = Words(_("Correos que llegarían dos veces"), _("Shopify envía estos por su cuenta. Apágalos en Shopify, para que nadie reciba dos:"))
LEFT = _("«{mail}» no se puede apagar en Shopify, así que ese no lo enviamos nosotros.")
OPEN_SERVICE = _("Abrir Postventa en otra pestaña")

FINDINGS = {
    "keys-work": _("Las claves funcionan: la tienda es {name}."),
    "keys-refused": _("Shopify no acepta estas claves. Cópialas otra vez, enteras; si las renovaste, valen solo las nuevas."),
    "not-permitted": _("Esa app no es de la misma organización que {domain}, o no está instalada en ella. Instálala y escribe las claves otra vez."),
    "no-such-shop": _("Shopify no conoce {domain}. Mira el dominio en Configuración → Dominios."),
    "shopify-away": _("Shopify no contesta ahora. Prueba otra vez dentro de un momento."),
    "scopes-missing": _("A la app le faltan permisos: {scopes}. Añádelos en su versión, publícala y acepta en la tienda."),
    "already-by-app": _("Esta tienda ya está conectada con la app de este servicio. Desinstálala antes en la tienda."),
    "in-file": _("Las claves de esta tienda están en config.toml. Cámbialas allí."),
    "over": _("Esta comprobación ha caducado. Escribe las claves otra vez."),
}
"""The sentence for each `postventa.connecting.candidates.KeyFinding`."""

NATIVE = (
    _("Confirmación de pedido"),
    _("Confirmación de envío"),
    _("En reparto"),
    _("Listo para retiro"),
    _("Entregado"),
    _("Pedido cancelado"),
    _("Reembolso de pedido"),
    _("Al preparar el pedido, desmarca «Enviar detalles del envío al cliente ahora»"),
    _("Al marcar el pedido como listo para retiro, desmarca «Notificar al cliente»"),
    _("Al cancelar el pedido, desmarca «Enviar una notificación al cliente»"),
    _("Al reembolsar, desmarca «Enviar una notificación al cliente»"),
    _("Configuración → Notificaciones → Notificaciones a clientes → «En reparto»"),
    _("Configuración → Notificaciones → Notificaciones a clientes → «Entregado»"),
)
"""Shopify's own mails and where they are switched off, as `connectors/shops/shopify/mails.py` has them: a test holds them to it."""
