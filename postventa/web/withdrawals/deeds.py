"""What the buttons do, each once and in the audit log; and what came by other ways is written down."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import cast

from flask import abort, current_app, redirect, request, url_for
from redis import Redis
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.deeds.base import NoKeys
from jobs.deeds.owed import TooMuch
from jobs.withdrawals import decide
from jobs.withdrawals.take import take
from postventa import audit
from postventa.accounts.roles import Right, may
from postventa.clock import now
from postventa.locale import choose
from postventa.locale.formats import zone_of
from postventa.models import Shop, Withdrawal
from postventa.models.db import reading, transaction
from postventa.shops import ConnectedShop, still_known
from postventa.web.portal.page import _, services
from postventa.web.staff import mishaps
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t, visitor
from postventa.web.withdrawals import views
from postventa.web.withdrawals.page import actor, found
from postventa.withdrawal.statement import CONTRACT, EMAIL, ITEMS, NAME, Statement, problems, tidy
from postventa.withdrawal.store import Submission
from postventa.withdrawal.words import REFUSALS, word

UNKNOWN = _("No hay ningún pedido con ese número en esta tienda.")
NO_KEYS = _("La tienda no nos ha dado claves para devolver dinero: devuélvelo en ella y márcalo aquí.")
NO_SUM = _("Escribe una cantidad mayor que cero, como 49,90.")
ELSEWHERE = _("Parte de esto está en otra devolución o ya se ha devuelto. Compruébalo: si aún hay que pagar algo, escribe esa otra cantidad.")
NOT_LEFT = _("De este pedido ya no queda tanto por devolver: algo ya se devolvió o está en camino.")
NO_GROUND = _("Elige la causa legal.")
NO_TIME = _("Escribe cuándo llegó: no puede ser más tarde que ahora.")
MONEY = frozenset({"pay", "refunded"})
"""What only those may do who may give money back."""


@require(Right.RETURNS_DECIDE)
def do(ref: str) -> AnyResponse:
    """One deed; its name stands in `do`."""
    name = request.form.get("do", "")
    deed = DEEDS.get(name) or abort(400)
    if name in MONEY and not _may_pay():
        return mishaps.not_allowed()
    try:
        with transaction(services().engine) as session:
            done = deed(session, found(session, ref, lock=True))
    except LookupError:
        return views.page(ref, t(UNKNOWN), 422)
    except NoKeys:
        return views.page(ref, t(NO_KEYS), 422)
    except _Wrong as wrong:
        return views.page(ref, t(str(wrong)), 422)
    return redirect(url_for("withdrawals.one", ref=ref, saved=done), 303)


@require(Right.RETURNS_DECIDE)
def add() -> AnyResponse:
    """A statement that came by another way counts like any other, from when it came."""
    with reading(services().engine) as session:
        number = request.form.get("shop", "")
        row = session.get(Shop, int(number)) if number.isdecimal() and len(number) < 19 else None
    if row is None:
        abort(400)
    shop, form = still_known(row, services().settings), request.form
    statement = Statement(
        shop=shop.settings.name,
        name=tidy(form.get("name", ""), NAME),
        contract=tidy(form.get("contract", ""), CONTRACT),
        email=tidy(form.get("email", ""), EMAIL).replace(" ", ""),
        language=choose(form.get("language", ""), choose(shop.settings.locale)),
        what=tidy(form.get("what", ""), ITEMS, lines=True),
    )
    wrong, came = problems(statement), _came(shop)
    if wrong or came is None:
        first = word(language(), next(iter(wrong.values()))) if wrong else t(NO_TIME)
        return views.form(dict(form), first, 422)
    channel = form.get("channel", "")
    how = Submission(_key(), channel if channel in views.OTHERS else "other", came, actor=actor())
    redis = cast("Redis", current_app.extensions["postventa"].redis())
    kept = take(services().engine, services().secret, shop, statement, how, redis)
    return redirect(url_for("withdrawals.one", ref=kept.ref, saved="added"), 303)


class _Wrong(Exception):
    """What was typed cannot be meant: the text for the page."""


def _join(session: Session, row: Withdrawal) -> str:
    try:
        decide.join_by_hand(session, services(), row, request.form.get("order", ""), actor())
    except ValueError:
        abort(409)
    return "join"


def _pay(session: Session, row: Withdrawal) -> str:
    try:
        amount = Decimal(request.form.get("amount", "").strip().replace(",", "."))
        effect = decide.pay(session, services(), row, amount, actor())
    except decide.Elsewhere:
        raise _Wrong(ELSEWHERE) from None
    except TooMuch:
        raise _Wrong(NOT_LEFT) from None
    except (InvalidOperation, ValueError):
        raise _Wrong(NO_SUM) from None
    return "pay" if effect is not None else "again"


def _refunded(session: Session, row: Withdrawal) -> str:
    decide.mark_refunded(session, services(), row, actor())
    return "refunded"


def _refuse(session: Session, row: Withdrawal) -> str:
    if request.form.get("ground") not in REFUSALS:
        raise _Wrong(NO_GROUND)
    decide.refuse(session, row, request.form["ground"], actor())
    return "refuse"


def _reopen(session: Session, row: Withdrawal) -> str:
    decide.reopen(session, row, actor())
    return "reopen"


def _proof(session: Session, row: Withdrawal) -> str:
    decide.proof_of_dispatch(session, row, actor())
    return "proof"


def _receipt(session: Session, row: Withdrawal) -> str:
    decide.receipt_handed_over(session, row, actor())
    return "receipt"


def _note(session: Session, row: Withdrawal) -> str:
    row.note = tidy(request.form.get("note", ""), decide.NOTE, lines=True)
    audit.record(session, actor(), "withdrawal.note", shop_id=row.shop_id, subject=f"withdrawal {row.ref}")
    return "note"


DEEDS: dict[str, Callable[[Session, Withdrawal], str]] = {
    "join": _join,
    "pay": _pay,
    "refunded": _refunded,
    "refuse": _refuse,
    "reopen": _reopen,
    "proof": _proof,
    "receipt": _receipt,
    "note": _note,
}


def _may_pay() -> bool:
    known = visitor()
    return known is not None and may(known.account.role, Right.REFUNDS_MAKE)


def _came(shop: ConnectedShop) -> datetime | None:
    """When it came, in the shop's zone; None: that cannot be."""
    try:
        came = datetime.fromisoformat(request.form.get("came", "")).replace(tzinfo=zone_of(shop.settings.timezone))
    except ValueError:
        return None
    return came if came <= now() else None


def _key() -> str:
    """The form's own key, so that a second click writes nothing twice."""
    told = request.form.get("key", "")
    return f"staff-{told}" if told.isalnum() and len(told) == 32 else f"staff-{secrets.token_hex(16)}"
