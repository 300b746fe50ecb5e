"""/orders/<number>/coupon: a discount code for one customer, chosen, shown, and made once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import redirect, request, url_for
from flask.wrappers import Response
from werkzeug.wrappers import Response as AnyResponse

from jobs import give
from jobs.deeds.base import NoKeys
from jobs.give import Terms
from postventa.accounts.roles import Right
from postventa.models.db import reading, transaction
from postventa.web.orders import forms, sealed
from postventa.web.orders.page import actor, render, writable
from postventa.web.orders.refund import NO_KEYS, OURS
from postventa.web.portal.page import _, services
from postventa.web.staff.guard import require
from postventa.web.staff.page import t

WRONG = {
    "worth": _("Pon un porcentaje de 1 a 100 o un importe, uno de los dos."),
    "days": _("Un cupón vale de 1 a {most} días. Déjalo vacío si no caduca."),
    "prefix": _("El código empieza por 2 a 16 letras mayúsculas o cifras, sin espacios ni acentos."),
}
LONGEST_TITLE = 60


@require(Right.REFUNDS_MAKE)
def form(number: int) -> Response:
    """How much, for how long, and how the code begins."""
    return _form(number)


@require(Right.REFUNDS_MAKE)
def propose(number: int) -> Response:
    """What exactly will be made."""
    with reading(services().engine) as session:
        it, _shop = writable(session, number)
    try:
        terms = _terms()
        give.check_coupon(terms, it.order.currency)
    except forms.Unreadable:
        return _form(number, t(WRONG["worth"]))
    except give.NotPossible as error:
        return _form(number, t(WRONG[error.name], most=give.LONGEST_DAYS))
    told = {"percent": f"{terms.percent:f}", "amount": f"{terms.amount:f}", "days": terms.days, "title": terms.title, "prefix": terms.prefix}
    return render("coupon_confirm.html", it=it, terms=terms, wish=sealed.seal("coupon", number, **told))


@require(Right.REFUNDS_MAKE)
def confirm(number: int) -> AnyResponse:
    """Have it made. The page sent again makes no second one."""
    told = sealed.opened("coupon", number)
    if told is None:
        return _form(number, t(OURS))
    terms = Terms(Decimal(told["percent"]), Decimal(told["amount"]), int(told["days"]), str(told["title"]), str(told["prefix"]))
    with transaction(services().engine) as session:
        _it, shop = writable(session, number)
        try:
            given = give.give_coupon(session, shop, services().secret, number, terms, key=told["key"], actor=actor())
        except NoKeys:
            return _form(number, t(NO_KEYS))
    return redirect(url_for("orders.order", number=number, saved="coupon" if given.new else "before", _anchor="writes"), 303)


def _terms() -> Terms:
    """The form's fields. Raises `forms.Unreadable`."""
    days = forms.count("days", 99999)
    prefix = forms.line("prefix", 40).upper() or Terms.prefix
    return Terms(forms.amount("percent"), forms.amount("sum"), days, forms.line("title", LONGEST_TITLE), prefix)


def _form(number: int, problem: str = "") -> Response:
    with reading(services().engine) as session:
        it, _shop = writable(session, number)
    known: dict[str, Any] = {"it": it, "typed": request.form, "longest": LONGEST_TITLE, "prefix": Terms.prefix}
    return render("coupon.html", 422 if problem else 200, **known, problem=problem)
