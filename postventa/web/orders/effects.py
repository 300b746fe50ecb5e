"""/orders/<number>/effects/<effect>/...: call a mail off, send one again, try a write again, or say that it is done. The ledger's rules hold."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs import by_hand, settle
from postventa.accounts.roles import Right, may
from postventa.models import Effect, EventRow, Suppression
from postventa.models.db import reading, transaction
from postventa.web.orders import reasons, sealed, words
from postventa.web.orders.page import Found, actor, found, me, render
from postventa.web.orders.timeline import MONEY, Step, timeline
from postventa.web.portal.page import _, services
from postventa.web.staff import mishaps
from postventa.web.staff.guard import require
from postventa.web.staff.page import t

CHANGED = _("Ha cambiado mientras lo mirabas. No se ha hecho nada.")
MAY_NOT = _("No se puede enviar ahora. {why}")


@require(Right.MESSAGES_SEND)
def ask(number: int, effect: int, what: str) -> AnyResponse:
    """What exactly would happen."""
    with reading(services().engine) as session:
        it, row = _mine(session, number, effect)
        return _page(session, it, row, what) if _allowed(row) else mishaps.not_allowed()


@require(Right.MESSAGES_SEND)
def do(number: int, effect: int, what: str) -> AnyResponse:
    """Do it, if everything is still as it was shown."""
    with reading(services().engine) as session:
        it, row = _mine(session, number, effect)
        if not _allowed(row):
            return mishaps.not_allowed()
        told = sealed.opened(f"{what} {effect}", number)
        if told is None:
            return _page(session, it, row, what, t(CHANGED))
    try:
        with transaction(services().engine) as session:
            settle.lock(session, effect, str(told["stamp"]))
            _act(session, effect, what)
    except by_hand.Refused as refused:
        return _refused(number, effect, str(refused))
    return redirect(url_for("orders.order", number=number, saved=what, _anchor="timeline"), 303)


def _act(session: Session, effect: int, what: str) -> None:
    by = {"actor": actor(), "reason": "on the order's page"}
    if what == settle.CANCEL:
        by_hand.cancel(session, effect, **by)
    elif what == settle.DONE:
        settle.settle(session, effect, **by)
    else:
        by_hand.resend(session, services(), effect, **by, force=True, unblock=request.form.get("unblock") == "1")


def _mine(session: Session, number: int, effect: int) -> tuple[Found, Effect]:
    """That order's effect; ends the request with 404."""
    it, row = found(session, number), session.get(Effect, effect) if effect < 2**63 else None
    if row is None or row.order_id != it.order.id or it.shop is None:
        abort(404)
    return it, row


def _allowed(effect: Effect) -> bool:
    """Whoever may not give money may not have it given again either."""
    return effect.followup not in MONEY or may(me().account.role, Right.REFUNDS_MAKE)


def _page(session: Session, it: Found, effect: Effect, what: str, problem: str = "") -> Response:
    (step,) = timeline(it, list[EventRow](), [effect])
    if what not in step.buttons:
        return render("message.html", 409, it=it, title=t(CHANGED))
    title, text, button = words.ASKED[_question(step, what)]
    known: dict[str, Any] = {"it": it, "step": step, "what": what, "title": t(title), "text": t(text), "button": t(button)}
    blocked = what == settle.RESEND and effect.kind == "mail" and _bounced(session, effect)
    wish = sealed.seal(f"{what} {effect.id}", it.order.id, stamp=settle.stamp(session, effect))
    return render("effect.html", 409 if problem else 200, **known, blocked=blocked, wish=wish, problem=problem)


def _question(step: Step, what: str) -> str:
    """A write is tried again, a mail is sent again, or for the first time."""
    if what != settle.RESEND:
        return what
    return "again" if not step.mail else what if step.gone else "send"


def _bounced(session: Session, effect: Effect) -> bool:
    """Whether its address gets nothing at all any more."""
    blocked = (Suppression.shop_id == effect.shop_id, Suppression.email == effect.recipient.lower(), Suppression.category == "all")
    return session.scalar(select(Suppression.id).where(*blocked)) is not None


def _refused(number: int, effect: int, why: str) -> Response:
    """Somebody was quicker, or the rules say no."""
    _name, _mark, reason = why.partition("may not go out: ")
    with reading(services().engine) as session:
        it, _row = _mine(session, number, effect)
    told = t(MAY_NOT, why=t(reasons.words("suppressed", reason))) if reason else t(CHANGED)
    return render("message.html", 409, it=it, title=told)
