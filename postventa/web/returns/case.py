"""/r/<token>/<number>: where a return stands, what goes with the parcel, what comes of it and when; and calling it off while that is hers to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, redirect, request
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from jobs import customer_change, customer_return, label_more, proof_of_dispatch, return_photos
from jobs.deeds import owed
from postventa.clock import now
from postventa.emails.clean import plain
from postventa.mirror import known_as
from postventa.models import Effect, EventRow, LabelRow, ReturnCase, State
from postventa.models.db import reading, transaction
from postventa.returns.codes import code_text
from postventa.returns.material import pieces_of
from postventa.returns.spoken import method_word, resolution_word
from postventa.returns.wish import Method, Resolution
from postventa.step_up import Purpose
from postventa.web.portal import guard, step_up
from postventa.web.portal.page import services
from postventa.web.returns import fetching, off, papers, sent, words
from postventa.web.returns.outcome import outcome
from postventa.web.returns.story import Money, steps, where
from postventa.web.returns.visit import Named, Visit, address, law_page, names, visit
from postventa.web.returns.visit import show as page

FORM = "return-call-off"
"""Purpose of its form's seal."""
AGAIN, PATIENCE = "4", timedelta(minutes=2)
"""Seconds after which a page that waits for its label comes again, and for how long it does."""
MAX_FORM = 16 * 1024
HERE = "portal"
"""Only what was opened on these pages is called off here: not what follows from a withdrawal, nor what the shop's people agreed to."""


def show(token: str, number: str) -> Response:
    """How it stands. Changes nothing."""
    with reading(services().engine) as session:
        return page_of(session, visit(session, token), number)


def change(token: str, number: str) -> Response | Redirect:
    """Call it off, or its exchange. Twice is once."""
    request.max_content_length = MAX_FORM
    with reading(services().engine) as session:
        it = visit(session, token)
        case = case_of(it, number)
    guard.insist(off.FORM if off.is_meant() else FORM, f"{token}:{number}")
    if case.source != HERE:
        abort(404)
    try:
        if off.is_meant():
            off.do(it, number)
        else:
            with transaction(services().engine) as session:
                customer_return.cancel(session, it.world, it.shop, number)
    except (customer_return.TooLate, ValueError):  # it went on its way meanwhile
        with reading(services().engine) as session:
            return page_of(session, visit(session, token), number, it.reader.say(words.NOT_NOW if off.is_meant() else words.LATE), 409)
    return redirect(address("returns.case", it, [], number=number), 303)


def case_of(it: Visit, number: str) -> ReturnCase:
    """Abort with 404 for a number that is none of this order's."""
    found = next((case for case in it.known.cases if case.number == number), None)
    if found is None:
        abort(404)
    return found


def page_of(session: Session, it: Visit, number: str, problem: str = "", status: int = 200) -> Response:
    """Where a return of this order stands; `problem`: why what was asked for was not done."""
    case = case_of(it, number)
    money, state, swap = _money(session, it, case), where(case), off.offer(session, it, case) if case.source == HERE else off.Offer()
    parcel = _parcel(session, it, case) if state == "send" else {}
    fetch = fetching.fetch(it, case) if state in ("send", "requested") else None
    claimed = state == "send" and proof_of_dispatch.waits(session, case)
    seen: dict[str, Any] = {
        "number": plain(number, 40),
        "state": state,
        "words": (words.HEADLINES[state][0], _lead(case, state, claimed=claimed)),
        "reason": _refusal(session, it, case),
        "resolution": resolution_word(it.face.language, case.resolution) if case.resolution in list(Resolution) else "",
        "outcome": outcome(session, it, case, money),
        "story": [(it.reader.say(words.STEPS[step.name]), it.reader.day(step.at) if step.at else "", step.at) for step in steps(case, money)],
        "fetch": fetch if fetching.is_to_come(case) or not claimed else None,
        "fetch_asks": fetch is not None and not step_up.proved(session, it.order, Purpose.PICKUP, it.token),
        "goods": _goods(session, it, case),
        "photos": return_photos.counts(session, case),
        "law": law_page(it) if state == "declined" else "",
        "hers": case.source == HERE and customer_return.is_hers(session, case),
        "proofs": sent.told(session, it, case),
        "sent": address("returns.sent", it, [], number=case.number) if sent.is_asked_for(case) and proof_of_dispatch.has_room(session, case) else "",
        "change": address("returns.rechoose", it, [], number=case.number) if _may_change(session, case) else "",
        "seal": guard.seal(FORM, f"{it.token}:{number}"),
        "swap": swap,
        "home": address("returns.home", it, []),
    }
    response = page("case.html", it, status, problem=problem, **parcel, **seen)
    if swap.waits or (parcel.get("waits") and case.approved_at is not None and now() - case.approved_at < PATIENCE):
        response.headers["Refresh"] = AGAIN
    return response


def _lead(case: ReturnCase, state: str, *, claimed: bool) -> str:
    """What she has to do; `claimed`: she says that it is sent."""
    if state != "send":
        return words.HEADLINES[state][1]
    return words.PROVEN if claimed else words.FETCHED if case.method == Method.PICKUP else words.HEADLINES[state][1]


def _may_change(session: Session, case: ReturnCase) -> bool:
    return case.source == HERE and customer_change.may_change(session, case)


def _parcel(session: Session, it: Visit, case: ReturnCase) -> dict[str, Any]:
    """What she needs to send it."""
    held, method = label_more.living(session, case), case.method
    label = held[0] if held else None
    ready, ends = label is not None and label.pdf is not None, label.expires_at if label is not None else None
    coded = label is not None and label.qr is not None
    return {
        "way": method_word(it.face.language, method) if method in list(Method) else "",
        "method": method,
        "label": address("returns.label", it, [], number=case.number) if ready else "",
        "qr": address("returns.code", it, [], number=case.number) if coded else "",
        "further": [_further(it, one) for one in held[1:] if one.pdf is not None or one.qr is not None],
        "no_qr": method == Method.QR and ready and not coded,
        "shipment": plain(label.tracking_number, 60) if label is not None and coded else "",
        "asks": ready and not step_up.proved(session, it.order, Purpose.DATA, it.token),
        "own_label": label is not None and label.carrier == "own",
        "until": it.reader.day(ends) if ends is not None else "",
        "waits": label is None and _has_label(case),
        "code": papers.code(code_text(services().settings, case.number)) if method == Method.DROP_OFF else None,
        "where_to": papers.destination(it, case) if method in (Method.DROP_OFF, Method.OWN_CARRIER) else (),
    }


def _further(it: Visit, label: LabelRow) -> tuple[str, str, str]:
    """(its file, its code as a picture, its number at the carrier) of what goes on one more parcel."""
    coded, number = label.qr is not None, label.reference
    pdf = "" if coded else address("returns.label", it, [], number=number)
    return pdf, address("returns.code", it, [], number=number) if coded else "", plain(label.tracking_number, 60)


def _goods(session: Session, it: Visit, case: ReturnCase) -> list[tuple[Named, int]]:
    lines = names(session, it)
    return [(lines[ref], quantity) for ref, quantity in pieces_of(case, it.known.lines) if ref in lines]


def _has_label(case: ReturnCase) -> bool:
    """Whether one is made for it."""
    return case.method == "" or (case.method in list(Method) and Method(case.method).needs_label)


def _money(session: Session, it: Visit, case: ReturnCase) -> Money:
    mine = (Effect.order_id == it.order.id, Effect.subject_ref.in_((case.number, f"{case.number}:stock")), Effect.state != State.CANCELLED)
    rows = session.scalars(select(Effect).where(*mine, Effect.followup.in_((owed.REFUND, owed.EXCHANGE))).order_by(Effect.id)).all()
    return Money(tuple(row for row in rows if row.followup == owed.REFUND), next((row for row in rows if row.followup == owed.EXCHANGE), None))


def _refusal(session: Session, it: Visit, case: ReturnCase) -> str:
    """Why it was declined, in the shop's words."""
    if case.state != "declined":
        return ""
    told = (EventRow.shop_id == it.shop.id, EventRow.order_ref == it.order.ref, EventRow.kind == "ReturnDeclined")
    facts = session.scalars(select(EventRow.data).where(*told).order_by(EventRow.id.desc())).all()
    said = (str(data.get("reason", "")) for data in facts if data.get("return_ref", "") in (case.ref, known_as(case)))
    return next((reason for reason in said if reason), "")
