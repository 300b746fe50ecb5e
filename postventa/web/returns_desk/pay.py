"""What a return comes to, by the word of whoever answers for the money: paid now, done elsewhere, or something else than an exchange."""

from __future__ import annotations

from decimal import Decimal

from flask import request
from sqlalchemy.orm import Session

from jobs import call_off, return_desk
from postventa.accounts.roles import Right
from postventa.models import ReturnCase
from postventa.returns.wish import Resolution
from postventa.shops import ConnectedShop
from postventa.web.orders import forms
from postventa.web.orders.page import actor
from postventa.web.portal.page import _
from postventa.web.returns_desk import words
from postventa.web.returns_desk.act import LONGEST, WRONG, Act, Changed, Told, Wrong
from postventa.web.returns_desk.page import Back, world
from postventa.web.staff.page import t


def _read_pay(back: Back) -> Told:
    most, promised = back.sum("goods") + back.sum("shipping"), back.sum("refund")
    try:
        amount = forms.amount("amount")
    except forms.Unreadable:
        raise Wrong(t(WRONG["sum"], most=back.it.money(most))) from None
    reason = forms.line("reason", LONGEST)
    if amount > most:
        raise Wrong(t(WRONG["sum"], most=back.it.money(most)))
    if amount != promised and not reason:
        raise Wrong(t(WRONG["less"]))
    return {"amount": f"{amount:f}", "reason": reason}


def _facts_pay(_session: Session, back: Back, _shop: ConnectedShop, told: Told) -> list[str]:
    amount = back.it.money(Decimal(told["amount"]))
    facts = [f"{t(words.RESOLUTIONS[back.case.resolution])}: {amount}"]
    if told["reason"]:
        facts.append(t("Motivo: {reason}", reason=told["reason"]))
    return [*facts, t("Se hace una sola vez, aunque pulses dos. No se puede deshacer desde aquí.")]


def _pay(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    amount = Decimal(told["amount"])
    exact = None if amount == back.sum("refund") and not told["reason"] else amount
    return return_desk.release(session, world(), shop, back.case.number, amount=exact, reason=told["reason"], actor=actor())


def _read_done(_back: Back) -> Told:
    reason = forms.line("reason", LONGEST)
    if not reason:
        raise Wrong(t(WRONG["said"]))
    return {"reason": reason}


def _facts_done(_session: Session, _back: Back, _shop: ConnectedShop, told: Told) -> list[str]:
    return [t("Queda escrito: «{reason}»", reason=told["reason"]), t("Nosotros no devolvemos nada más por ella.")]


def _done(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    return_desk.settled_by_hand(session, world(), shop, back.case.number, reason=told["reason"], actor=actor())
    return True


def _read_off(_back: Back) -> Told:
    instead = request.form.get("instead", "")
    if instead not in call_off.INSTEAD:
        raise Wrong(t(WRONG["instead"]))
    return {"instead": instead, "reason": forms.line("reason", LONGEST)}


def _facts_off(session: Session, back: Back, shop: ConnectedShop, told: Told) -> list[str]:
    answer = call_off.offered(session, shop, back.it.order, back.case, staff=True).get(Resolution(told["instead"]))
    if answer is None:
        raise Wrong(t(WRONG["no_off"]))
    first = f"{t(words.RESOLUTIONS[told['instead']])}: {back.it.money(answer.sums.credit)}"
    made = call_off.standing_of(session, back.case)[1] == call_off.MADE
    leaves = t("La tienda cancela antes el pedido del cambio; si ya ha salido, se queda como está.")
    return [first, *([leaves] if made else []), t("La persona recibe un correo.")]


def _off(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    try:
        call_off.call_off(session, world(), shop, back.case.number, instead=told["instead"], reason=told["reason"], actor=actor(), staff=True)
    except ValueError as error:  # it was made, sent or called off in another way since it was shown
        raise Changed from error
    return True


def _exchanged(case: ReturnCase) -> bool:
    return case.resolution == Resolution.EXCHANGE and case.state in call_off.STATES


def _owed(case: ReturnCase) -> bool:
    return case.state in ("approved", "received", "closed") and case.settled_at is None and bool(case.resolution)


def _settled(case: ReturnCase, _told: Told) -> bool:
    return case.settled_at is not None


MONEY = Right.REFUNDS_MAKE
ACTS: dict[str, Act] = {
    "pay": Act(MONEY, _("Resolver y pagar"), _("¿Pagar esta devolución?"), _owed, _read_pay, _facts_pay, _pay, _settled),
    "done": Act(MONEY, _("Ya está hecho"), _("¿Marcarla como resuelta?"), _owed, _read_done, _facts_done, _done, _settled),
    "off": Act(
        MONEY, _("Anular el cambio"), _("¿Anular el cambio?"), _exchanged, _read_off, _facts_off, _off,
        lambda case, told: case.resolution == told["instead"], lambda _back: {"ends": {code: words.RESOLUTIONS[code] for code in call_off.INSTEAD}},
    ),
}  # fmt: skip
