"""The one button that counts: the return is opened once, however often and at once it is pressed, and only as it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import abort, redirect, request
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from jobs import customer_return, return_photos
from postventa.models import ReturnCase
from postventa.models.db import reading, transaction
from postventa.returns.problems import Problem
from postventa.returns.wish import Wish
from postventa.web.portal import guard
from postventa.web.portal.page import services
from postventa.web.portal.review_form import MAX_FORM, MAX_WORDS
from postventa.web.returns import words
from postventa.web.returns.brought import Brought, brought, titled
from postventa.web.returns.check import FORM, KEY, check_page, sealed_for, told, unclear
from postventa.web.returns.choose import show_stop
from postventa.web.returns.difference import of_all
from postventa.web.returns.steps import Stop, next_stop
from postventa.web.returns.visit import Visit, address, visit

MOST_CASES = 30
"""Returns that one order may have before a person has to be asked: each of them writes mails."""


class Changed(Exception):
    """What the rules say now is not what she was shown."""


def send(token: str) -> Response | Redirect:
    """Open the return and go to its page; or say what is to be mended."""
    request.max_content_length = MAX_FORM
    request.max_form_memory_size = MAX_WORDS
    with reading(services().engine) as session:
        it = visit(session, token)
        key = request.form.get("key", "")
        if not KEY.fullmatch(key):
            abort(403)
        guard.insist(FORM, sealed_for(it, key))
        known = customer_return.opened_by(session, it.order, key)
    if known is not None:
        return _to(it, known)
    sent = brought(it)
    if sent.said:
        return _again(token, sent, sent.said, 422)
    try:
        with transaction(services().engine) as session:
            case = _open(session, it, sent, sent.wish(), key)
    except Changed:
        return _again(token, sent, [it.reader.say(words.CHANGED)], 409)
    except customer_return.Refused as refused:
        return _again(token, sent, [problem.sentence(it.face.language) for problem in refused.why], 422)
    return _to(it, case)


def _open(session: Session, asked: Visit, sent: Brought, wish: Wish, key: str) -> ReturnCase:
    """Once for each key: whoever comes second, at the same moment too, gets the first one's. Raises `Changed`, `Refused`."""
    order = customer_return.locked(session, asked.order.id)
    known = customer_return.opened_by(session, order, key)
    if known is not None:
        return known
    it = visit(session, asked.token)
    quote = it.quote(replace(wish, photos=return_photos.with_new({}, sent.photos)))
    if problems := quote.problems or (len(it.known.cases) >= MOST_CASES and (Problem("closed"),)):
        raise customer_return.Refused(problems)
    stop = Stop("check", sent.answers, quote)
    if unclear(session, it, stop) or not guard.same(request.form.get("told", ""), told(it.token, key, quote, of_all(session, it, stop))):
        raise Changed
    wish = titled(session, it, sent.answers, wish)
    return customer_return.open_case(session, it.world, it.shop, order, wish, form_key=key, photos=sent.photos, phone=sent.phone)


def _again(token: str, sent: Brought, said: Sequence[str], status: int) -> Response:
    """The page on which it can be mended, with everything that was chosen."""
    with reading(services().engine) as session:
        it = visit(session, token)
        stop = next_stop(it.quote, sent.answers, "way", "check")
        if stop.step != "check":
            return show_stop(session, it, stop)
        return check_page(session, it, replace(stop, problems=()), said=said, note=sent.note, status=status)


def _to(it: Visit, case: ReturnCase) -> Redirect:
    return redirect(address("returns.case", it, [], number=case.number), 303)
