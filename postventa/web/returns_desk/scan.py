"""/returns-desk/scan: one field for whatever a scanner reads off a parcel; what is found opens at once."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.wrappers import Response
from werkzeug.wrappers import Response as AnyResponse

from postventa.accounts.roles import Right
from postventa.models import Order, ReturnCase, Shop
from postventa.models.db import reading
from postventa.returns import desk
from postventa.web.orders import forms
from postventa.web.orders.page import Found
from postventa.web.portal.page import services
from postventa.web.returns_desk import words
from postventa.web.returns_desk.page import render
from postventa.web.staff import headers
from postventa.web.staff.guard import require
from postventa.web.staff.page import t

PERMISSIONS = "Permissions-Policy"


@require(Right.RETURNS_RECEIVE)
def show() -> AnyResponse:
    """The field alone, the return that a code means, or the choice where it means several."""
    code = forms.clean(request.args.get("code", ""))[: desk.LONGEST]
    with reading(services().engine) as session:
        found = desk.scanned(session, code)
        if len(found) == 1:
            return redirect(url_for("returns_desk.goods", number=found[0].id), 303)
        lines = [(case, Found(session.get_one(Order, case.order_id), session.get_one(Shop, case.shop_id), None)) for case in found]
        done = session.get(ReturnCase, int(request.args["done"])) if request.args.get("done", "").isdecimal() else None
    return _seeing(render("scan.html", 200 if lines or not code else 404, code=code, lines=lines, done=done, saved=_saved(done)))


def _saved(done: ReturnCase | None) -> str:
    return f"{done.number}: {t(words.SAVED['taken'])}" if done is not None else ""


def _seeing(response: Response) -> Response:
    """This page alone may use the camera, if the person lets it."""
    response.headers[PERMISSIONS] = headers.ALWAYS[PERMISSIONS].replace("camera=()", "camera=(self)")
    return response
