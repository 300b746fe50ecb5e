"""The mails that WooCommerce sends by itself and that say what ours say. All of them can be switched off."""

from __future__ import annotations

from connectors.shops.base import NativeMail

_WHERE = "WooCommerce → Ajustes → Correos electrónicos → «{}» → Gestionar → desmarca «Activar este aviso por correo electrónico»"


def _mail(followup: str, name: str) -> NativeMail:
    return NativeMail(followup, name, _WHERE.format(name))


NATIVE_MAILS = (
    _mail("order_received", "Procesando pedido"),
    _mail("order_received", "Pedido en espera"),
    _mail("shipped", "Pedido completado"),
    _mail("shipped", "Preparación creada"),
    _mail("order_cancelled", "Pedido cancelado (cliente)"),
    _mail("refunded", "Pedido reembolsado"),
)
"""customer_processing_order, customer_on_hold_order, customer_completed_order, customer_fulfillment_created (only with the Fulfillments
feature), customer_cancelled_order (10.x), customer_refunded_order. Out for delivery, ready for pickup and delivered have no mail of their own."""
