"""/r/<token>/<number>/pickup: another day on which the parcel is fetched, another telephone number, or that nobody is to come.

Whoever has only the link sees none of it: who changes when somebody comes to a door, and whom they call, proves that they read the order's mails.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, request
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from jobs.customer_return import OPEN, Refused, TooLate
from jobs.pickups import choose as chosen
from postventa.emails.clean import plain
from postventa.models import ReturnCase
from postventa.models.db import reading, transaction
from postventa.returns import appointment
from postventa.returns.fetching import door
from postventa.returns.phones import international
from postventa.returns.slots import slot_of
from postventa.returns.wish import Method
from postventa.step_up import Purpose
from postventa.web.portal import guard, step_up
from postventa.web.portal.page import services
from postventa.web.returns import fetching, words
from postventa.web.returns.case import case_of
from postventa.web.returns.visit import Visit, address, visit
from postventa.web.returns.visit import show as page

FORM = "return-pickup"
"""Purpose of its forms' seal."""
MAX_FORM = 16 * 1024


def show(token: str, number: str) -> Response | Redirect:
    """What may be chosen. Changes nothing."""
    with reading(services().engine) as session:
        it, case = _there(session, token, number)
        return _asked(session, it, case) or _page(it, case)


def move(token: str, number: str) -> Response | Redirect:
    """Keep another day, or none. Twice is once."""
    request.max_content_length = MAX_FORM
    with reading(services().engine) as session:
        it, case = _there(session, token, number)
        guard.insist(FORM, f"{token}:{number}")
        if (ask := _asked(session, it, case)) is not None:
            return ask
    phone, wrong = telephone(it, request.form.get("phone", ""))
    if wrong:
        return _again(token, number, it.reader.say(wrong), 422)
    try:
        with transaction(services().engine) as session:
            _do(session, it, case, phone)
    except TooLate:
        return _again(token, number, it.reader.say(words.FETCHING["fixed"]), 409)
    except chosen.NoPhone:
        return _again(token, number, it.reader.say(words.NO_PHONE), 422)
    except Refused as refused:
        return _again(token, number, " ".join(problem.sentence(it.face.language) for problem in refused.why), 422)
    return redirect(address("returns.case", it, [], number=case.number), 303)


def telephone(it: Visit, typed: str) -> tuple[str, str]:
    """(the number as it is dialled, what is wrong with it); nothing typed is nothing wrong."""
    if not typed.strip():
        return "", ""
    phone = international(typed.strip(), door(it.order).country or it.shop.settings.country)
    return phone, "" if phone else words.NO_SUCH_PHONE


def _do(session: Session, it: Visit, case: ReturnCase, phone: str) -> None:
    if "off" in request.form:
        chosen.call_off(session, it.shop, case.number)
    else:
        chosen.choose(session, it.world, it.shop, case.number, request.form.get("slot", ""), phone=phone)


def _there(session: Session, token: str, number: str) -> tuple[Visit, ReturnCase]:
    it = visit(session, token)
    case = case_of(it, number)
    if case.method != Method.PICKUP:
        abort(404)
    return it, case


def _asked(session: Session, it: Visit, case: ReturnCase) -> Redirect | None:
    """The way to the code, where there is anything to change; what was chosen already is still chosen afterwards."""
    if fetching.fetch(it, case) is None or case.state not in OPEN:
        return None
    slot = request.values.get("slot", "")
    rest = urlencode({"slot": slot}) if slot_of(slot) is not None else ""
    return step_up.required(session, it.order, Purpose.PICKUP, it.token, "returns.pickup", case.number, rest)


def _again(token: str, number: str, problem: str, status: int) -> Response | Redirect:
    with reading(services().engine) as session:
        it, case = _there(session, token, number)
        return _page(it, case, problem, status)


def _page(it: Visit, case: ReturnCase, problem: str = "", status: int = 200) -> Response | Redirect:
    fetch, at = fetching.fetch(it, case), appointment.of(case)
    home = address("returns.case", it, [], number=case.number)
    if fetch is None or case.state not in OPEN:
        return redirect(home, 303)
    seen: dict[str, Any] = {
        "number": plain(case.number, 40),
        "choices": fetching.choices(it, fetching.offers(it, case)),
        "chosen": request.values.get("slot", "") or (at.slot.code if at is not None and at.live else ""),
        "slot": at.slot.code if at is not None else "",
        "place": fetch.place,
        "fetch": fetch,
        "ending": fetching.ending(it, case),
        "seal": guard.seal(FORM, f"{it.token}:{case.number}"),
        "home": home,
    }
    return page("pickup.html", it, status, problem=problem, **seen)
