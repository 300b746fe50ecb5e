"""What the form that confirms a return or a change of one brings: answers, words, photos, whom to call, and what the chosen things are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import request
from sqlalchemy.orm import Session

from jobs.return_photos import OfLines
from postventa.returns import appointment
from postventa.returns.fetching import known_phone
from postventa.returns.problems import NOTE
from postventa.returns.wish import Method, Swap, Wish
from postventa.web.portal.page import _
from postventa.web.portal.review_form import clean
from postventa.web.returns import shots, swaps, words
from postventa.web.returns.answers import Answers, read
from postventa.web.returns.pickup import telephone
from postventa.web.returns.visit import Visit, names

NO_WORDS = _("Escribe qué quieres a cambio, por favor.")


@dataclass(frozen=True)
class Brought:
    """All of it, and what has to be mended before anything comes of it."""

    answers: Answers
    note: str
    photos: OfLines
    phone: str
    said: Sequence[str]

    def wish(self) -> Wish:
        """With the customer's words, cut to one letter more than there may be: the rules refuse what is too long."""
        return replace(self.answers.wish(), note=self.note[: NOTE + 1])


def brought(it: Visit) -> Brought:
    """What was sent just now."""
    answers, note = read(request.form), clean(request.form.get("note", ""))
    taken, said = shots.developed(it, answers.items)
    if "talk" in request.form and not note:
        said.append(it.reader.say(NO_WORDS))
    phone, wrong = _phone_of(it, answers)
    said += [it.reader.say(wrong)] if wrong else []
    return Brought(answers, note, taken, phone, said)


def _phone_of(it: Visit, answers: Answers) -> tuple[str, str]:
    """(whom to call who comes for it, what is wrong with that)."""
    if answers.method != Method.PICKUP:
        return "", ""
    phone, wrong = telephone(it, request.form.get("phone", ""))
    before = appointment.of(it.case) if it.case is not None else None
    known = phone or (before.phone if before is not None else "") or known_phone(it.order)
    return known, wrong or ("" if known else words.NO_PHONE)


def titled(session: Session, it: Visit, answers: Answers, wish: Wish) -> Wish:
    """With what the shop calls it: whoever packs it or writes about it reads that."""
    return replace(wish, exchange=tuple(_titled(session, it, answers.swaps[swap.ref], swap) for swap in wish.exchange))


def _titled(session: Session, it: Visit, choice: str, swap: Swap) -> Swap:
    kind = swaps.kind_of(session, it, swap.ref, choice, swap.quantity)
    return replace(swap, title=swaps.name_of(kind, names(session, it)[swap.ref], choice)) if kind is not None else swap
