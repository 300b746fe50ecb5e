"""/shops/<number>/statuses: what the shop's own statuses mean. We suggest, the merchant says."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from postventa import audit, shops
from postventa.accounts.roles import Right
from postventa.connecting import visits
from postventa.events import Step
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop
from postventa.web.portal.page import services
from postventa.web.shops.page import actor, found, render
from postventa.web.staff.guard import require


@dataclass(frozen=True)
class Line:
    """One status. `step`: what is chosen; `sureness`: of our suggestion; `orders`: how many have it, None: nobody knows."""

    status: str
    label: str
    step: str
    sureness: str
    orders: int | None


@require(Right.ORDERS_READ)
def show(number: int) -> Response:
    """The choice for each status; of a shop of the configuration file, what it says."""
    with reading(services().engine) as session:
        it = found(session, number)
        lines = _lines(session, _woocommerce(it.shop))
        looked = visits.newest(session, number) is not None
    return render("statuses.html", row=it.row, lines=lines, looked=looked, new="new" in request.args, file=services().settings.source.name)


@require(Right.SETTINGS_WRITE)
def explain(number: int) -> AnyResponse:
    """Keep what was chosen."""
    with transaction(services().engine) as session:
        known = {line.status for line in _lines(session, _woocommerce(found(session, number).shop))}
        chosen = dict(zip(request.form.getlist("status"), request.form.getlist("step"), strict=False))
        after = {status: step for status, step in chosen.items() if status in known and step in list(Step)}
        before = shops.explain(session, number, after)
        if before is None:
            abort(404)  # the configuration file says it
        audit.record(session, actor(), "shop.statuses", shop_id=number, subject=f"shop {number}", before=before, after=after)
    leads_to = url_for("shops.ready", number=number) if request.form.get("new") else url_for("shops.shop", number=number, saved="statuses")
    return redirect(leads_to, 303)


def _woocommerce(shop: ConnectedShop | None) -> ConnectedShop:
    """Shopify's statuses are the same in every shop."""
    return shop if shop is not None and shop.platform == "woocommerce" else abort(404)


def _lines(session: Session, shop: ConnectedShop) -> list[Line]:
    """Those that the last look found, then those that were explained before and are no longer there. What is chosen already counts, not our guess."""
    seen, chosen = visits.newest(session, shop.id), {status: str(step) for status, step in shop.settings.status_map.items()}
    told = seen.result if seen is not None else {}
    suggested, orders = told.get("statuses"), told.get("orders")
    counts = orders if isinstance(orders, dict) else {}
    lines = [
        Line(one["status"], one["label"], chosen.get(one["status"], "" if chosen else one["step"]), one["sureness"], counts.get(one["status"]))
        for one in (suggested if isinstance(suggested, list) else [])
    ]
    listed = {line.status for line in lines}
    return [*lines, *(Line(status, status, step, "", counts.get(status)) for status, step in chosen.items() if status not in listed)]
