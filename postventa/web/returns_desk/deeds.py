"""/returns-desk/<number>/<what>: decide, change, call off, pay, or say that it is done. First what, then what will happen, then it happens, once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.customer_return import Refused, TooLate
from jobs.pickups.choose import NoPhone
from postventa.accounts.roles import Right, may
from postventa.models.db import reading, transaction
from postventa.returns.policy.law import Exemption
from postventa.shops import ConnectedShop
from postventa.web.orders import sealed
from postventa.web.orders.page import me
from postventa.web.orders.refund import OURS
from postventa.web.portal.page import _, services
from postventa.web.returns_desk import decide, fetching, parcels, pay, proofs, words
from postventa.web.returns_desk.act import BEFORE, Act, Changed, Wrong
from postventa.web.returns_desk.page import Back, render, workable
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t

ACTS: dict[str, Act] = decide.ACTS | proofs.ACTS | parcels.ACTS | fetching.ACTS | pay.ACTS
DEEDS = tuple(ACTS)
CHANGED = _("Ha cambiado mientras lo mirabas. No se ha hecho nada.")
TOO_LATE = _("Ya está en camino, o su etiqueta está hecha: ahora no se puede cambiar.")
NO_PHONE = _("El pedido no tiene teléfono, y quien pasa a buscarlo lo necesita: que la persona lo escriba en su devolución.")
NOT_NOW = _("Ahora no se puede: la devolución ya no está en ese punto.")


def offered(back: Back) -> tuple[str, ...]:
    """What can be done with it now by whoever looks."""
    if back.it.shop is None or back.it.order.erased_at is not None:
        return ()
    return tuple(name for name, act in ACTS.items() if may(me().account.role, act.right) and act.possible(back.case))


def address(step: str, number: int, what: str) -> str:
    """Where `form`, `propose` or `confirm` of it is."""
    return url_for(f"returns_desk.{step}_{_family(what)}", number=number, what=what)


def add_to(blueprint: Blueprint, here: str) -> None:
    """Each deed's pages, behind the right that it needs."""
    for what, act in ACTS.items():
        steps = (("form", "GET", "", form), ("propose", "POST", "", propose), ("confirm", "POST", "/confirm", confirm))
        for step, method, tail, view in steps:
            name = f"{step}_{_family(what)}"
            blueprint.add_url_rule(f"{here}/{what}{tail}", name, _guarded(act.right, name, view), methods=[method], defaults={"what": what})


def _family(what: str) -> str:
    return "money" if what in pay.ACTS else "decision"


@cache
def _guarded(right: Right, name: str, view: Callable[[int, str], AnyResponse]) -> Callable[[int, str], AnyResponse]:
    """The same view for each family, so that the guard knows the right before it looks at anything."""

    def guarded(number: int, what: str) -> AnyResponse:
        return view(number, what)

    guarded.__name__ = name
    return require(right)(guarded)


def form(number: int, what: str) -> AnyResponse:
    """What has to be said for it."""
    with reading(services().engine) as session:
        return _form(workable(session, number)[0], what)


def propose(number: int, what: str) -> AnyResponse:
    """What exactly will happen."""
    with reading(services().engine) as session:
        back, shop = workable(session, number)
        if not ACTS[what].possible(back.case):
            return _form(back, what)
        try:
            told = ACTS[what].read(back)
            return _confirm(session, back, shop, what, told)
        except Wrong as wrong:
            return _form(back, what, str(wrong))
        except Refused as refused:
            return _form(back, what, " ".join(problem.sentence(language()) for problem in refused.why))


def confirm(number: int, what: str) -> AnyResponse:
    """Do it, if everything is still as it was shown. The page sent again does it no second time."""
    with reading(services().engine) as session:
        back, _shop = workable(session, number)
        told = sealed.opened(_purpose(what, number), back.it.order.id)
        if told is None:
            return _form(back, what, t(OURS))
    try:
        saved = _do(number, what, told)
    except (Changed, TooLate, Refused, NoPhone) as error:
        with reading(services().engine) as session:
            back, _shop = workable(session, number)
            return _form(back, what, t(_why(error)), 409)
    return redirect(url_for("returns_desk.one", number=number, saved=saved or None), 303)


def _why(error: Exception) -> str:
    if isinstance(error, NoPhone):
        return NO_PHONE
    return TOO_LATE if isinstance(error, TooLate) else CHANGED


def _do(number: int, what: str, told: dict[str, Any]) -> str:
    with transaction(services().engine) as session:
        back, shop = workable(session, number, lock=True)
        if back.stamp != told["stamp"]:
            if ACTS[what].done(back.case, told):
                return BEFORE
            raise Changed
        return what if ACTS[what].do(session, back, shop, told) else ""  # else the page says what a person has to do


def _purpose(what: str, number: int) -> str:
    return f"return {what} {number}"


def _form(back: Back, what: str, problem: str = "", status: int = 422) -> Response:
    act = ACTS[what]
    if not act.possible(back.case):
        return render("message.html", 409, back=back, title=t(NOT_NOW))
    known: dict[str, Any] = {
        "back": back,
        "it": back.it,
        "what": what,
        "title": t(act.title),
        "typed": request.form,
        "address": address,
    }
    grounds = {ground.value: words.EXEMPTIONS[ground.value] for ground in Exemption}
    return render("deed.html", status if problem else 200, **known, **act.choices(back), kinds=words.RESOLUTIONS, grounds=grounds, problem=problem)


def _confirm(session: Session, back: Back, shop: ConnectedShop, what: str, told: dict[str, Any]) -> Response:
    act = ACTS[what]
    facts = act.facts(session, back, shop, told)
    wish = sealed.seal(_purpose(what, back.case.id), back.it.order.id, stamp=back.stamp, **told)
    known: dict[str, Any] = {"back": back, "it": back.it, "what": what, "title": t(act.question), "button": t(act.title), "address": address}
    return render("deed_confirm.html", **known, facts=facts, wish=wish)
