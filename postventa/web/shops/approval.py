"""The merchant approves us on a page of her own shop, and comes back. Her browser goes there and comes by GET; the keys come to `callback.py`."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connectors.shops.woocommerce.address import Site
from jobs import connect_woocommerce as connecting
from postventa.connecting import visits
from postventa.connecting.store import Approvals
from postventa.models.db import reading, transaction
from postventa.web.portal.page import services
from postventa.web.shops.connect import CONNECT, mine
from postventa.web.shops.page import account, ask, render, say
from postventa.web.staff.guard import require
from postventa.web.staff.page import visitor

RETURN = "/shops/connect/back"


@require(CONNECT)
def approve(ref: str) -> AnyResponse:
    """To the shop. By `Refresh` and not by a redirect: `form-action` of our own pages would stop a form that ends up elsewhere."""
    service, known = services(), visitor()
    assert known is not None
    with reading(service.engine) as session:
        row = mine(session, ref)
    if row.state != "done" or not row.result.get("works"):
        return redirect(url_for("shops.visit", ref=ref), 303)
    back, site = service.settings.public_url + RETURN, Site(row.typed, row.plain)
    try:
        sent = connecting.approve(service.settings, _approvals(), account(), site, back, known.account.email)
    except connecting.NotPossible as error:
        return render("message.html", 409, title=say(error.name), back=url_for("shops.visit", ref=ref))
    with transaction(service.engine) as session:
        mine(session, ref, locked=True).approval = sent.ref
    response = render("going.html", url=sent.url, host=site.base)
    response.headers["Refresh"] = f"0; url={sent.url}"
    return response


@require(CONNECT)
def back() -> AnyResponse:
    """She is back: her keys are tried by a job. The page loaded again takes nothing away."""
    state, success = request.args.get("user_id", ""), request.args.get("success", "")
    try:
        approved = connecting.returned(_approvals(), account(), state, success)
    except connecting.NotPossible as error:
        return render("message.html", 200 if error.name == "approval-denied" else 404, title=say(error.name), back=url_for("shops.choose"))
    with transaction(services().engine) as session:
        row = visits.of_approval(session, approved.ref, account())
        if row is None:
            abort(404)
        begins = row.kind != "approval"
        if begins:
            visits.ask_anew(row, "approval")
        number, ref = row.id, row.ref
    if begins:
        ask(number)
    return redirect(url_for("shops.visit", ref=ref), 303)


def _approvals() -> Approvals:
    return Approvals(services().engine, services().secret)
