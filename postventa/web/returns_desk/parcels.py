"""A return that does not fit into one box: its labels as staff see them, and one more of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from connectors.tracking import describe
from jobs import label_more
from postventa.accounts.roles import Right
from postventa.locale import formats
from postventa.models import LabelRow, LabelTracking, ReturnCase
from postventa.shops import ConnectedShop
from postventa.web.orders import forms
from postventa.web.orders.page import actor
from postventa.web.portal.page import _
from postventa.web.returns_desk.act import LONGEST, WRONG, Act, Changed, Told, Wrong
from postventa.web.returns_desk.page import Back
from postventa.web.staff.page import language, t

STATES = {
    "made": ("off", _("Hecha")),
    "mailed": ("off", _("Enviada por correo")),
    "scanned": ("ok", _("Usada")),
    "expired": ("warn", _("Caducada, y el transportista se la queda")),
}
"""State of a label that holds -> how serious, its name."""


@dataclass(frozen=True)
class Shown:
    """One label, with what it cost and when its carrier saw it first and last."""

    row: LabelRow
    cost: str
    left: str
    arrived: str


def shown(session: Session, back: Back) -> list[Shown]:
    """Those that hold, one for each parcel."""
    rows = label_more.living(session, back.case)
    asked = session.scalars(select(LabelTracking).where(LabelTracking.label_id.in_([row.id for row in rows]))).all()
    ways = {way.label_id: way for way in asked}
    return [_shown(back, row, ways.get(row.id)) for row in rows]


def _shown(back: Back, row: LabelRow, way: LabelTracking | None) -> Shown:
    left, arrived = (way.scanned_at, way.delivered_at) if way is not None else (None, None)
    return Shown(row, _cost(row), back.it.when(left) if left is not None else "", back.it.when(arrived) if arrived is not None else "")


def _cost(row: LabelRow) -> str:
    """Empty: nothing, or its carrier does not say."""
    return formats.money(row.cost, row.currency, language()) if row.cost else ""


def _possible(case: ReturnCase) -> bool:
    session = object_session(case)
    return session is not None and label_more.possible(session, case)


def _read(back: Back) -> Told:
    session = object_session(back.case)
    if session is None or not label_more.possible(session, back.case):
        raise Wrong(t(WRONG["same"]))
    return {"known": label_more.asked_for(session, back.case), "reason": forms.clean(request.form.get("reason", ""))[:LONGEST]}


def _facts(session: Session, back: Back, shop: ConnectedShop, _told: Told) -> list[str]:
    held, carrier = label_more.living(session, back.case), shop.settings.carrier
    paid = next((_cost(row) for row in reversed(held) if row.cost and row.carrier == carrier), "")
    facts = [t("Será la etiqueta del paquete {count}. Las anteriores siguen valiendo.", count=len(held) + 1)]
    if carrier != "own":
        facts.append(t("Se compra a {carrier} y se paga aparte.", carrier=describe(carrier, "")[0]))
    if paid:
        facts.append(t("La última costó {amount}.", amount=paid))
    return [*facts, t("La persona la recibe por correo y la ve en la página de su devolución.")]


def _do(session: Session, back: Back, shop: ConnectedShop, told: Told) -> bool:
    if _done(back.case, told):
        return True
    try:
        label_more.ask(session, shop, back.it.order, back.case, known=int(told["known"]), actor=actor(), reason=str(told["reason"]))
    except ValueError:
        raise Changed from None
    return True


def _done(case: ReturnCase, told: Told) -> bool:
    session = object_session(case)
    return session is not None and label_more.asked_for(session, case) > int(told["known"])


ACTS: dict[str, Act] = {
    "parcel": Act(Right.RETURNS_DECIDE, _("Otra etiqueta"), _("¿Hacer otra etiqueta?"), _possible, _read, _facts, _do, _done),
}
