"""/orders: every order of every shop, the newest first, and the search for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.wrappers import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from postventa.accounts.roles import Right
from postventa.models import Order, Parcel, ReturnCase, Shop
from postventa.models.db import reading
from postventa.orders.search import LONGEST, search
from postventa.orders.stage import stage
from postventa.web.orders import forms
from postventa.web.orders.page import Found, render
from postventa.web.portal.page import services
from postventa.web.staff.guard import require


@dataclass(frozen=True)
class Line:
    """One order in the list."""

    it: Found
    stage: str


@require(Right.ORDERS_READ)
def show() -> Response:
    """What was typed is looked for as a number, an address, a name, a tracking number and the number of a return."""
    typed, before = forms.clean(request.args.get("q", ""))[:LONGEST], request.args.get("before", "")
    with reading(services().engine) as session:
        found = search(session, typed, int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0)
        lines, several = _lines(session, found.orders), len(session.scalars(select(Shop.id).limit(2)).all()) > 1
    return render("index.html", lines=lines, typed=typed, before=found.before, several=several, first=not before)


def _lines(session: Session, orders: Sequence[Order]) -> list[Line]:
    ids = [order.id for order in orders]
    shops = {row.id: row for row in session.scalars(select(Shop).where(Shop.id.in_({order.shop_id for order in orders})))}
    parcels = _by_order(session.scalars(select(Parcel).where(Parcel.order_id.in_(ids))))
    cases = _by_order(session.scalars(select(ReturnCase).where(ReturnCase.order_id.in_(ids))))
    return [Line(Found(order, shops[order.shop_id], None), stage(order, parcels[order.id], cases[order.id])) for order in orders]


def _by_order(rows: Iterable[Parcel] | Iterable[ReturnCase]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found
