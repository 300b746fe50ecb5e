"""/returns-desk/pickups: who is waited for at which door, by day; and what staff do about one of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.customer_return import OPEN
from jobs.pickups import choose
from postventa.accounts.roles import Right
from postventa.clock import now
from postventa.locale import formats, slots
from postventa.models import Order, ReturnCase, Shop
from postventa.models.db import reading
from postventa.returns import appointment, desk, fetching
from postventa.returns.appointment import HAND, Appointment, Stage
from postventa.returns.wish import Method
from postventa.shops import ConnectedShop
from postventa.web.orders import forms
from postventa.web.orders.page import Found, actor
from postventa.web.portal.page import _, services
from postventa.web.returns_desk.act import LONGEST, WRONG, Act, Told, Wrong
from postventa.web.returns_desk.page import Back, render, world
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t

STANDS = {
    Stage.WANTED: ("warn", _("Por concertar")),
    Stage.ORDERED: ("ok", _("Concertada")),
    Stage.REFUSED: ("fail", _("No se pudo concertar")),
    Stage.MISSED: ("fail", _("No se pudo recoger")),
    Stage.OFF: ("off", _("Recogida anulada")),
    Stage.FETCHED: ("ok", _("Recogido")),
}
"""How an appointment stands: how serious, its name."""
WHEN_WRONG = _("Elige un día y una franja de la lista.")
TOLD = _("La persona recibe un correo con el día.")


@dataclass(frozen=True)
class Door:
    """One appointment as the list shows it."""

    case: ReturnCase
    it: Found
    at: Appointment
    when: str
    address: tuple[str, ...]
    phone: str
    over: bool


@require(Right.ORDERS_READ)
def show() -> Response:
    """Everything that is to be fetched, those of past days first, as they were not seen since."""
    typed = request.args.get("shop", "")
    shop = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    with reading(services().engine) as session:
        shops = session.scalars(select(Shop).order_by(Shop.name, Shop.id)).all()
        doors = _doors(session, shop)
    return render("pickups.html", doors=doors, shops=shops, shop=shop, stands=STANDS, hand=HAND)


def _doors(session: Session, shop: int) -> list[Door]:
    cases = desk.coming(session, shop)
    orders = {order.id: order for order in session.scalars(select(Order).where(Order.id.in_([case.order_id for case in cases])))}
    shops = {row.id: row for row in session.scalars(select(Shop).where(Shop.id.in_({case.shop_id for case in cases})))}
    return [door for case in cases if (door := _door(case, Found(orders[case.order_id], shops[case.shop_id], None))) is not None]


def _door(case: ReturnCase, it: Found) -> Door | None:
    at = appointment.of(case)
    if at is None or it.order.erased_at is not None:
        return None
    where = formats.postal(fetching.door(it.order), language(), str(it.row.settings.get("country") or "ES"))
    return Door(case, it, at, spoken(at), where, at.phone, at.is_over(now()))


def spoken(at: Appointment) -> str:
    """When, as a sentence."""
    return slots.spoken(at.slot.day, at.slot.begin, at.slot.end, language())


def _may_choose(case: ReturnCase) -> bool:
    return case.method == Method.PICKUP and case.state in OPEN and case.scanned_at is None and not case.arrivals


def _may_settle(case: ReturnCase) -> bool:
    at = appointment.of(case)
    return _may_choose(case) and case.state == "approved" and at is not None and at.stage in (Stage.WANTED, Stage.REFUSED)


def _may_end(case: ReturnCase) -> bool:
    at = appointment.of(case)
    return _may_choose(case) and at is not None and at.live


def _read_slot(_back: Back) -> Told:
    code = forms.line("slot", 40)
    if not code:
        raise Wrong(t(WHEN_WRONG))
    return {"slot": code}


def _facts_slot(_session: Session, back: Back, shop: ConnectedShop, told: Told) -> list[str]:
    found = next((one for one in fetching.offers(shop.settings, back.it.order, now()) if one.code == told["slot"]), None)
    if found is None:
        raise Wrong(t(WHEN_WRONG))
    return [slots.spoken(found.day, found.begin, found.end, language()), t(TOLD)]


def _choose(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    choose.choose(session, world(), shop, back.case.number, str(told["slot"]), actor=actor())
    return True


def _offered(back: Back) -> dict[str, list[tuple[str, str]]]:
    found = fetching.offers(back.it.shop.settings, back.it.order, now()) if back.it.shop is not None else ()
    return {"slots": [(slot.code, slots.spoken(slot.day, slot.begin, slot.end, language())) for slot in found]}


def _read_done(_back: Back) -> Told:
    reason = forms.line("reason", LONGEST)
    if not reason:
        raise Wrong(t(WRONG["said"]))
    return {"reason": reason}


def _facts_done(_session: Session, back: Back, _shop: ConnectedShop, told: Told) -> list[str]:
    at = appointment.of(back.case)
    return [*([spoken(at)] if at is not None else []), t("Queda escrito: «{reason}»", reason=told["reason"]), t("Nosotros no pedimos otra.")]


def _done(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    choose.done_by_hand(session, world(), shop, back.case.number, actor=actor(), reason=str(told["reason"]))
    return True


def _read_off(_back: Back) -> Told:
    return {"reason": forms.line("reason", LONGEST)}


def _facts_off(_session: Session, _back: Back, _shop: ConnectedShop, _told: Told) -> list[str]:
    return [t("Se avisa al transportista y nadie pasa. La devolución sigue en pie.")]


def _off(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    choose.call_off(session, shop, back.case.number, actor=actor(), reason=str(told["reason"]))
    return True


def _stage(case: ReturnCase) -> str:
    at = appointment.of(case)
    return at.stage.value if at is not None else ""


def _is_chosen(case: ReturnCase, told: Told) -> bool:
    at = appointment.of(case)
    return at is not None and at.live and at.slot.code == told["slot"]


def _may_take(case: ReturnCase) -> bool:
    return _may_choose(case) and _stage(case) == Stage.ORDERED


def _nothing(_back: Back) -> Told:
    return {}


def _facts_taken(_session: Session, _back: Back, _shop: ConnectedShop, _told: Told) -> list[str]:
    return [t("Deja de salir en la lista. El dinero sigue su curso normal.")]


def _taken(session: Session, back: Back, shop: ConnectedShop, _told: Told) -> bool:
    choose.taken_by_hand(session, shop, back.case.number, actor=actor())
    return True


DECIDE = Right.RETURNS_DECIDE
ACTS: dict[str, Act] = {
    "fetch": Act(
        DECIDE, _("Pedir la recogida"), _("¿Pedir la recogida?"), _may_choose, _read_slot, _facts_slot, _choose, _is_chosen, _offered,
    ),
    "fetch-done": Act(
        DECIDE, _("La recogida ya está pedida"), _("¿Marcarla como pedida?"), _may_settle, _read_done, _facts_done, _done,
        lambda case, _told: _stage(case) == Stage.ORDERED,
    ),
    "fetch-taken": Act(
        DECIDE, _("Ya lo han recogido"), _("¿Marcarlo como recogido?"), _may_take, _nothing, _facts_taken, _taken,
        lambda case, _told: _stage(case) == Stage.FETCHED,
    ),
    "fetch-off": Act(
        DECIDE, _("Anular la recogida"), _("¿Anular la recogida?"), _may_end, _read_off, _facts_off, _off,
        lambda case, _told: _stage(case) == Stage.OFF,
    ),
}  # fmt: skip
