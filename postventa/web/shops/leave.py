"""/shops/<number>/leave: disconnecting a shop, asked once more. It stops at once; tidying up in the shop is a job's."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from postventa import alarms, audit, shops
from postventa.accounts.roles import Right
from postventa.connecting import visits
from postventa.models.db import reading, transaction
from postventa.web.portal.page import services
from postventa.web.shops.page import account, actor, ask, found, render
from postventa.web.shops.standing import Standing, standing
from postventa.web.staff.guard import require

ALARMS = ("shop-refuses-us", "webhooks-not-restored", "weak-secret", "orders-found-by-poll")


@require(Right.SHOPS_CONNECT, fresh=True)
def ask_first(number: int) -> Response:
    """What stops, and what is kept."""
    with reading(services().engine) as session:
        return render("leave.html", it=_leaving(session, number))


@require(Right.SHOPS_CONNECT, fresh=True)
def leave(number: int) -> AnyResponse:
    """Disconnect it, if the box is ticked."""
    service = services()
    with transaction(service.engine) as session:
        it = _leaving(session, number)
        if not request.form.get("sure"):
            return redirect(url_for("shops.leave", number=number), 303)
        own = shops.disconnect(session, service.secret, number)
        if own is None:
            abort(404)
        row = visits.begin(session, account(), "leave", own.url or own.domain, number)
        visits.hide(row, service.secret, own.model_dump(mode="json"))
        for name in ALARMS:
            alarms.clear(session, name, it.row.name)
        audit.record(session, actor(), "shop.disconnect", shop_id=number, subject=f"shop {number}", after={"platform": it.row.platform})
        visit = row.id
    ask(visit)
    return redirect(url_for("shops.shop", number=number, saved="left"), 303)


def _leaving(session: Session, number: int) -> Standing:
    """The shop, if it is these pages' to disconnect."""
    it = standing(session, found(session, number), services().settings)
    return it if it.ours_to_change else abort(404)
