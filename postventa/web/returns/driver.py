"""A return is changed for whose parcel somebody is to come already: when, and whom they call, is changed with the code of the order's mails alone."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from postventa.returns import appointment
from postventa.returns.appointment import Appointment
from postventa.returns.wish import Method, Resolution
from postventa.step_up import Purpose
from postventa.web.portal import step_up
from postventa.web.returns.answers import Answers
from postventa.web.returns.visit import Visit


def asked(session: Session, it: Visit, answers: Answers, phone: str = "") -> Redirect | None:
    """The way to the code, and back to the last page with all that was chosen; None: nobody is moved, called off or sent to another number.

    `phone`: whom to call from now on; empty: nobody else than before.
    """
    held = _held(it)
    if held is None or it.case is None or not _moves(held, answers, phone):
        return None
    rest = urlencode([*answers.pairs(), ("to", "check")])
    return step_up.required(session, it.order, Purpose.PICKUP, it.token, "returns.rechoose", it.case.number, rest)


def may_dial(session: Session, it: Visit) -> bool:
    """Whether another number may be typed in without more ado. Who has none of her drivers to lose sends for one with the link alone."""
    return _held(it) is None or step_up.proved(session, it.order, Purpose.PICKUP, it.token)


def _held(it: Visit) -> Appointment | None:
    """What was agreed on for the return that she changes."""
    return appointment.of(it.case) if it.case is not None else None


def _moves(held: Appointment, answers: Answers, phone: str) -> bool:
    if answers.method != Method.PICKUP or answers.resolution == Resolution.KEEP_ITEM:
        return held.live
    return not held.live or answers.slot != held.slot.code or phone not in ("", held.phone)
