"""/r/<token>/<number>/sent: a customer shows that she sent it, by a photo or a PDF of her receipt, or by the parcel's number."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from flask import abort, redirect, request
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from jobs import proof_files, proof_of_dispatch
from jobs.customer_return import TooLate
from jobs.proof_files import ProofFile
from postventa.models import ReturnCase
from postventa.models.db import reading, transaction
from postventa.reviews import photos
from postventa.reviews.photos import Refusal, Refused
from postventa.web.portal import guard
from postventa.web.portal.page import services
from postventa.web.portal.review_form import REFUSALS, clean
from postventa.web.returns import fetching, words
from postventa.web.returns.check import KEY
from postventa.web.returns.visit import Visit, address, visit
from postventa.web.returns.visit import show as page

FORM = "return-sent"
MAX_FORM = 2 * photos.MAX_BYTES
"""Bytes of the whole form: a file that is somewhat too heavy is told so in words."""
MAX_WORDS = 64 * 1024
LIMITS = {"carrier": 60, "tracking": 60}
SHOWN = 3
"""The newest of her proofs that her page tells of."""


def show(token: str, number: str) -> Response:
    """The form. Changes nothing."""
    with reading(services().engine) as session:
        it = visit(session, token)
        case = _case(it, number)
        room = proof_of_dispatch.has_room(session, case)
    if not room:
        return _form(it, case, [it.reader.say(words.NO_MORE)], status=409)
    return _form(it, case)


def send(token: str, number: str) -> Response | Redirect:
    """Keep it for a person, once, and go back to the return; or say what is to be mended."""
    request.max_content_length = MAX_FORM
    request.max_form_memory_size = MAX_WORDS
    with reading(services().engine) as session:
        it = visit(session, token)
        case, key = _case(it, number), request.form.get("key", "")
        if not KEY.fullmatch(key):
            abort(403)
        guard.insist(FORM, f"{token}:{number}:{key}")
        room = proof_of_dispatch.has_room(session, case, key)
    if not room:
        return _form(it, case, [it.reader.say(words.NO_MORE)], status=409)
    file, said = _file(it)
    carrier, tracking = _line("carrier"), _line("tracking")
    if not said and file is None and not tracking:
        said = [it.reader.say(words.NO_PROOF)]
    if said:
        return _form(it, case, said, status=422)
    try:
        with transaction(services().engine) as session:
            proof_of_dispatch.hand_in(session, it.world, it.shop, number, form_key=key, carrier=carrier, tracking_number=tracking, file=file)
    except TooLate:
        return _form(it, case, [it.reader.say(words.NO_MORE)], status=409)
    return redirect(address("returns.case", it, [], number=number), 303)


def told(session: Session, it: Visit, case: ReturnCase) -> list[tuple[str, str, str]]:
    """(what became of it, why not, when it came) of her newest proofs; what was not taken is of no use once the parcel is known to travel."""
    useful = proof_of_dispatch.may_hand_in(case)
    newest = [row for row in proof_of_dispatch.proofs(session, case) if useful or row.state == proof_of_dispatch.ACCEPTED][-SHOWN:]
    return [(it.reader.say(words.PROOFS[row.state]), row.reason, it.reader.day(row.created_at)) for row in reversed(newest)]


def is_asked_for(case: ReturnCase) -> bool:
    """Whether her page asks for one: not while somebody is still to come for the parcel."""
    return proof_of_dispatch.may_hand_in(case) and not fetching.is_to_come(case)


def _case(it: Visit, number: str) -> ReturnCase:
    return next((case for case in it.known.cases if case.number == number), None) or abort(404)


def _file(it: Visit) -> tuple[ProofFile | None, list[str]]:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return None, []
    try:
        return proof_files.take(upload.stream.read(photos.MAX_BYTES + 1)), []
    except Refused as refused:
        words_of = words.NO_FILE if refused.refusal is Refusal.NOT_A_PHOTO else REFUSALS[refused.refusal]
        return None, [it.reader.say(words_of, file=clean(upload.filename)[-50:])]


def _line(name: str) -> str:
    """One short line."""
    return " ".join(clean(request.form.get(name, "")).split())[: LIMITS[name]]


def _form(it: Visit, case: ReturnCase, said: Sequence[str] = (), *, status: int = 200) -> Response:
    key, number = secrets.token_hex(16), case.number
    told_before: dict[str, Any] = {"carrier": _line("carrier"), "tracking": _line("tracking"), "problems": list(said), "limits": LIMITS}
    seal, back = guard.seal(FORM, f"{it.token}:{number}:{key}"), address("returns.case", it, [], number=number)
    return page("sent.html", it, status, number=number, back=back, key=key, seal=seal, accept=photos.accepted(), **told_before)
