"""/code/<purpose>/<token>: a code by mail, typed in here. Only the buttons do anything: a mail scanner that opens the page has nothing mailed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, g, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from jobs import codes
from postventa import track_links
from postventa.accounts.limits import network
from postventa.clock import now
from postventa.models import Order, Shop
from postventa.models.db import reading, transaction
from postventa.step_up import Purpose, Scope, store
from postventa.step_up.codes import LONGEST, tidy
from postventa.step_up.store import Answer, Standing
from postventa.web.portal import guard, step_up, tongues
from postventa.web.portal import step_up_words as words
from postventa.web.portal.page import STOREFRONT, face, render, say, services
from postventa.web.portal.unsubscribe import mask

log = logging.getLogger("postventa.step_up")

FORM = "code"
"""Purpose of its form's seal."""
MAX_FORM = 16 * 1024
LATELY = timedelta(hours=1)
"""So long after a code was made somebody may still wonder what became of it."""


@dataclass(frozen=True)
class Asker:
    """Who wants to go on, and where to."""

    order: Order
    purpose: Purpose
    token: str
    back: str
    number: str
    rest: str

    @property
    def scope(self) -> Scope:
        return Scope.of(self.order, self.purpose)

    @property
    def goal(self) -> str:
        """The page that asked for the proof."""
        way = url_for(self.back, token=self.token, number=self.number or None, lang=tongues.asked() or None)
        return f"{way}{'&' if '?' in way else '?'}{self.rest}" if self.rest else way

    def here(self, **more: str) -> str:
        return step_up.address(self.purpose, self.token, self.back, self.number, self.rest, **more)

    @property
    def sealed(self) -> str:
        """What its form's seal is about."""
        return f"{self.purpose}:{self.token}"


def show(purpose: str, token: str) -> Response | Redirect:
    """Ask for the code that is on its way, or offer to send one. Changes nothing."""
    with reading(services().engine) as session:
        it = _asker(session, purpose, token)
        if STOREFRONT in request.environ:
            return redirect(it.here(), 303)
        return _page(session, it)


def act(purpose: str, token: str) -> Response | Redirect:
    """Send a code, or try one."""
    request.max_content_length = MAX_FORM
    with reading(services().engine) as session:
        it = _asker(session, purpose, token)
    guard.insist(FORM, it.sealed)
    return _try(it, request.form["code"]) if "code" in request.form else _send(it)


def _asker(session: Session, purpose: str, token: str) -> Asker:
    """Abort with 404 for an address that is not wholly ours, and for a link that opens nothing (any more)."""
    back, number, rest = (request.args.get(name, "") for name in ("back", "number", "rest"))
    if purpose not in list(Purpose) or not guard.same(request.args.get("mark", ""), step_up.mark(Purpose(purpose), token, back, number, rest)):
        abort(404)
    found = (track_links.find(session, services().secret, token, now(), kind) for kind in track_links.PURPOSES)
    order = next((one.order for one in found if one is not None and not one.over), None)
    if order is None or order.erased_at is not None or order.trashed or order.test:
        abort(404)
    g.face = tongues.chosen(face(session.get_one(Shop, order.shop_id), order))
    return Asker(order, Purpose(purpose), token, back, number, rest)


def _send(it: Asker) -> Response | Redirect:
    with transaction(services().engine) as session:
        asked = codes.ask(session, services().secret, it.order.id, it.purpose, network(request.remote_addr))
    if asked in words.REFUSED:
        title, text = words.REFUSED[asked]
        return render("message.html", g.face, 429 if asked == codes.Asked.MANY else 409, title=title, text=text, contact=True)
    return redirect(it.here(**({"soon": "1"} if asked == codes.Asked.SOON else {})), 303)


def _try(it: Asker, typed: str) -> Response | Redirect:
    code = tidy(typed)
    if not code:
        with reading(services().engine) as session:
            return _page(session, it, say(g.face.language, words.SIX), status=422)
    with transaction(services().engine) as session:
        tried = store.attempt(session, services().secret, it.scope, code, now())
    if tried.answer == Answer.RIGHT:
        step_up.grant(it.order, it.purpose)
        return redirect(it.goal, 303)
    if tried.answer == Answer.WRONG and not tried.left:
        log.warning("a one-time code is burnt: typed in wrongly %s times", store.TRIES, extra={"shop": it.order.shop_id, "order": it.order.id})
    said = say(g.face.language, words.ONE_LEFT if tried.left == 1 else words.WRONG, left=tried.left) if tried.left else ""
    with reading(services().engine) as session:
        return _page(session, it, said, status=422)


def _page(session: Session, it: Asker, problem: str = "", status: int = 200) -> Response:
    row = store.newest(session, it.scope)
    stands = store.standing(row, now())
    if row is not None and stands != Standing.OPEN and now() - row.created_at > LATELY:
        stands = Standing.NONE
    seen: dict[str, Any] = {
        "stands": "proved" if step_up.proved(session, it.order, it.purpose, it.token) else str(stands),
        "why": words.WHY[it.purpose],
        "over": _over(stands, tried=status == 422),
        "email": mask(it.order.email),
        "problem": problem,
        "soon": "soon" in request.args and stands == Standing.OPEN and not problem,
        "goal": it.goal,
        "action": it.here(),
        "seal": guard.seal(FORM, it.sealed),
        "longest": LONGEST,
    }
    return render("step_up.html", g.face, status, tongues=_offer(it), **seen)


def _over(stands: Standing, *, tried: bool) -> str:
    """Why there is no code to type in; that one was used is news only for who tries it again."""
    if "soon" in request.args and not tried and stands != Standing.OPEN:
        return words.WAIT
    return words.OVER.get(stands, "") if tried or stands != Standing.USED else ""


def _offer(it: Asker) -> list[tongues.Tongue]:
    """This page in each language."""
    return [tongues.Tongue(tag, name, it.here(lang=tag)) for tag, name in tongues.NAMES.items()]
