"""/returns/<shop> asks for the link; /r/<token> is the order's counter: what she sends back already, and the way to send back more."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, redirect, request
from flask.wrappers import Response
from werkzeug.wrappers import Response as Redirect

from postventa.emails.clean import plain
from postventa.models.db import reading
from postventa.returns.wish import Wish
from postventa.web.portal import addresses, tongues
from postventa.web.portal.look_up import MAX_NUMBER
from postventa.web.portal.page import insist, services
from postventa.web.returns.sheet import refusals
from postventa.web.returns.story import word
from postventa.web.returns.visit import Visit, address, law_page, names, visit
from postventa.web.returns.visit import show as page


@dataclass(frozen=True)
class Known:
    """A return of the order, as the counter lists it."""

    number: str
    state: str
    day: str
    url: str


def ask(shop: str) -> Redirect:
    """Who wants to send something back says which order it is, unless the link in the shop said so already; the link comes by mail."""
    with reading(services().engine) as session:
        row = addresses.shop_by_public_name(session, shop)
    if row is None:
        abort(404)
    insist(row.id)
    return redirect(addresses.look_up(row, "return", tongues.asked(), request.args.get("number", "")[:MAX_NUMBER]))


def show(token: str) -> Response | Redirect:
    """Straight to the choice where there is no return yet and something can go back. Changes nothing."""
    with reading(services().engine) as session:
        it = visit(session, token)
        quote = it.quote(Wish())
        lines = names(session, it)
    open_ = [line for line in quote.lines if line.why_not is None]
    closed = any(problem.code == "closed" for problem in quote.problems)
    if open_ and not it.known.cases and not closed:
        return redirect(address("returns.choose", it, []))
    more = address("returns.choose", it, []) if open_ and not closed else ""
    return page("home.html", it, cases=_known(it), more=more, refused=refusals(it, quote, lines), closed=closed, law=law_page(it))


def _known(it: Visit) -> list[Known]:
    """The newest first."""
    return [
        Known(plain(case.number, 40), word(it.reader, case), it.reader.day(case.created_at), address("returns.case", it, [], number=case.number))
        for case in reversed(it.known.cases)
    ]
