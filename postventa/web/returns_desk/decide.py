"""What whoever answers customers decides of a return: yes, yes to a part, no, another way, never mind."""

from __future__ import annotations

from decimal import Decimal

from flask import request
from sqlalchemy.orm import Session

from jobs import customer_return, return_desk
from postventa.accounts.roles import Right
from postventa.models import ReturnCase
from postventa.returns.policy.law import Exemption
from postventa.returns.spoken import METHODS
from postventa.returns.wish import Resolution
from postventa.shops import ConnectedShop
from postventa.web.orders import forms
from postventa.web.orders.page import actor
from postventa.web.portal.page import _
from postventa.web.returns_desk import words
from postventa.web.returns_desk.act import LONGEST, MAIL, WRONG, Act, Changed, Told, Wrong
from postventa.web.returns_desk.page import Back, world
from postventa.web.staff.page import t


def _asked(back: Back) -> list[tuple[str, str, int]]:
    """(line, title, pieces) of what was asked for."""
    wished = [(str(one["ref"]), int(one["quantity"])) for one in back.case.wish.get("lines", [])]
    return [(ref, back.title(ref), count) for ref, count in wished]


def _read_approve(back: Back) -> Told:
    try:
        wanted = {ref: forms.count(f"line-{ref}") for ref, _title, _count in _asked(back)}
    except forms.Unreadable:
        raise Wrong(t(WRONG["pieces"])) from None
    pairs = [[ref, count] for ref, count in wanted.items() if count]
    if any(wanted[ref] > count for ref, _title, count in _asked(back)) or (wanted and not pairs):
        raise Wrong(t(WRONG["pieces"]))
    whole = all(wanted[ref] == count for ref, _title, count in _asked(back))
    ground = _ground()
    if not whole and not ground and return_desk.needs_ground(back.case, list(wanted.items())):
        raise Wrong(t(WRONG["law"]))
    return {"lines": [] if whole else pairs, "ground": "" if whole else ground}


def _ground() -> str:
    """The law's exception that was chosen; empty: none."""
    ground = request.form.get("ground", "")
    return ground if ground in list(Exemption) else ""


def _sum_of(session: Session, back: Back, shop: ConnectedShop, told: Told) -> Decimal:
    if not told["lines"]:
        return back.sum("refund")
    return return_desk.part_of(session, shop, back.it.order, back.case, _pairs(told)).sums.refund


def _pairs(told: Told) -> list[tuple[str, int]]:
    return [(str(ref), int(count)) for ref, count in told["lines"]]


def _facts_approve(session: Session, back: Back, shop: ConnectedShop, told: Told) -> list[str]:
    amount = _sum_of(session, back, shop, told)
    told["shown"] = f"{amount:f}"
    pieces = _pairs(told) or list(back.pieces)
    facts = [f"{count} × {back.title(ref)}" for ref, count in pieces]
    if back.case.resolution:
        facts.append(f"{t(words.RESOLUTIONS[back.case.resolution])}: {back.it.money(amount)}")
    return [*facts, *_exempt(told), t(MAIL)]


def _exempt(told: Told) -> list[str]:
    return [f"{t(words.ACTIONS['exemption'])}: {t(words.EXEMPTIONS[told['ground']])}"] if told["ground"] else []


def _approve(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    if f"{_sum_of(session, back, shop, told):f}" != told["shown"]:
        raise Changed
    ground = Exemption(told["ground"]) if told["ground"] else None
    return_desk.approve(session, world(), shop, back.case.number, actor=actor(), lines=_pairs(told), ground=ground)
    return True


def _read_decline(back: Back) -> Told:
    reason, ground = forms.clean(request.form.get("reason", ""))[:LONGEST], _ground()
    if not reason:
        raise Wrong(t(WRONG["reason"]))
    if not ground and by_right(back.case):
        raise Wrong(t(WRONG["law"]))
    return {"reason": reason, "ground": ground}


def by_right(case: ReturnCase) -> bool:
    """Whether the customer may withdraw from any of it."""
    return any(line.get("withdrawal") for line in case.decision)


def _facts_decline(_session: Session, _back: Back, _shop: ConnectedShop, told: Told) -> list[str]:
    return [*_exempt(told), t("La persona leerá: «{reason}»", reason=told["reason"])]


def _decline(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    ground = Exemption(told["ground"]) if told["ground"] else None
    return_desk.decline(session, world(), shop, back.case.number, reason=told["reason"], ground=ground, actor=actor())
    return True


def _read_cancel(_back: Back) -> Told:
    return {"reason": forms.line("reason", LONGEST)}


def _facts_cancel(_session: Session, _back: Back, _shop: ConnectedShop, _told: Told) -> list[str]:
    return [t("Su etiqueta deja de valer y no se devuelve nada."), t("La persona recibe un correo.")]


def _cancel(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    customer_return.cancel(session, world(), shop, back.case.number, reason=told["reason"], actor=actor())
    return True


def _read_change(back: Back) -> Told:
    resolution, method = request.form.get("resolution", ""), request.form.get("method", "")
    told = {
        "resolution": resolution if resolution in list(Resolution) else back.case.resolution,
        "method": method if method in list(METHODS) else back.case.method,
    }
    if told == {"resolution": back.case.resolution, "method": back.case.method}:
        raise Wrong(t(WRONG["same"]))
    return told


def _facts_change(_session: Session, back: Back, _shop: ConnectedShop, told: Told) -> list[str]:
    return [
        f"{t(words.CONDITIONS['resolution'])}: {t(words.RESOLUTIONS[told['resolution']])}",
        f"{t(words.ACTIONS['methods'])}: {words.method(told['method'])}",
        t("La suma se calcula otra vez con las reglas."),
    ]


def _change(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    customer_return.change(session, world(), shop, back.case.number, resolution=told["resolution"], method=told["method"], actor=actor())
    return True


def _with_customer(case: ReturnCase) -> bool:
    begun = case.scanned_at is not None or bool(case.arrivals) or case.settled_at is not None
    return case.state in customer_return.OPEN and not begun


DECIDE = Right.RETURNS_DECIDE
ACTS: dict[str, Act] = {
    "approve": Act(
        DECIDE, _("Aceptar"), _("¿Aceptar la devolución?"), lambda case: case.state == "requested", _read_approve, _facts_approve, _approve,
        lambda case, told: case.state in ("approved", "received", "closed") and case.accepted == told["lines"],
        lambda back: {"asked": _asked(back), "by_right": by_right(back.case)},
    ),
    "decline": Act(
        DECIDE, _("Rechazar"), _("¿Rechazar la devolución?"), lambda case: case.state == "requested", _read_decline, _facts_decline, _decline,
        lambda case, _told: case.state == "declined", lambda back: {"by_right": by_right(back.case)},
    ),
    "change": Act(
        DECIDE, _("Cambiar"), _("¿Cambiar la devolución?"), lambda case: _with_customer(case) and bool(case.resolution), _read_change, _facts_change,
        _change, lambda case, told: (case.resolution, case.method) == (told["resolution"], told["method"]), lambda _back: {"ways": METHODS},
    ),
    "cancel": Act(
        DECIDE, _("Anular"), _("¿Anular la devolución?"), _with_customer, _read_cancel, _facts_cancel, _cancel,
        lambda case, _told: case.state == "cancelled",
    ),
}  # fmt: skip
