"""/orders/<number>/labels/<label>: a return's label, or the carrier's code for it, for who has to send it once more or print it in the shop."""

from __future__ import annotations

from flask import abort, make_response
from flask.wrappers import Response

from postventa.accounts.roles import Right
from postventa.models import LabelRow, ReturnCase
from postventa.models.db import reading
from postventa.web.orders.page import found
from postventa.web.portal.page import services
from postventa.web.staff.guard import require


@require(Right.ORDERS_READ)
def show(number: int, label: int) -> Response:
    """The file; 404 for what is void, erased, or another order's."""
    with reading(services().engine) as session:
        it, row = found(session, number), session.get(LabelRow, label)
        case = session.get(ReturnCase, row.return_case_id) if row is not None else None
        content = row.pdf or row.qr if row is not None else None
        if row is None or case is None or case.order_id != it.order.id or content is None or row.voided_at is not None:
            abort(404)
        response = make_response(content)
    mime, ending = ("application/pdf", "pdf") if row.pdf else ("image/png", "png")
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = f'attachment; filename="{case.number}.{ending}"'
    return response
