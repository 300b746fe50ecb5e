"""/shops/<number>: one shop, how it stands and what can be done with it; and the last page after it was connected."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.wrappers import Response

from postventa.accounts.roles import Right
from postventa.connecting import visits
from postventa.events import Step
from postventa.locale.formats import country_name, language_name
from postventa.models.db import reading
from postventa.web.portal.page import _, services
from postventa.web.shops import words
from postventa.web.shops.customer_pages import customer_pages
from postventa.web.shops.delivery import example
from postventa.web.shops.page import found, render
from postventa.web.shops.standing import standing
from postventa.web.staff.guard import require
from postventa.web.staff.page import t

SAVED = {
    "keys": _("Hecho: la tienda tiene claves nuevas y todo sigue."),
    "statuses": _("Guardado. Vale para todo lo que pase desde ahora."),
    "held": _("En pausa: los correos de esta tienda esperan."),
    "released": _("Reanudado: lo que esperaba sale ahora, menos lo que ya no es noticia."),
    "delivery": _("Guardado. Vale para los pedidos que lleguen desde ahora."),
    "pages": _("Guardado. Los enlaces de los correos que salgan desde ahora llevan ahí."),
    "left": _("Desconectada: desde ahora no llega ni sale nada."),
}


@require(Right.ORDERS_READ)
def show(number: int) -> Response:
    """State, what was found at the last look, webhooks, statuses, own mails; buttons for who may."""
    with reading(services().engine) as session:
        there = found(session, number)
        it, pages = standing(session, there, services().settings), customer_pages(there)
        seen, waits, left = visits.newest(session, number), visits.waiting_for(session, number), visits.newest(session, number, "leave")
    at_work = waits is not None and not visits.given_up(waits)
    saved = SAVED.get(request.args.get("saved", ""), "")
    known: dict[str, Any] = {
        "it": it,
        "seen": seen,
        "told": seen.result if seen else {},
        "mails": words.MAILS,
        "pages": pages,
        "promised": example(there.shop.settings, there.shop.settings.delivery) if there.shop else [],
        "file": services().settings.source.name,
        "names": {"language": language_name, "country": country_name},
    }
    known["stays"] = left.result.get("said", "") if left is not None else ""
    return render("shop.html", waits=at_work, **known, delivered=_knows_delivered(it.shop), saved=t(saved) if saved else "")


@require(Right.ORDERS_READ)
def ready(number: int) -> Response:
    """It is connected: which of its own mails to switch off, and what happens now."""
    with reading(services().engine) as session:
        it = standing(session, found(session, number), services().settings)
    return render("ready.html", it=it, mails=words.MAILS)


def _knows_delivered(shop: object) -> bool:
    """Whether we learn that a parcel arrived: Shopify tells, WooCommerce only by a status that says so."""
    settings = getattr(shop, "settings", None)
    return settings is None or settings.platform != "woocommerce" or Step.DELIVERED in settings.status_map.values()
