"""The mails that WooCommerce sends by itself and that say what ours say. All of them can be switched off, and the shop says which are on."""

from __future__ import annotations

from contextlib import suppress

from connectors.errors import ConnectorError, Unreadable
from connectors.reading import Part, parse
from connectors.shops.base import NativeMail
from connectors.shops.woocommerce.rest import Rest, code_of

_WHERE = "WooCommerce → Ajustes → Correos electrónicos → «{}» → Gestionar → desmarca «Activar este aviso por correo electrónico»"


def _mail(followup: str, name: str, ident: str) -> NativeMail:
    return NativeMail(followup, name, _WHERE.format(name), id=ident)


NATIVE_MAILS = (
    _mail("order_received", "Procesando pedido", "customer_processing_order"),
    _mail("order_received", "Pedido en espera", "customer_on_hold_order"),
    _mail("shipped", "Pedido completado", "customer_completed_order"),
    _mail("shipped", "Preparación creada", "customer_fulfillment_created"),
    _mail("order_cancelled", "Pedido cancelado (cliente)", "customer_cancelled_order"),
    _mail("refunded", "Pedido reembolsado", "customer_refunded_order"),
)
"""`customer_fulfillment_created` is there with the Fulfillments feature only, `customer_cancelled_order` since 10.x. Out for delivery, ready for
pickup and delivered have no mail of their own."""
NO_SUCH_MAIL = ("rest_setting_setting_group_invalid", "rest_setting_setting_invalid")


def switched_on(rest: Rest) -> dict[str, bool]:
    """Which of them are on, by their ids; one that the shop does not say anything about is left out.

    Each mail is a group of settings: https://woocommerce.github.io/woocommerce-rest-api-docs/#setting-options
    """
    found = dict[str, bool]()
    with suppress(ConnectorError):  # it answers no more: what it said so far counts
        for mail in NATIVE_MAILS:
            on = _is_on(rest, mail.id)
            if on is not None:
                found[mail.id] = on
    return found


def _is_on(rest: Rest, ident: str) -> bool | None:
    """A mail that the shop does not have is off. Raises `ConnectorError`."""
    answer = rest.get(f"settings/email_{ident}/enabled", {"_fields": "value"})
    if answer.status == 404 and code_of(answer) in NO_SUCH_MAIL:
        return False
    try:
        value = Part(parse(answer.body)).text("value") if answer.status == 200 else ""
    except Unreadable:
        return None
    return {"yes": True, "no": False}.get(value)
