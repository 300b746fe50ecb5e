"""/shops: all shops with their state in plain words, and the way to connect one more."""

from __future__ import annotations

from flask import redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from postventa import shops
from postventa.accounts.roles import Right, may
from postventa.models import Shop
from postventa.models.db import reading
from postventa.web.portal.page import services
from postventa.web.shops.page import Found, render
from postventa.web.shops.standing import standing
from postventa.web.staff.guard import SIGNED_IN, require
from postventa.web.staff.page import visitor


@require(SIGNED_IN)
def show() -> AnyResponse:
    """Where everybody lands after signing in; who may not see shops is led on."""
    known, service = visitor(), services()
    if known is None or not may(known.account.role, Right.ORDERS_READ):
        return redirect(url_for("staff.security"), 303)
    with reading(service.engine) as session:
        rows = session.scalars(select(Shop).order_by(Shop.disconnected_at.is_not(None), Shop.name, Shop.id)).all()
        all_ = [standing(session, Found(row, shops.connected(row, service.settings, service.secret)), service.settings) for row in rows]
    return render("index.html", shops=all_)
