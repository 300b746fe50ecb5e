"""What is said to staff about returns. Spanish is the source; translations: `locale/<language>/staff_returns.po`."""

from __future__ import annotations

import re

from postventa.returns.spoken import METHODS
from postventa.returns.wish import Method
from postventa.web.portal.page import _
from postventa.web.staff.page import t

STATES = {
    "requested": ("warn", _("Por decidir")),
    "approved": ("ok", _("Aceptada")),
    "received": ("warn", _("Recibida")),
    "closed": ("off", _("Cerrada")),
    "declined": ("off", _("Rechazada")),
    "cancelled": ("off", _("Anulada")),
}
"""State -> how serious, its name."""
LISTS = {
    "decide": _("Por decidir"),
    "proof": _("Justificantes"),
    "way": _("En camino"),
    "arrived": _("Recibidas"),
    "inspect": _("Por revisar"),
    "refund": _("Por pagar"),
    "late": _("Con retraso"),
    "settled": _("Resueltas"),
    "all": _("Todas"),
}
RESOLUTIONS = {
    "refund": _("Reembolso"),
    "exchange": _("Cambio"),
    "store_credit": _("Vale de compra"),
    "repair": _("Reparación"),
    "keep_item": _("Quedárselo con descuento"),
}
GRADES = {
    "stock": _("Como nuevo, a existencias"),
    "as_new": _("Como nuevo, apartado"),
    "damaged": _("Dañado o usado"),
    "wrong_item": _("Es otro artículo"),
    "missing": _("No venía en el paquete"),
    "here": _("Ha llegado, sin revisar"),
}
"""What the warehouse may say of a piece: a grade with what becomes of it, or only that it came."""
ACTIONS = {
    "decision": _("Decisión"),
    "exemption": _("Motivo legal"),
    "window": _("Plazo en días"),
    "fee": _("Coste"),
    "methods": _("Cómo vuelve"),
    "resolutions": _("Qué se ofrece"),
    "destination": _("Adónde va"),
    "photo": _("Pedir foto"),
    "keep": _("Devuelto si se lo queda, en %"),
    "bonus": _("Extra del vale, en %"),
    "refund_when": _("Cuándo se paga"),
    "exchange_for": _("Se puede cambiar por"),
}
CONDITIONS = {
    "country": _("País"),
    "product": _("Producto"),
    "category": _("Categoría"),
    "tag": _("Etiqueta del producto"),
    "vendor": _("Marca"),
    "price": _("Precio"),
    "discount": _("Descuento del pedido, en %"),
    "reason": _("Motivo"),
    "days": _("Días desde la entrega"),
    "customer": _("Cliente"),
    "earlier_returns": _("Devoluciones en un año"),
    "resolution": _("Qué pide"),
    "method": ACTIONS["methods"],
}
VERDICTS = {"approve": _("aceptar"), "ask": _("lo decide una persona"), "reject": _("rechazar")}
MOMENTS = {
    "at_first_scan": _("cuando lo recoge el transportista"),
    "at_arrival": _("al llegar"),
    "after_inspection": _("después de revisarlo"),
}
EXEMPTIONS = {
    "made_to_measure": _("hecho a medida"),
    "perishable": _("se estropea pronto"),
    "sealed_hygiene": _("precinto de higiene abierto"),
    "inseparable": _("mezclado con otros bienes"),
    "sealed_media": _("disco o programa sin precinto"),
    "press": _("prensa"),
}
VALUES = {
    **VERDICTS, **MOMENTS, **EXEMPTIONS, **RESOLUTIONS, **{str(method): name for method, name in METHODS.items()},
    "yes": _("sí"), "no": _("no"), "none": _("nada"), "variant": _("lo mismo en otra talla o color"), "product": _("cualquier artículo"),
}  # fmt: skip
PARCEL = re.compile(r"([\d.]+) for the parcel")
BY = {"default": _("por defecto"), "law": _("la ley"), "window": _("el plazo")}
SAVED = {
    "approve": _("Aceptada. La persona recibe un correo."),
    "decline": _("Rechazada. La persona recibe un correo con tus palabras."),
    "cancel": _("Anulada. Su etiqueta ya no vale."),
    "change": _("Cambiada."),
    "parcel": _("Apuntado: la etiqueta se hace en unos segundos y la persona la recibe por correo."),
    "fetch": _("Apuntado: la recogida se pide en unos segundos."),
    "fetch-done": _("Anotado: la recogida está pedida."),
    "fetch-taken": _("Anotado: ya lo han recogido."),
    "fetch-off": _("Anulada: nadie pasa a buscarlo."),
    "proven": _("Aceptado. Cuenta como enviada y la persona recibe un correo."),
    "unproven": _("Hecho. La persona recibe un correo con tus palabras."),
    "pay": _("Apuntado: la tienda lo hará en unos segundos."),
    "done": _("Anotado: está resuelta."),
    "off": _("Apuntado: el cambio se anula en unos segundos."),
    "taken": _("Guardado."),
    "again": _("Lo revisado se ha borrado. Empieza otra vez."),
    "photo": _("Foto guardada."),
    "before": _("Ya estaba hecho: no se ha repetido nada."),
}


def value(said: str) -> str:
    """A decision's value in words: each of its parts that has any."""
    if found := PARCEL.search(said):  # `3.95 for the parcel and 5 %`
        return said.replace(found[0], t("{sum} por el paquete", sum=found[1])).replace(" and ", " + ")
    return ", ".join(t(VALUES[part]) if part in VALUES else part for part in said.split(", "))


def by(name: str) -> str:
    """Who decided: the law, the default, or a rule by its name."""
    return t(BY[name]) if name in BY else t("regla «{name}»", name=name)


def method(code: str) -> str:
    """How it comes back; empty: it was never said."""
    return t(METHODS[Method(code)]) if code in list(Method) else code
