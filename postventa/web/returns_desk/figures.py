"""/returns-desk/figures: how long customers wait for their money, and what comes back, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.wrappers import Response
from sqlalchemy import select

from postventa import shops as directory
from postventa.accounts.roles import Right
from postventa.locale import formats
from postventa.models import Shop
from postventa.models.db import reading
from postventa.returns.figures import SPAN, Counted, returned, time_to_money
from postventa.returns.policy import Policy
from postventa.returns.policy.store import in_force
from postventa.returns.spoken import reason_word
from postventa.web.portal.page import services
from postventa.web.returns_desk.page import render
from postventa.web.staff.guard import require
from postventa.web.staff.page import language, t


@dataclass(frozen=True)
class Bar:
    """A row of a picture; `width`: of 100."""

    name: str
    count: int
    width: int


@require(Right.ORDERS_READ)
def show() -> Response:
    """Of one shop; without its number, of the first."""
    typed = request.args.get("shop", "")
    with reading(services().engine) as session:
        rows = session.scalars(select(Shop).order_by(Shop.name, Shop.id)).all()
        row = next((row for row in rows if str(row.id) == typed), next(iter(rows), None))
        if row is None:
            return render("figures.html", row=None, rows=rows, money=None)
        shop = directory.connected(row, services().settings, services().secret)
        policy = in_force(session, shop).policy if shop is not None else Policy()
        money, found = time_to_money(session, row.id), returned(session, row.id)
    reasons = [Counted(reason_word(policy, language(), one.name) or t("Sin motivo"), one.count) for one in found.reasons]
    known: dict[str, Any] = {"row": row, "rows": rows, "money": money, "days": SPAN.days, "cases": found.cases}
    if money is not None:
        known |= {"opened": _days(money.from_opening), "arrived": _days(money.from_arrival)}
    return render("figures.html", **known, reasons=_bars(reasons), products=_bars(found.products))


def _days(hours: float) -> str:
    return formats.tenths(hours / 24, language())


def _bars(counted: Sequence[Counted]) -> list[Bar]:
    most = max((one.count for one in counted), default=1)
    return [Bar(one.name, one.count, max(round(100 * one.count / most), 1)) for one in counted]
