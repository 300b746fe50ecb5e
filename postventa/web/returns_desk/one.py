"""/returns-desk/<number>: everything about one return, and the buttons for what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import request
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.settle_return import ALARM, has_come
from postventa import alarms
from postventa.accounts.roles import Right
from postventa.clock import now
from postventa.eventlog import history
from postventa.models import Effect, ReturnPhoto, State
from postventa.models.db import reading
from postventa.orders.books import load
from postventa.returns import appointment, desk
from postventa.returns.inspection import Grade, arrived, graded, is_clear
from postventa.returns.policy import Policy
from postventa.returns.spoken import reason_word
from postventa.web.orders.page import picture
from postventa.web.orders.timeline import timeline
from postventa.web.portal.page import _, services
from postventa.web.returns_desk import deeds, fetching, parcels, proofs, words
from postventa.web.returns_desk.page import Back, found, policy_of, render
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t

CALLED_FOR = {
    "unclear": _("Algo llegó dañado, cambiado o no llegó: hay que decidir cuánto se devuelve."),
    "repair": _("Es una reparación: acuérdala con la persona y márcala como resuelta."),
    "stuck": _("No se ha podido resolver sola: págala, o resuélvela en la tienda y márcala como hecha."),
}


@dataclass(frozen=True)
class Piece:
    """A line of the return: what was asked for and why, what was agreed to, what came, and what was found."""

    ref: str
    title: str
    picture: str
    asked: int
    agreed: int
    reason: str
    note: str
    came: int
    grades: tuple[Grade, ...]
    decided: tuple[tuple[str, str, str], ...]
    """(what, how, by whom) of the rules."""


@dataclass(frozen=True)
class Change:
    """When she changed it, what of it, and whether a person has to agree again."""

    when: str
    turned: list[str]
    asks: bool


@require(Right.ORDERS_READ)
def show(number: int) -> Response:
    """The page, as the ledger knows the return now."""
    with reading(services().engine) as session:
        back = found(session, number)
        known = _everything(session, back)
    saved = words.SAVED.get(request.args.get("saved", ""), "")
    pictures = [piece.picture for piece in known["pieces"]]
    told: dict[str, Any] = {
        "resolutions": words.RESOLUTIONS,
        "grades": words.GRADES,
        "method": words.method(back.case.method),
        "moments": words.MOMENTS,
    }
    return render("one.html", back=back, it=back.it, saved=t(saved) if saved else "", pictures=pictures, **told, **known)


def _everything(session: Session, back: Back) -> dict[str, Any]:
    case, order = back.case, back.it.order
    effects = session.scalars(select(Effect).where(Effect.order_id == order.id).order_by(Effect.id)).all()
    mine = [one for one in effects if one.subject_ref in (case.ref, case.number, f"{case.number}:stock")]
    events = [one for one in history(session, case.shop_id, order.ref) if one.data.get("return_ref") == case.ref]
    photos = session.scalars(select(ReturnPhoto).where(ReturnPhoto.return_case_id == case.id).order_by(ReturnPhoto.id)).all()
    pickup = appointment.of(case)
    return {
        "pieces": _pieces(back, policy_of(session, back)),
        "labels": parcels.shown(session, back),
        "label_states": parcels.STATES,
        "photos": photos,
        "proofs": proofs.shown(session, back),
        "proof_states": proofs.STATES,
        "changes": _changes(session, back),
        "steps": timeline(back.it, events, mine),
        "paid": _paid(mine),
        "left": load(session, order).left,
        "deeds": deeds.offered(back),
        "address": deeds.address,
        "pickup": pickup,
        "coming": fetching.spoken(pickup) if pickup is not None else "",
        "comes": fetching.STANDS,
        "late": desk.is_late(case, now()),
        "called_for": _called_for(back),
        "alarm": alarms.find(session, ALARM, f"{back.it.row.name}, {case.number}"),
    }


def _pieces(back: Back, policy: Policy) -> list[Piece]:
    case, rows = back.case, {line.ref: line for line in back.lines}
    asked = {str(ref): int(str(count)) for ref, count in case.lines} or dict(back.pieces)
    wished = {str(one.get("ref")): one for one in case.wish.get("lines", [])}
    agreed, came, seen = dict(back.pieces), arrived(case), graded(case)
    decided = {str(one.get("line")): one.get("why", []) for one in case.decision}
    return [
        Piece(
            ref=ref,
            title=back.title(ref),
            picture=picture(rows[ref].image_url) if ref in rows else "",
            asked=count,
            agreed=agreed.get(ref, 0),
            reason=reason_word(policy, language(), str(wished.get(ref, {}).get("reason", ""))),
            note=str(wished.get(ref, {}).get("note", "")),
            came=came.get(ref, 0),
            grades=tuple(seen.get(ref, ())),
            decided=tuple((t(words.ACTIONS.get(what, what)), words.value(how), words.by(who)) for what, how, who, _words in decided.get(ref, [])),
        )
        for ref, count in asked.items()
    ]


def _changes(session: Session, back: Back) -> list[Change]:
    """What the customer made of it since she opened it, the newest first."""
    policy = policy_of(session, back)
    return [
        Change(back.it.when(datetime.fromisoformat(one["at"])), _turned(back, policy, one["before"], one["after"]), bool(one["asks"]))
        for one in reversed(back.case.changes)
    ]


def _turned(back: Back, policy: Policy, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Each thing that is other now: what it was, and what it is."""
    pairs = zip(_said(back, policy, before), _said(back, policy, after), strict=True)
    return [f"{was or '—'} → {now_ or '—'}" for was, now_ in pairs if was != now_]


def _said(back: Back, policy: Policy, told: dict[str, Any]) -> list[str]:
    goods = ", ".join(f"{count} × {back.title(str(ref))}" for ref, count in told["lines"])
    reasons = ", ".join(dict.fromkeys(reason_word(policy, language(), code) for code in told["reasons"].values() if code))
    resolution = t(words.RESOLUTIONS[told["resolution"]]) if told["resolution"] in words.RESOLUTIONS else ""
    return [goods, reasons, resolution, words.method(told["method"]), back.it.money(Decimal(told["refund"]))]


def _paid(effects: list[Effect]) -> Decimal:
    """What the shop has given back for it."""
    wanted = [one.data.get("wanted") for one in effects if one.followup == "write_refund" and one.state == State.DONE]
    return sum((Decimal(str(one["amount"])) for one in wanted if isinstance(one, dict)), Decimal(0))


def _called_for(back: Back) -> str:
    """What a person has to do about its money now; empty: nothing."""
    case = back.case
    if case.settled_at is not None or not case.resolution or not has_come(case):
        return ""
    why = "repair" if case.resolution == "repair" else "stuck" if is_clear(case) else "unclear"
    return t(CALLED_FOR[why])
