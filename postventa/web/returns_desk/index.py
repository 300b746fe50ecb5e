"""/returns-desk: the returns of every shop, by what is to be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.accounts.roles import Right, may
from postventa.clock import now
from postventa.models import Order, ReturnCase, Shop
from postventa.models.db import reading
from postventa.returns import desk
from postventa.web.orders.page import Found, me
from postventa.web.portal.page import services
from postventa.web.returns_desk import words
from postventa.web.returns_desk.page import render
from postventa.web.staff.guard import require


@dataclass(frozen=True)
class Line:
    """One return in the list."""

    case: ReturnCase
    it: Found
    late: bool

    @property
    def amount(self) -> str:
        """What it comes to, as the customer was told; empty: nothing was."""
        told = self.case.quoted.get("refund")
        return self.it.money(Decimal(str(told))) if told else ""


@require(Right.ORDERS_READ)
def show() -> Response:
    """What waits for whoever looks comes first: for the warehouse that is what arrived."""
    what = request.args.get("show", "")
    if what not in words.LISTS:
        what = desk.DECIDE if may(me().account.role, Right.RETURNS_DECIDE) else desk.WAY
    shop, before = _number("shop"), _number("before")
    with reading(services().engine) as session:
        shops = session.scalars(select(Shop).order_by(Shop.name, Shop.id)).all()
        found = desk.page(session, what, shop, before)
        lines, counts = _lines(session, found.cases), desk.counts(session, shop)
    known: dict[str, Any] = {"lines": lines, "counts": counts, "shops": shops, "lists": words.LISTS, "resolutions": words.RESOLUTIONS}
    return render("index.html", **known, what=what, shop=shop, before=found.before, first=not before)


def _number(name: str) -> int:
    typed = request.args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0


def _lines(session: Session, cases: Sequence[ReturnCase]) -> list[Line]:
    orders = {order.id: order for order in session.scalars(select(Order).where(Order.id.in_([case.order_id for case in cases])))}
    shops = {row.id: row for row in session.scalars(select(Shop).where(Shop.id.in_({case.shop_id for case in cases})))}
    return [Line(case, Found(orders[case.order_id], shops[case.shop_id], None), desk.is_late(case, now())) for case in cases]
