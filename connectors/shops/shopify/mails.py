"""The mails that Shopify sends by itself and that say what ours say."""

from __future__ import annotations

from connectors.shops.base import NativeMail

_NOTICES = "Configuración → Notificaciones → Notificaciones a clientes → «{}»"

NATIVE_MAILS = (
    # The one mail that Shopify gives no switch for: ours would always be the second.
    NativeMail("order_received", "Confirmación de pedido", "", ours_by_default=False),
    NativeMail("shipped", "Confirmación de envío", "Al preparar el pedido, desmarca «Enviar detalles del envío al cliente ahora»"),
    NativeMail("out_for_delivery", "En reparto", _NOTICES.format("En reparto")),
    NativeMail("ready_for_pickup", "Listo para retiro", "Al marcar el pedido como listo para retiro, desmarca «Notificar al cliente»"),
    NativeMail("delivered", "Entregado", _NOTICES.format("Entregado")),
    NativeMail("order_cancelled", "Pedido cancelado", "Al cancelar el pedido, desmarca «Enviar una notificación al cliente»"),
    NativeMail("refunded", "Reembolso de pedido", "Al reembolsar, desmarca «Enviar una notificación al cliente»"),
)
