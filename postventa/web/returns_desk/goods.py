"""/returns-desk/<number>/goods: what came in and in what state, piece by piece, for a thumb at a packing table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs import return_goods
from postventa.accounts.roles import Right
from postventa.models import ReturnPhoto
from postventa.models.db import reading, transaction
from postventa.products import find as products_of
from postventa.products import picture as product_picture
from postventa.returns.inspection import MISSING
from postventa.returns.spoken import reason_word
from postventa.reviews.photos import accepted
from postventa.shops import ConnectedShop
from postventa.web.orders import forms, sealed
from postventa.web.orders.page import actor, picture
from postventa.web.orders.refund import OURS
from postventa.web.portal.page import _, services
from postventa.web.returns_desk import words
from postventa.web.returns_desk.deeds import CHANGED
from postventa.web.returns_desk.outlook import Said, came_with, grades_of, outlook
from postventa.web.returns_desk.page import Back, policy_of, render, workable, world
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t

EXPECTED = ("approved", "received", "closed")
LONGEST_NOTE = 300
PURPOSE = "return goods"
NOTHING = _("Marca al menos una unidad: lo que no marques se queda como está.")
MONEY = {
    "settled": _("El dinero ya está resuelto: esto no lo cambia."),
    "elsewhere": _("Se abrió en la tienda: el dinero se resuelve allí."),
    "coming": _("Faltan unidades por llegar: el dinero espera."),
    "unseen": _("Faltan unidades por revisar: el dinero espera."),
    "person": _("No todo está como debe: una persona decide el dinero."),
    "now": _("Se pone en marcha en cuanto confirmes, una sola vez. Ya no se podrá deshacer."),
}


@dataclass(frozen=True)
class Unit:
    """One piece that nobody looked at yet. `name`: of its fields; `of`: how many pieces of the line there are, and which one it is."""

    ref: str
    name: str
    title: str
    sku: str
    picture: str
    place: int
    of: int
    reason: str


@require(Right.RETURNS_RECEIVE)
def form(number: int) -> Response:
    """What is still to be looked at, with big buttons."""
    with reading(services().engine) as session:
        back, _shop = workable(session, number)
        return _form(session, back)


@require(Right.RETURNS_RECEIVE)
def look(number: int) -> Response:
    """What will be written down, and what that means for the money."""
    with reading(services().engine) as session:
        back, _shop = workable(session, number)
        said = _said(_units(session, back))
        if back.case.state not in EXPECTED or not said:
            return _form(session, back, t(NOTHING))
        return _confirm(back, said)


@require(Right.RETURNS_RECEIVE)
def take(number: int) -> AnyResponse:
    """Write it down, and settle the return if its moment has come. The page sent again does it no second time."""
    with reading(services().engine) as session:
        back, _shop = workable(session, number)
        told = sealed.opened(f"{PURPOSE} {number}", back.it.order.id)
        if told is None:
            return _form(session, back, t(OURS))
    said = [Said(*map(str, one)) for one in told["said"]]
    with transaction(services().engine) as session:
        back, shop = workable(session, number, lock=True)
        if back.stamp != told["stamp"]:
            return _form(session, back, t(CHANGED), 409)
        _write(session, shop, back, said)
    return redirect(url_for("returns_desk.scan", done=number), 303)


@require(Right.RETURNS_RECEIVE)
def again(number: int) -> AnyResponse:
    """Forget what was found, while no money hangs on it."""
    with transaction(services().engine) as session:
        back, shop = workable(session, number, lock=True)
        if back.case.settled_at is None and back.case.inspection and back.case.state in EXPECTED:
            return_goods.look_again(session, shop, back.case.number, actor=actor())
    return redirect(url_for("returns_desk.goods", number=number), 303)


def _write(session: Session, shop: ConnectedShop, back: Back, said: list[Said]) -> None:
    """What is missing is told first: with the last piece that came the return may be over."""
    number, came, grades = back.case.number, came_with(back.case, back.pieces, said), grades_of(said)
    found, missing = [one for one in grades if one.grade != MISSING], [one for one in grades if one.grade == MISSING]
    if missing:
        return_goods.inspect(session, world(), shop, number, missing, actor=actor())
    if came:
        return_goods.receive(session, world(), shop, number, lines=came, grades=found, actor=actor())
    elif found:
        return_goods.inspect(session, world(), shop, number, found, actor=actor())


def _units(session: Session, back: Back) -> list[Unit]:
    rows, policy = {line.ref: line for line in back.lines}, policy_of(session, back)
    wished = {str(one.get("ref")): str(one.get("reason", "")) for one in back.case.wish.get("lines", [])}
    known = products_of(session, back.case.shop_id, [line.product_ref for line in back.lines])
    units = []
    for line, (ref, count) in enumerate(back.unseen):
        row = rows.get(ref)
        product = known.get(row.product_ref) if row is not None else None
        seen = row.image_url or (product_picture(product, row.variant_ref) if product is not None else "") if row is not None else ""
        told = (back.title(ref), row.sku if row is not None else "", picture(seen))
        reason = reason_word(policy, language(), wished.get(ref, ""))
        units += [Unit(ref, f"{line}-{place}", *told, place, count, reason) for place in range(1, count + 1)]
    return units


def _said(units: list[Unit]) -> list[Said]:
    """The form's word for each piece that it has one for."""
    chosen = [(unit, request.form.get(f"grade-{unit.name}", ""), forms.line(f"note-{unit.name}", LONGEST_NOTE)) for unit in units]
    return [Said(unit.ref, word, note) for unit, word, note in chosen if word in words.GRADES]


def _form(session: Session, back: Back, problem: str = "", status: int = 422) -> Response:
    units = _units(session, back) if back.case.state in EXPECTED else []
    photos = session.scalars(select(ReturnPhoto).where(ReturnPhoto.return_case_id == back.case.id).order_by(ReturnPhoto.id)).all()
    known: dict[str, Any] = {"back": back, "it": back.it, "units": units, "photos": photos, "typed": request.form, "grades": words.GRADES}
    undo = back.case.settled_at is None and bool(back.case.inspection) and back.case.state in EXPECTED
    saved = words.SAVED.get(request.args.get("saved", ""), "")
    pictures = [unit.picture for unit in units]
    told = {**known, "undo": undo, "longest": LONGEST_NOTE, "accept": accepted(), "problem": problem, "saved": t(saved) if saved else ""}
    return render("goods.html", status if problem else 200, pictures=pictures, **told)


def _confirm(back: Back, said: list[Said]) -> Response:
    money = outlook(back.case, back.pieces, said)
    wish = sealed.seal(f"{PURPOSE} {back.case.id}", back.it.order.id, stamp=back.stamp, said=[[one.ref, one.word, one.note] for one in said])
    known: dict[str, Any] = {"back": back, "it": back.it, "said": said, "grades": words.GRADES, "resolutions": words.RESOLUTIONS}
    return render("goods_confirm.html", **known, money=t(MONEY[money]), now=money == "now", wish=wish)
