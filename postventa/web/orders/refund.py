"""/orders/<number>/refund: what goes back is chosen, then its sum is shown, then it is done, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import redirect, request, url_for
from flask.wrappers import Response
from werkzeug.wrappers import Response as AnyResponse

from jobs import give
from jobs.deeds.base import NoKeys
from jobs.give import Wanted
from postventa.accounts.roles import Right
from postventa.models.db import reading, transaction
from postventa.orders import books
from postventa.orders.money import Choice, Sum, Wrong
from postventa.web.orders import forms, sealed
from postventa.web.orders.page import Found, actor, render, writable
from postventa.web.portal.page import _, services
from postventa.web.staff.guard import require
from postventa.web.staff.page import t

REFUNDS = Right.REFUNDS_MAKE
WRONG = {
    "nothing": _("Elige qué se devuelve: artículos, envío o una suma."),
    "both": _("Una suma suelta va sola: deja vacíos los artículos, el envío y lo que retienes."),
    "sum": _("Escribe la suma con dos decimales como mucho, por ejemplo 12,50."),
    "unknown-line": _("Ese artículo no está en el pedido."),
    "pieces": _("De «{line}» se pueden devolver {left}."),
    "shipping": _("Del envío se pueden devolver {left}."),
    "withheld": _("Retienes tanto como vale: no quedaría nada que devolver."),
    "too-much": _("Son {wanted}, y de este pedido se pueden devolver {left} como mucho."),
    "credit": _("Esta tienda no guarda saldo: haz mejor un cupón."),
    "no-order": _("La tienda aún no nos ha descrito este pedido: prueba dentro de un rato."),
}
CHANGED = _("La suma ha cambiado mientras lo mirabas. No se ha devuelto nada: mira la nueva antes de confirmar.")
OURS = _("No hemos podido comprobar el envío. No se ha hecho nada: empieza otra vez desde aquí.")
NO_KEYS = _("La tienda no nos ha dado claves para escribir en ella.")
LONGEST_REASON = 200


@require(REFUNDS)
def form(number: int) -> Response:
    """Lines with how many are left, shipping, what is withheld; or a sum by itself."""
    return _form(number)


@require(REFUNDS)
def reckon(number: int) -> Response:
    """The sum, to the cent, and what exactly will happen."""
    try:
        wanted = _wanted()
    except forms.Unreadable:
        return _form(number, t(WRONG["sum"]))
    with reading(services().engine) as session:
        it, shop = writable(session, number)
        try:
            sums = give.sums(session, shop, it.order, wanted)
        except (Wrong, give.NotPossible) as error:
            return _form(number, _said(it, error))
    return _confirm(it, wanted, sums)


@require(REFUNDS)
def confirm(number: int) -> AnyResponse:
    """Do it. The page sent again does it no second time; another sum than the one that was shown is shown first."""
    told = sealed.opened("refund", number)
    if told is None:
        return _form(number, t(OURS))
    wanted = _unpacked(told)
    with transaction(services().engine) as session:
        it, shop = writable(session, number)
        try:
            given = give.give_refund(session, shop, number, wanted, key=told["key"], actor=actor(), shown=Decimal(told["shown"]))
        except give.Changed as changed:
            return _confirm(it, wanted, changed.sums, t(CHANGED))
        except (Wrong, give.NotPossible) as error:
            return _form(number, _said(it, error))
        except NoKeys:
            return _form(number, t(NO_KEYS))
    return redirect(url_for("orders.order", number=number, saved="refund" if given.new else "before", _anchor="writes"), 303)


def _wanted() -> Wanted:
    """The form's fields. Raises `forms.Unreadable`."""
    lines = [(field.removeprefix("line-"), forms.count(field)) for field in request.form if field.startswith("line-")]
    choice = Choice(
        lines=tuple((ref, pieces) for ref, pieces in lines if pieces),
        shipping=forms.amount("shipping"),
        withheld=forms.amount("withheld"),
        amount=forms.amount("amount"),
    )
    ticked = {name: request.form.get(name) == "1" for name in ("restock", "as_credit")}
    return Wanted(choice, **ticked, reason=forms.line("reason", LONGEST_REASON))


def _form(number: int, problem: str = "") -> Response:
    with reading(services().engine) as session:
        it, shop = writable(session, number)
        money = books.load(session, it.order)
    lines = [(line, money.pieces_left(line)) for line in money.lines]
    known: dict[str, Any] = {"it": it, "books": money, "lines": lines, "typed": request.form, "credit": shop.platform in give.CREDITS}
    return render("refund.html", 422 if problem else 200, **known, problem=problem, longest=LONGEST_REASON)


def _confirm(it: Found, wanted: Wanted, sums: Sum, problem: str = "") -> Response:
    choice = wanted.choice
    told = {
        "lines": [list(pair) for pair in choice.lines],
        "shown": f"{sums.amount:f}",
        "restock": wanted.restock,
        "as_credit": wanted.as_credit,
        "reason": wanted.reason,
        **{name: f"{getattr(choice, name):f}" for name in ("shipping", "withheld", "amount")},
    }
    wish = sealed.seal("refund", it.order.id, **told)
    return render("refund_confirm.html", 409 if problem else 200, it=it, wanted=wanted, sums=sums, wish=wish, problem=problem)


def _unpacked(told: dict[str, Any]) -> Wanted:
    sums = {name: Decimal(told[name]) for name in ("shipping", "withheld", "amount")}
    choice = Choice(tuple((str(ref), int(pieces)) for ref, pieces in told["lines"]), **sums)
    return Wanted(choice, bool(told["restock"]), bool(told["as_credit"]), str(told["reason"]))


def _said(it: Found, error: Wrong | give.NotPossible) -> str:
    """The rule that says no, in the reader's words and with her sums."""
    facts = error.facts if isinstance(error, Wrong) else {}
    return t(WRONG[error.name], **{name: it.money(fact) if isinstance(fact, Decimal) else fact for name, fact in facts.items()})
