"""What is said about orders: where they stand, what happened, what we wrote. Spanish is the source; translations: `locale/<language>/orders.po`."""

from __future__ import annotations

from jobs.deeds import coupon, exchange, owed
from postventa.models import State
from postventa.web.portal.page import _

STAGES = {
    "trashed": ("off", _("En la papelera")),
    "cancelled": ("off", _("Cancelado")),
    "disputed": ("fail", _("Pago en disputa")),
    "refunded": ("off", _("Reembolsado")),
    "returning": ("warn", _("Devolución en curso")),
    "delivered": ("ok", _("Entregado")),
    "failed": ("fail", _("No se pudo entregar")),
    "delayed": ("warn", _("Con retraso")),
    "pickup": ("ok", _("Listo para recoger")),
    "out_for_delivery": ("ok", _("En reparto")),
    "shipped": ("ok", _("Enviado")),
    "part_shipped": ("ok", _("Enviado en parte")),
    "completed": ("ok", _("Completado")),
    "prepared": ("ok", _("En preparación")),
    "placed": ("ok", _("Pedido recibido")),
    "unknown": ("off", _("Aún no confirmado")),
}
"""Stage -> how serious, its name."""
EVENTS = {
    "OrderPlaced": _("Hizo el pedido"),
    "OrderPaid": _("Pagó el pedido"),
    "OrderPrepared": _("La tienda preparó el pedido"),
    "OrderCompleted": _("La tienda terminó el pedido"),
    "OrderCancelled": _("El pedido se canceló"),
    "OrderTrashed": _("La tienda tiró el pedido a la papelera"),
    "OrderRestored": _("La tienda sacó el pedido de la papelera"),
    "OrderRefunded": _("La tienda devolvió {amount}"),
    "ShipmentDispatched": _("Salió un paquete"),
    "ShipmentOutForDelivery": _("El paquete salió a reparto"),
    "ShipmentReadyForPickup": _("El paquete espera en el punto de recogida"),
    "DeliveryEstimated": _("La tienda dio una fecha de entrega: {day}"),
    "DeliveryPromised": _("La tienda prometió la entrega, como muy tarde: {day}"),
    "ShipmentDelayed": _("El transportista avisó de un retraso"),
    "DeliveryFailed": _("El transportista no pudo entregar"),
    "ShipmentDelivered": _("El paquete se entregó"),
    "ReturnRequested": _("Pidió una devolución"),
    "ReturnApproved": _("La devolución se aceptó"),
    "ReturnDeclined": _("La devolución se rechazó"),
    "ReturnCancelled": _("La devolución se anuló"),
    "ReturnChanged": _("Cambió la devolución"),
    "ReturnReceived": _("La devolución llegó"),
    "ReturnClosed": _("La devolución se cerró"),
    "ReturnReopened": _("La devolución se abrió otra vez"),
    "DisputeOpened": _("Su banco reclama el pago"),
    "DisputeClosed": _("La reclamación del banco terminó"),
}
"""Events that people are told of; descriptions (`OrderSeen` and its like) are no news."""
FOLLOWUPS = {
    "order_received": _("Pedido recibido"),
    "order_prepared": _("Pedido en preparación"),
    "shipped": _("Pedido enviado"),
    "out_for_delivery": _("En reparto"),
    "ready_for_pickup": _("Listo para recoger"),
    "ready_for_pickup_reminder": _("Recordatorio de recogida"),
    "delivered": _("Pedido entregado"),
    "delayed": _("Aviso de un retraso"),
    "delivery_failed": _("Entrega fallida"),
    "order_cancelled": _("Pedido cancelado"),
    "refunded": _("Importe devuelto"),
    "care_tips": _("Consejos de cuidado"),
    "review_request": _("Petición de opinión"),
    "review_reminder": _("Recordatorio de opinión"),
    "order_link": _("Enlace al pedido"),
    "code": _("Código de un solo uso"),
    "return_requested": _("Devolución pedida"),
    "return_label": _("Etiqueta de devolución"),
    "return_approved": _("Devolución aceptada"),
    "return_declined": _("Devolución rechazada"),
    "return_changed": _("Devolución cambiada"),
    "return_proof": _("Justificante de envío"),
    "return_cancelled": _("Devolución anulada"),
    "return_pickup": _("Recogida apuntada"),
    "return_pickup_again": _("Elegir otro día de recogida"),
    "return_received": _("Devolución recibida"),
    "return_credited": _("Vale de la devolución"),
    "return_exchange": _("Cambio de la devolución"),
    "write_refund": _("Reembolso"),
    "write_exchange": _("Pedido del cambio"),
    "write_exchange_cancel": _("Cambio anulado"),
    "write_store_credit": _("Vale en la tienda"),
    "write_coupon": _("Cupón"),
    "write_note": _("Nota"),
    "write_review": _("Opinión en la tienda"),
    "write_return": _("Devolución en la tienda"),
    "write_return_step": _("Paso de la devolución"),
    "write_return_label": _("Etiqueta en la tienda"),
    "write_scan": _("Seguimiento en la tienda"),
    "pickup_order": _("pedida"),
    "pickup_check": _("pregunta si vienen"),
    "pickup_call_off": _("anulada"),
    "low_rating": _("Aviso de una mala nota"),
    "address_refused": _("Dirección rechazada"),
    "withdrawal_arrived": _("Desistimiento recibido"),
    "withdrawal_waiting": _("Desistimiento por pagar"),
}
MONEY = frozenset({*owed.OWED, exchange.CANCEL, coupon.NAME})
"""Follow-ups that spend the shop's money: only who may give it back has a button beside them."""
KINDS = {
    "mail": _("Correo: {what}"),
    "alert": _("Aviso a la tienda: {what}"),
    "label": _("Etiqueta: {what}"),
    "pickup": _("Recogida: {what}"),
    "fetch": _("Pregunta a la tienda"),
}
STATES = {
    State.PLANNED: ("warn", _("previsto")),
    State.CLAIMED: ("warn", _("en marcha")),
    State.SENDING: ("warn", _("en marcha")),
    State.DONE: ("ok", _("hecho")),
    State.UNKNOWN: ("fail", _("sin confirmar")),
    State.DEAD: ("fail", _("rechazado")),
    State.CANCELLED: ("off", _("anulado")),
    State.SUPPRESSED: ("off", _("no se envió")),
}
RETURNS = {
    "requested": FOLLOWUPS["return_requested"],
    "approved": EVENTS["ReturnApproved"],
    "declined": FOLLOWUPS["return_declined"],
    "cancelled": FOLLOWUPS["return_cancelled"],
    "received": FOLLOWUPS["return_received"],
    "closed": EVENTS["ReturnClosed"],
}
SAVED = {
    "refund": _("Apuntado: la tienda hará el reembolso en unos segundos."),
    "coupon": _("Apuntado: la tienda creará el cupón en unos segundos. El código está abajo."),
    "note": _("Apuntado: la nota estará en la tienda en unos segundos."),
    "resend": _("Hecho: sale en unos segundos, si las reglas lo permiten."),
    "cancel": _("Anulado: no saldrá."),
    "done": _("Anotado: está hecho."),
    "before": _("Ya estaba hecho: no se ha repetido nada."),
}
ASKED = {
    "cancel": (_("¿Anular esto?"), _("No saldrá, tampoco más tarde."), _("Anular")),
    "resend": (_("¿Enviar otra vez?"), _("Sale en unos segundos. Si ya llegó, tu cliente lo recibe dos veces."), _("Enviar otra vez")),
    "send": (_("¿Enviar ahora?"), _("Aún no ha salido. Sale en unos segundos, si las demás reglas lo permiten."), _("Enviar ahora")),
    "again": (_("¿Intentarlo otra vez?"), _("Antes de repetirlo miramos si la tienda ya lo tiene."), _("Intentar otra vez")),
    "done": (_("¿Está hecho en la tienda?"), _("Míralo antes en la tienda. Si lo confirmas, no se intenta más."), _("Ya está hecho")),
}
"""What a button asks on the second page: title, what happens, the button that does it."""
