"""/r/<token>/<number>/change: a return as its customer wants it now, by the pages on which she opened it, with what she said filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import abort, redirect, request
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from jobs import customer_change, customer_return, return_photos
from jobs.customer_change import Busy, Overtaken, terms
from postventa.models import ReturnCase
from postventa.models.db import reading, transaction
from postventa.returns.wish import Wish
from postventa.web.portal import guard
from postventa.web.portal.page import services
from postventa.web.portal.review_form import MAX_FORM, MAX_WORDS
from postventa.web.returns import answers as spoken
from postventa.web.returns import case as counter
from postventa.web.returns import driver, words
from postventa.web.returns.answers import read
from postventa.web.returns.brought import Brought, brought, titled
from postventa.web.returns.check import FORM, KEY, check_page, told, unclear
from postventa.web.returns.choose import show_stop
from postventa.web.returns.confirm import Changed
from postventa.web.returns.difference import of_all
from postventa.web.returns.steps import Stop, next_stop
from postventa.web.returns.visit import Visit, address, choice, visit


def show(token: str, number: str) -> Response | Redirect:
    """The page that is next; without any answers the first one, with those that stand. Changes nothing."""
    with reading(services().engine) as session:
        it = reopened(session, token, number)
        if it is None:
            return too_late(session, token, number)
        if "item" not in request.args and "step" not in request.args:
            known = spoken.of(customer_return.standing_wish(_case(it)))
            return redirect(choice(it, [*known.pairs(), ("to", "what")]), 302)
        stop = next_stop(it.quote, read(request.args), request.args.get("step", ""), request.args.get("to", ""))
        ask = driver.asked(session, it, stop.answers) if stop.step == "check" else None
        return ask or show_stop(session, it, stop)


def send(token: str, number: str) -> Response | Redirect:
    """Change it, once, and go to its page; or say what is to be mended."""
    request.max_content_length = MAX_FORM
    request.max_form_memory_size = MAX_WORDS
    key = request.form.get("key", "")
    with reading(services().engine) as session:
        it = reopened(session, token, number)
        guard.insist(FORM, ":".join((token, number, key)) if KEY.fullmatch(key) else "")
        if it is None:
            return too_late(session, token, number)
    sent = brought(it)
    if sent.said:
        return _again(it, sent, sent.said, 422)
    with reading(services().engine) as session:
        if (ask := driver.asked(session, it, sent.answers, sent.phone)) is not None:
            return ask
    try:
        with transaction(services().engine) as session:
            case = _change(session, it, sent, sent.wish(), key)
    except (Changed, Overtaken):
        return _again(it, sent, [it.reader.say(words.CHANGED)], 409)
    except Busy:
        return _again(it, sent, [it.reader.say(words.BUSY)], 409)
    except customer_return.TooLate:
        with reading(services().engine) as session:
            return too_late(session, token, number)
    except customer_return.Refused as refused:
        return _again(it, sent, [problem.sentence(it.face.language) for problem in refused.why], 422)
    return redirect(address("returns.case", it, [], number=case.number), 303)


def _change(session: Session, asked: Visit, sent: Brought, wish: Wish, key: str) -> ReturnCase:
    """What she was shown is what is done. Raises `Changed`, `Overtaken`, `TooLate`, `Refused`."""
    customer_return.locked(session, asked.order.id)
    number = _case(asked).number
    it = reopened(session, asked.token, number)
    if it is not None and customer_change.stamp(_case(it)) == key:
        stop = Stop("check", sent.answers, it.quote(replace(wish, photos=return_photos.with_new(it.photos, sent.photos))))
        if stop.quote.problems:
            raise customer_return.Refused(stop.quote.problems)
        if unclear(session, it, stop) or not guard.same(request.form.get("told", ""), told(it.token, key, stop.quote, of_all(session, it, stop))):
            raise Changed
    wish = titled(session, it or asked, sent.answers, wish)
    return customer_change.change(session, asked.world, asked.shop, number, wish, seen=key, photos=sent.photos, phone=sent.phone)


def reopened(session: Session, token: str, number: str) -> Visit | None:
    """The counter with that return on it, judged as on the day on which it was opened. None: it cannot be changed here any more."""
    it = visit(session, token)
    case = next((case for case in it.known.cases if case.number == number), None)
    if case is None or case.source != counter.HERE:
        abort(404)
    if not customer_change.may_change(session, case):
        return None
    judged = terms(session, it.shop, it.order, case)
    sent = return_photos.counts(session, case)
    return replace(it, case=case, rules=judged.rules, known=judged.known, at=judged.at, held=judged.held, photos=sent)


def _case(it: Visit) -> ReturnCase:
    assert it.case is not None
    return it.case


def _again(asked: Visit, sent: Brought, said: Sequence[str], status: int) -> Response:
    """The page on which it can be mended, with everything that was chosen."""
    with reading(services().engine) as session:
        it = reopened(session, asked.token, _case(asked).number)
        if it is None:
            return too_late(session, asked.token, _case(asked).number)
        stop = next_stop(it.quote, sent.answers, "way", "check")
        if stop.step != "check":
            return show_stop(session, it, stop)
        return check_page(session, it, replace(stop, problems=()), said=said, note=sent.note, status=status)


def too_late(session: Session, token: str, number: str) -> Response:
    """Where it stands, and that this is how it stays."""
    it = visit(session, token)
    return counter.page_of(session, it, number, it.reader.say(words.TOO_LATE), 409)
